// SPDX-License-Identifier: Apache-2.0
#include "api/query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include "base/number.hpp"

namespace sigilo::api {
namespace {

constexpr std::array<std::string_view, 7> known_parameters{"line", "party", "since", "until",
                                                           "kind", "limit", "open"};

/// Value of a parameter; nullopt where absent. Errors: invalid_input (too long).
Result<std::optional<std::string>> parameter(const net::Request& request, std::string_view name) {
  auto value = request.query(name);
  if (value && value->size() > max_parameter) {
    return fail(ErrorCode::invalid_input,
                fmt::format("'{}' is longer than {} bytes", name, max_parameter), "shorten it");
  }
  return value;
}

Result<std::uint64_t> whole_number(std::string_view text, std::string_view name) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > 9'007'199'254'740'991) {
    return fail(ErrorCode::invalid_input,
                fmt::format("{} '{}' is not a number", name, text.substr(0, 40)),
                "write it in decimal digits");
  }
  return value;
}

Result<> set_time(std::optional<Timestamp>& time, const net::Request& request,
                  std::string_view name) {
  SIGILO_TRY(const auto text, parameter(request, name));
  if (!text) return {};
  SIGILO_TRY(time, parse_rfc3339(*text));
  return {};
}

Result<> set_line(vault::MessageFilter& filter, const net::Request& request) {
  SIGILO_TRY(const auto text, parameter(request, "line"));
  if (!text) return {};
  const auto number = normalise_number(*text);
  if (!number)
    return fail(ErrorCode::invalid_input, fmt::format("'{}' is not a telephone number", *text),
                "write it as +5491150000001");
  filter.line = *number;
  return {};
}

/// A number in any spelling, or a user id as the provider writes it ("AR.…").
Result<> set_party(vault::MessageFilter& filter, const net::Request& request) {
  SIGILO_TRY(const auto text, parameter(request, "party"));
  if (!text) return {};
  const auto number = normalise_number(*text);
  filter.party = number ? number->value() : *text;
  return {};
}

Result<> set_kind(vault::MessageFilter& filter, const net::Request& request) {
  SIGILO_TRY(const auto text, parameter(request, "kind"));
  if (!text) return {};
  const auto kind = parse_record_kind(*text);
  if (kind != RecordKind::message && kind != RecordKind::status && kind != RecordKind::unrecognised)
    return fail(ErrorCode::invalid_input, fmt::format("there is no kind '{}' to list", *text),
                "write message, status or unrecognised");
  filter.kind = *kind;
  return {};
}

Result<> set_limit(vault::MessageFilter& filter, const net::Request& request) {
  SIGILO_TRY(const auto text, parameter(request, "limit"));
  if (!text) return {};
  SIGILO_TRY(const auto limit, whole_number(*text, "limit"));
  if (limit == 0 || limit > vault::max_rows)
    return fail(ErrorCode::invalid_input, fmt::format("limit {} is out of range", limit),
                fmt::format("write 1 to {}", vault::max_rows));
  filter.limit = limit;
  return {};
}

}  // namespace

Result<vault::MessageFilter> message_filter(const net::Request& request) {
  vault::MessageFilter filter;
  SIGILO_TRY_DO(set_line(filter, request));
  SIGILO_TRY_DO(set_party(filter, request));
  SIGILO_TRY_DO(set_time(filter.since, request, "since"));
  SIGILO_TRY_DO(set_time(filter.until, request, "until"));
  SIGILO_TRY_DO(set_kind(filter, request));
  SIGILO_TRY_DO(set_limit(filter, request));
  return filter;
}

json::Object filter_json(const net::Request& request) {
  json::Object filter;
  for (const auto name : known_parameters) {
    if (auto value = request.query(name)) filter[name] = *value;
  }
  return filter;
}

Result<evidence::VerifyOptions> verify_options(const net::Request& request) {
  evidence::VerifyOptions options;
  SIGILO_TRY(const auto given, parameter(request, "depth"));
  const std::string depth = given.value_or("full");
  if (depth != "tree" && depth != "full") {
    return fail(ErrorCode::invalid_input, fmt::format("there is no depth '{}'", depth),
                "write tree or full");
  }
  options.depth = depth == "tree" ? evidence::Depth::tree : evidence::Depth::full;
  SIGILO_TRY(options.fingerprint, parameter(request, "fingerprint"));
  return options;
}

Result<Seq> seq_of(std::string_view text) {
  SIGILO_TRY(const auto number, whole_number(text, "record number"));
  return Seq(number);
}

}  // namespace sigilo::api
