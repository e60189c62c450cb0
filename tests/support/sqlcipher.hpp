// SPDX-License-Identifier: Apache-2.0
// The stock `sqlcipher` program as a second opinion on vault.db, and as the attacker who holds the
// key.
#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <sys/wait.h>

namespace sigilo::test {

struct ProgramOutput {
  int code = 0;
  std::string output;
};

/// Runs a shell command; standard error joins the output.
inline ProgramOutput run_shell(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run a shell");
  ProgramOutput result;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
    result.output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return result;
}

/// What must stand before any SQL on a test vault (key: vault_key_hex of support/vault.hpp).
inline std::string key_lines() {
  return "PRAGMA key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";\n"
         "PRAGMA cipher_page_size = 8192;\nPRAGMA cipher_hmac_algorithm = HMAC_SHA256;\n";
}

/// Runs SQL on a file with the stock program; it stops at the first error.
inline ProgramOutput sqlcipher(const std::filesystem::path& file, const std::string& sql) {
  const auto script = file.parent_path() / "script.sql";
  std::ofstream(script) << sql;
  auto result =
      run_shell(fmt::format("sqlcipher -bail '{}' < '{}'", file.string(), script.string()));
  std::filesystem::remove(script);
  return result;
}

}  // namespace sigilo::test
