// SPDX-License-Identifier: Apache-2.0
// What every command needs: the configuration, the daemon, and how to speak.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/exit.hpp"
#include "config/config.hpp"
#include "crypto/secret.hpp"
#include "json/value.hpp"
#include "net/http.hpp"

namespace sigilo::cli {

struct Context {
  std::string config_file = "/etc/sigilo/sigilo.toml";
  bool json = false;

  /// The valid configuration, or nullopt after every problem was printed (then the exit code is
  /// exit_config).
  [[nodiscard]] std::optional<config::Config> config() const;
};

/// Prints "sigilo: what; remedy" to stderr and gives the exit code that fits the error.
Exit complain(const Error& error);

/// One request to the daemon; its answer as JSON. An error answer of the daemon becomes an Error.
/// Errors: unavailable (nobody listens), permission, not_found, invalid_input and the daemon's own.
Result<json::Value> ask_daemon(const config::Config& config, const std::string& method,
                               const std::string& target);

/// Reads the vault's key as the configuration names it (for commands that work without the daemon).
Result<crypto::SecretBytes> read_vault_key(const config::Config& config);

/// $CREDENTIALS_DIRECTORY, or "".
std::string credentials_directory();

/// "2026-11-24 15:04:11" in the firm's zone, of an RFC 3339 text; "" for anything else.
std::string local_time(const json::Value& time, const config::Config& config);

/// One line on stdout.
void print_line(const std::string& line);
/// One JSON value on one line of stdout.
void print_json(const json::Value& value);

}  // namespace sigilo::cli
