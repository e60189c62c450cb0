// SPDX-License-Identifier: Apache-2.0
#include "cli/context.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "api/safe_json.hpp"
#include "config/secret.hpp"
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
    case 409:
      return ErrorCode::refused;
    case 503:
      return ErrorCode::timeout;
    default:
      return ErrorCode::io;
  }
}

/// The answer's body, checked to be what this command can show.
Result<json::Value> ask(const config::Config& config, const net::Request& request,
                        boost::json::kind wanted) {
  SIGILO_TRY(const auto response,
             net::request_over_unix(config.api.socket.string(), request, daemon_timeout));
  if (response.status != 200) return tl::unexpected(error_of(response));
  auto value = json::parse(response.body);
  if (!value || value->kind() != wanted)
    return fail(
        ErrorCode::io,
        fmt::format("{} answered something else than sigilod would", config.api.socket.string()),
        "see what listens there; sigilo and sigilod must be of one version");
  return std::move(*value);
}

}  // namespace

std::optional<config::Config> Context::config() const {
  auto loaded = config::load(config_file);
  print_problems(loaded.problems);
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

Result<json::Object> ask_for_object(const config::Config& config, const net::Request& request) {
  SIGILO_TRY(auto value, ask(config, request, boost::json::kind::object));
  return std::move(value.get_object());
}

Result<json::Array> ask_for_list(const config::Config& config, const net::Request& request) {
  SIGILO_TRY(auto value, ask(config, request, boost::json::kind::array));
  return std::move(value.get_array());
}

net::Request request_for(std::string method, std::string path, const Query& query) {
  net::Request request{std::move(method), std::move(path), {}, {}};
  char separator = '?';
  for (const auto& [name, value] : query) {
    request.target += fmt::format("{}{}={}", separator, name, net::percent_encode(value));
    separator = '&';
  }
  return request;
}

Result<crypto::SecretBytes> read_vault_key(const config::Config& config) {
  SIGILO_TRY(const auto hex, config::read_secret(config.vault.key));
  return vault::parse_vault_key(hex.view());
}

std::string local_time(const json::Value& time, const config::Config& config) {
  if (!time.is_string()) return {};
  const auto parsed = parse_rfc3339(std::string_view(time.get_string()));
  return parsed ? text::table_local_time(*parsed, config.firm.timezone) : std::string();
}

void print_problems(const std::vector<config::Problem>& problems) {
  for (const auto& problem : problems)
    fmt::print(stderr, "{}\n", text::for_terminal(problem.message()));
}

void print_warnings(const std::vector<std::string>& warnings) {
  for (const auto& warning : warnings)
    fmt::print(stderr, "warning: {}\n", text::for_terminal(warning));
}

json::Array problems_json(const std::vector<config::Problem>& problems) {
  json::Array array;
  for (const auto& problem : problems) {
    array.push_back(json::Object{{"file", problem.file},
                                 {"line", problem.line},
                                 {"what", problem.what},
                                 {"remedy", problem.remedy}});
  }
  return array;
}

void print_line(std::string_view line) {
  fmt::print("{}\n", text::for_terminal(line));
}

void print_text(std::string_view text) {
  fmt::print("{}{}", text, text.ends_with('\n') ? "" : "\n");
}

void print_json(json::Value value) {
  fmt::print("{}\n", api::safe_json(std::move(value)));
}

void print_json_lines(json::Array values) {
  for (auto& value : values) print_json(std::move(value));
}

}  // namespace sigilo::cli
