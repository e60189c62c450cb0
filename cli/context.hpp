// SPDX-License-Identifier: Apache-2.0
// What every command needs: the configuration, the daemon, and how to speak.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// One request to the daemon, whose answer is one object or a list. An error answer of the daemon
/// becomes an Error. Errors: unavailable (nobody listens), permission, not_found, invalid_input and
/// the daemon's own.
Result<json::Object> ask_for_object(const config::Config& config, const net::Request& request);
Result<json::Array> ask_for_list(const config::Config& config, const net::Request& request);

/// What an answer other than 200 says.
Error error_of(const net::Response& response);

/// Parameters as the user gave them, also empty ones: the API says what is wrong with them.
using Query = std::vector<std::pair<std::string, std::string>>;
net::Request request_for(std::string method, std::string path, const Query& query = {});

/// Reads the vault's key as the configuration names it (for commands that work without the daemon).
Result<crypto::SecretBytes> read_vault_key(const config::Config& config);

/// "2026-11-24 15:04:11" in the firm's zone, of an RFC 3339 text; "" for anything else.
std::string local_time(const json::Value& time, const config::Config& config);

/// On stderr: every problem as FILE:LINE, every warning.
void print_problems(const std::vector<config::Problem>& problems);
void print_warnings(const std::vector<std::string>& warnings);
json::Array problems_json(const std::vector<config::Problem>& problems);

/// One line on stdout; what may come from outside is made harmless.
void print_line(std::string_view line);
/// Several lines on stdout that are harmless already; ends the last one where it does not end.
void print_text(std::string_view text);
/// One JSON value on one line of stdout; list: one line for each element.
void print_json(json::Value value);
void print_json_lines(json::Array values);

}  // namespace sigilo::cli
