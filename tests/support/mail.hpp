// SPDX-License-Identifier: Apache-2.0
// Helpers for tests that send or read mail: a relay on loopback, its certificate, and an
// independent reader.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/json/parse.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json/value.hpp"

namespace sigilo::test {

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

/// A directory of its own under the system's temporary one, removed at the end.
class MailDirectory {
 public:
  MailDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "sigilo-mail-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~MailDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  MailDirectory(const MailDirectory&) = delete;
  MailDirectory& operator=(const MailDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Starts a program; what it prints goes to the file `output`.
inline pid_t start_program(const std::vector<std::string>& words,
                           const std::filesystem::path& output) {
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + words[0]);
  return pid;
}

/// A self-signed certificate for `name`, by the openssl command.
struct RelayCertificate {
  explicit RelayCertificate(const std::filesystem::path& directory, const std::string& name)
      : certificate(directory / (name + ".pem")), key(directory / (name + ".key")) {
    const auto pid = start_program(
        {"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=" + name, "-addext",
         "subjectAltName=DNS:" + name, "-keyout", key.string(), "-out", certificate.string()},
        directory / "openssl.log");
    int status = 0;
    waitpid(pid, &status, 0);
    if (!std::filesystem::exists(certificate))
      throw std::runtime_error("openssl made no certificate");
  }
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// support/smtp_server.py, running; stopped at the end.
class SmtpServer {
 public:
  explicit SmtpServer(std::vector<std::string> behaviour = {}, int port = 0) {
    std::vector<std::string> words{
        "/usr/bin/python3", SIGILO_SOURCE_DIR "/tests/support/smtp_server.py",
        "--directory",      directory_.path().string(),
        "--port",           std::to_string(port)};
    words.insert(words.end(), behaviour.begin(), behaviour.end());
    pid_ = start_program(words, directory_.path() / "output.log");
    const auto file = directory_.path() / "port";
    for (int i = 0; i < 3000 && !std::filesystem::exists(file); ++i) {
      if (waitpid(pid_, nullptr, WNOHANG) != 0)
        throw std::runtime_error("the test relay did not start");
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    port_ = static_cast<std::uint16_t>(std::stoi(read_whole(file)));
  }
  ~SmtpServer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// The messages that were kept, in order.
  [[nodiscard]] std::vector<std::string> mails() const { return kept(".eml"); }
  [[nodiscard]] std::vector<json::Object> envelopes() const {
    std::vector<json::Object> result;
    for (const auto& text : kept(".json")) result.push_back(boost::json::parse(text).as_object());
    return result;
  }
  /// How often the relay saw a command ("CONNECT" for connections).
  [[nodiscard]] int count(const std::string& command) const {
    std::istringstream log(read_whole(directory_.path() / "commands.log"));
    int result = 0;
    for (std::string line; std::getline(log, line);) result += line.starts_with(command) ? 1 : 0;
    return result;
  }

 private:
  [[nodiscard]] std::vector<std::string> kept(const std::string& extension) const {
    std::vector<std::string> result;
    for (int number = 1;; ++number) {
      auto name = std::to_string(number);
      name.insert(0, 4 - name.size(), '0');
      const auto path = directory_.path() / (name + extension);
      if (!std::filesystem::exists(path)) return result;
      result.push_back(read_whole(path));
    }
  }

  MailDirectory directory_;
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

/// What Python's email and html libraries find in a message; see support/read_mail.py for the
/// members.
inline json::Object read_mail(const std::string& bytes) {
  const MailDirectory directory;
  const auto mail = directory.path() / "mail";
  const auto answer = directory.path() / "answer";
  std::ofstream(mail, std::ios::binary) << bytes;
  const std::string command = "/usr/bin/python3 '" SIGILO_SOURCE_DIR
                              "/tests/support/read_mail.py' < '" +
                              mail.string() + "' > '" + answer.string() + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("Python cannot read the mail");
  return boost::json::parse(read_whole(answer)).as_object();
}

}  // namespace sigilo::test
