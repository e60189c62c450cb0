// SPDX-License-Identifier: Apache-2.0
#include "cli/context.hpp"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "crypto/secret_file.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "net/http_client.hpp"
#include "text/dates.hpp"
#include "text/terminal.hpp"
#include "vault/vault.hpp"

namespace sigilo::cli {
namespace {

/// Verification of a large vault takes its time; everything else answers at once.
constexpr std::chrono::hours daemon_timeout{12};

ErrorCode code_of(int status) {
  switch (status) {
    case 400:
      return ErrorCode::invalid_input;
    case 403:
      return ErrorCode::permission;
    case 404:
      return ErrorCode::not_found;
    case 503:
      return ErrorCode::timeout;
    default:
      return ErrorCode::io;
  }
}

Error error_of(const net::Response& response) {
  Error error{code_of(response.status), fmt::format("the daemon answered {}", response.status), ""};
  const auto body = json::parse(response.body);
  if (!body || !body->is_object()) return error;
  if (const auto* details = json::object_at(body->get_object(), "error")) {
    error.what = json::text_at(*details, "what").value_or(error.what);
    error.remedy = json::text_at(*details, "remedy").value_or("");
  }
  return error;
}

}  // namespace

std::optional<config::Config> Context::config() const {
  auto loaded = config::load(config_file);
  for (const auto& problem : loaded.problems)
    fmt::print(stderr, "{}\n", text::for_terminal(problem.message()));
  return std::move(loaded.config);
}

Exit complain(const Error& error) {
  fmt::print(stderr, "sigilo: {}\n", text::for_terminal(error.message()));
  switch (error.code) {
    case ErrorCode::config:
      return exit_config;
    case ErrorCode::unavailable:
      return exit_unreachable;
    case ErrorCode::permission:
      return exit_not_allowed;
    case ErrorCode::not_found:
      return exit_not_found;
    case ErrorCode::invalid_input:
      return exit_usage;
    default:
      return exit_problem;
  }
}

Result<json::Value> ask_daemon(const config::Config& config, const std::string& method,
                               const std::string& target) {
  net::Request request;
  request.method = method;
  request.target = target;
  SIGILO_TRY(const auto response,
             net::request_over_unix(config.api.socket.string(), request, daemon_timeout));
  if (response.status != 200) return tl::unexpected(error_of(response));
  return json::parse(response.body);
}

std::string credentials_directory() {
  const char* directory =
      std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): no threads here
  return directory == nullptr ? std::string() : std::string(directory);
}

Result<crypto::SecretBytes> read_vault_key(const config::Config& config) {
  SIGILO_TRY(const auto path, config.vault.key.path(credentials_directory()));
  const auto mode = config.vault.key.kind == config::SecretRef::Kind::file
                        ? crypto::SecretMode::owner_only
                        : crypto::SecretMode::any;
  SIGILO_TRY(const auto hex, crypto::read_secret_file(path, mode));
  return vault::parse_vault_key(hex.view());
}

std::string local_time(const json::Value& time, const config::Config& config) {
  if (!time.is_string()) return {};
  const auto parsed = parse_rfc3339(std::string_view(time.get_string()));
  return parsed ? text::table_local_time(*parsed, config.firm.timezone) : std::string();
}

void print_line(const std::string& line) {
  fmt::print("{}\n", line);
}
void print_json(const json::Value& value) {
  print_line(json::canonical(value));
}

}  // namespace sigilo::cli
