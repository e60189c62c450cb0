// SPDX-License-Identifier: Apache-2.0
// The provider's Graph API for tests: as a list of answers, and as the server graph_server.py.
#pragma once

#include <csignal>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graph/client.hpp"

namespace sigilo::test {

/// Gives the answers of a list, and keeps what was asked.
class FakeChannel final : public graph::Channel {
 public:
  net::WebResult<net::Response> exchange(const net::WebRequest& request, std::uint64_t max_body,
                                         const net::BodySink* sink) override {
    requests.push_back(request);
    if (answers.empty()) throw std::logic_error("the test gave no answer for " + request.url);
    auto answer = std::move(answers.front());
    answers.pop_front();
    if (!answer) return answer;
    if (sink != nullptr && answer->status / 100 == 2) {
      if (answer->body.size() > max_body) {
        return tl::unexpected<net::WebFailure>(net::WebFailure{
            net::WebFault::body_too_large, {ErrorCode::refused, "larger than allowed", ""}});
      }
      if (auto took = (*sink)(as_bytes(answer->body)); !took) {
        return tl::unexpected<net::WebFailure>(
            net::WebFailure{net::WebFault::sink, std::move(took).error()});
      }
      answer->body.clear();
    }
    return answer;
  }
  void interrupt() override { interrupted = true; }

  void will_answer(int status, std::string body, std::vector<net::Header> headers = {}) {
    net::Response response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    answers.emplace_back(std::move(response));
  }
  void will_fail(net::WebFault fault) {
    answers.emplace_back(tl::unexpected<net::WebFailure>(
        net::WebFailure{fault, {ErrorCode::unavailable, "as the test says", "look at the test"}}));
  }

  std::deque<net::WebResult<net::Response>> answers;
  std::vector<net::WebRequest> requests;
  bool interrupted = false;
};

/// support/graph_server.py, running; stopped at the end.
class GraphServer {
 public:
  explicit GraphServer(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"/usr/bin/python3",
                                   SIGILO_SOURCE_DIR "/tests/support/graph_server.py"};
    words.insert(words.end(), more.begin(), more.end());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) {
      ::dup2(ends[1], 1);
      std::vector<char*> argv;
      for (auto& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    std::string line;
    for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';) line += c;
    ::close(ends[0]);
    if (line.empty()) throw std::runtime_error("the test's Graph server did not start");
    port_ = static_cast<std::uint16_t>(std::stoi(line));
  }
  ~GraphServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  GraphServer(const GraphServer&) = delete;
  GraphServer& operator=(const GraphServer&) = delete;

  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  /// Orders at its control endpoint; answers the body.
  std::string control(std::string_view path, std::string_view order) const {
    const SystemClock clock;
    auto web = net::WebClient::make({}, clock).value();
    net::WebRequest request;
    request.url = url() + std::string(path);
    if (!order.empty()) request.method = "POST";
    request.body = order;
    const auto answer = web->exchange(request, std::uint64_t{1} << 20U);
    if (!answer || answer->status != 200) {
      throw std::runtime_error(answer ? answer->body : answer.error().error.message());
    }
    return answer->body;
  }
  void fault(std::string_view call, std::string_view kind, int times = 1) const {
    control("/_control", fmt::format(R"({{"fault":{{"call":"{}","kind":"{}","times":{}}}}})", call,
                                     kind, times));
  }
  [[nodiscard]] std::string log() const { return control("/_control/log", ""); }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace sigilo::test
