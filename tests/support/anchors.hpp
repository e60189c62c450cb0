// SPDX-License-Identifier: Apache-2.0
// Who remembers checkpoints outside: an authority by `openssl ts`, a witness that verifies for
// itself. Both are asked without a network.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "anchor/web.hpp"
#include "crypto/encoding.hpp"
#include "support/process.hpp"
#include "support/vault.hpp"

namespace sigilo::test {

inline Outcome must_run(const std::string& command) {
  auto done = run(command);
  if (done.status != 0) throw std::runtime_error(command + ": " + done.output);
  return done;
}

/// tests/support/tsa.py
class StampingAuthority {
 public:
  StampingAuthority() {
    must_run(fmt::format("{} make {} 2>&1", script, directory_.path().string()));
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return directory_ / name;
  }
  anchor::Exchange exchange() {
    return [this](const net::WebRequest& request, std::uint64_t) -> net::WebResult<net::Response> {
      requests.push_back(request);
      net::Response response;
      response.status = status;
      write_file(path("query"), request.body);
      must_run(fmt::format("{} reply {} {} < {} > {}", script, directory_.path().string(), options,
                           path("query").string(), path("answer").string()));
      response.body = read_file(path("answer"));
      return response;
    };
  }

  std::string options;
  int status = 200;
  std::vector<net::WebRequest> requests;

 private:
  static inline const std::string script =
      "/usr/bin/python3 " SIGILO_SOURCE_DIR "/tests/support/tsa.py";
  TemporaryDirectory directory_;
};

/// tests/support/witness_server.py, which knows the vault's first key.
class CosigningWitness {
 public:
  explicit CosigningWitness(const TestVault& vault) : clock_(vault.clock) {
    auto audit = vault.audit();
    must(audit.each_epoch([&](vault::RawEpoch&& row) {
      if (row.number == 0)
        log = fmt::format("sigilo/{}={}", audit.uuid(),
                          crypto::to_hex(as_bytes(row.public_key.value_or(""))));
      return true;
    }));
    ask("");
  }
  [[nodiscard]] std::string key() const { return read_file(directory_ / "vkey"); }
  anchor::Exchange exchange() {
    return [this](const net::WebRequest& request, std::uint64_t) -> net::WebResult<net::Response> {
      requests.push_back(request);
      const auto answer = ask(request.body);
      net::Response response;
      response.status = std::stoi(answer.substr(0, 3));
      const auto line = answer.find('\n');
      response.content_type = answer.substr(4, line - 4);
      response.body = answer.substr(line + 1);
      return response;
    };
  }

  std::string log;
  std::string options;
  std::vector<net::WebRequest> requests;

 private:
  std::string ask(const std::string& body) {
    write_file(directory_ / "body", body);
    return must_run(fmt::format("/usr/bin/python3 {}/tests/support/witness_server.py --once "
                                "--directory {} --time {} --log {} {} < {}",
                                SIGILO_SOURCE_DIR, directory_.path().string(),
                                clock_.now().seconds(), log, options,
                                (directory_ / "body").string()))
        .output;
  }

  const FakeClock& clock_;
  TemporaryDirectory directory_;
};

}  // namespace sigilo::test
