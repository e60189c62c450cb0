// SPDX-License-Identifier: Apache-2.0
#include "api/query.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/number.hpp"
#include "crypto/digest.hpp"
#include "text/dates.hpp"
#include "text/unicode.hpp"

namespace sigilo::api {
namespace {

/// RFC 7493 (I-JSON): larger numbers are not exact everywhere. A vault does not get there.
constexpr std::uint64_t largest_number = (std::uint64_t{1} << 53) - 1;
/// Bytes of a stranger's text that an error message repeats.
constexpr std::size_t quoted = 40;

auto bad(std::string what, std::string remedy) {
  return fail(ErrorCode::invalid_input, std::move(what), std::move(remedy));
}

Result<std::string> decoded(const net::Request& request, std::string_view name) {
  auto value = request.query(name);
  if (!value || !text::is_utf8(*value))
    return bad(fmt::format("'{}' is not UTF-8 in percent-encoding", name), "see RFC 3986");
  if (value->empty())
    return bad(fmt::format("'{}' is empty", name), "leave it out, or give it a value");
  if (value->size() > max_parameter)
    return bad(fmt::format("'{}' is longer than {} bytes", name, max_parameter), "shorten it");
  return std::move(*value);
}

/// Calls `visit(name)` for each parameter as it stands in the target.
template <class Visit>
Result<> each_name(const net::Request& request, Visit visit) {
  std::string_view rest = request.target;
  rest.remove_prefix(std::min(rest.find('?'), rest.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size());
    if (!pair.empty()) SIGILO_TRY_DO(visit(pair.substr(0, pair.find('='))));
  }
  return {};
}

std::optional<std::string> value_of(const Parameters& given, std::string_view name) {
  const auto found = given.find(name);
  return found == given.end() ? std::nullopt : std::optional(found->second);
}

Result<std::uint64_t> whole_number(std::string_view text, std::string_view name) {
  std::uint64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || value > largest_number)
    return bad(fmt::format("{} '{}' is not a number from 0 to {}", name, text.substr(0, quoted),
                           largest_number),
               "write it in decimal digits");
  return value;
}

Result<std::optional<Timestamp>> time_of(const Parameters& given, std::string_view name) {
  const auto text = value_of(given, name);
  if (!text) return std::nullopt;
  const auto time = parse_rfc3339(*text);
  if (!time) return bad(fmt::format("{}: {}", name, time.error().what), time.error().remedy);
  return *time;
}

Result<std::optional<E164>> line_of(const Parameters& given) {
  const auto text = value_of(given, "line");
  if (!text) return std::nullopt;
  auto number = normalise_number(*text);
  if (!number)
    return bad(fmt::format("'{}' is not a telephone number", *text), "write it as +5491150000001");
  return number;
}

/// A number in any spelling, or a user id as the provider writes it ("AR.…").
std::optional<std::string> party_of(const Parameters& given) {
  const auto text = value_of(given, "party");
  if (!text) return std::nullopt;
  const auto number = normalise_number(*text);
  return number ? number->value() : *text;
}

Result<std::optional<RecordKind>> kind_of(const Parameters& given) {
  const auto text = value_of(given, "kind");
  if (!text) return std::nullopt;
  const auto kind = parse_record_kind(*text);
  if (!kind || !message::holds_event(*kind))
    return bad(fmt::format("there is no kind '{}' to list", *text),
               "write message, edit, revoke, status, line or unrecognised");
  return kind;
}

Result<std::size_t> limit_of(const Parameters& given, std::size_t otherwise) {
  const auto text = value_of(given, "limit");
  if (!text) return otherwise;
  SIGILO_TRY(const auto limit, whole_number(*text, "limit"));
  if (limit == 0 || limit > vault::max_rows)
    return bad(fmt::format("limit {} is out of range", limit),
               fmt::format("write 1 to {}", vault::max_rows));
  return limit;
}

Result<bool> flag_of(const Parameters& given, std::string_view name, std::string_view otherwise) {
  const auto value = value_of(given, name).value_or("0");
  if (value != "0" && value != "1")
    return bad(fmt::format("{} '{}' is neither 1 nor 0", name, value.substr(0, quoted)),
               fmt::format("write 1, or {}", otherwise));
  return value == "1";
}

}  // namespace

Result<Parameters> parameters(const net::Request& request,
                              std::initializer_list<std::string_view> known) {
  Parameters given;
  SIGILO_TRY_DO(each_name(request, [&](std::string_view name) -> Result<> {
    if (std::find(known.begin(), known.end(), name) == known.end())
      return bad(fmt::format("there is no parameter '{}' here", name.substr(0, quoted)),
                 known.size() == 0 ? "this resource takes none" : "see docs/local-api.md");
    SIGILO_TRY(auto value, decoded(request, name));
    if (!given.emplace(name, std::move(value)).second)
      return bad(fmt::format("'{}' is given twice", name), "give it once");
    return {};
  }));
  return given;
}

Result<vault::MessageFilter> message_filter(const net::Request& request) {
  SIGILO_TRY(const auto given,
             parameters(request, {"line", "party", "since", "until", "kind", "limit"}));
  vault::MessageFilter filter;
  SIGILO_TRY(filter.line, line_of(given));
  filter.party = party_of(given);
  SIGILO_TRY(filter.since, time_of(given, "since"));
  SIGILO_TRY(filter.until, time_of(given, "until"));
  SIGILO_TRY(filter.kind, kind_of(given));
  SIGILO_TRY(filter.limit, limit_of(given, filter.limit));
  return filter;
}

Result<AlertFilter> alert_filter(const net::Request& request) {
  SIGILO_TRY(const auto given, parameters(request, {"open", "limit"}));
  AlertFilter filter;
  SIGILO_TRY(filter.only_open, flag_of(given, "open", "leave it out for all alerts"));
  SIGILO_TRY(filter.limit, limit_of(given, filter.limit));
  return filter;
}

Result<std::size_t> gap_limit(const net::Request& request) {
  SIGILO_TRY(const auto given, parameters(request, {"limit"}));
  return limit_of(given, default_gaps);
}

Result<bool> asks_again(const net::Request& request) {
  SIGILO_TRY(const auto given, parameters(request, {"again"}));
  return flag_of(given, "again", "leave it out for the first time");
}

Result<VerifyRequest> verify_request(const net::Request& request) {
  SIGILO_TRY(const auto given, parameters(request, {"depth", "fingerprint", "directory"}));
  const auto depth = value_of(given, "depth").value_or("full");
  if (depth != "tree" && depth != "full")
    return bad(fmt::format("there is no depth '{}'", depth), "write tree or full");
  VerifyRequest wanted;
  wanted.options.depth = depth == "tree" ? evidence::Depth::tree : evidence::Depth::full;
  if (const auto hex = value_of(given, "fingerprint")) {
    const auto fingerprint = crypto::Digest::from_hex(*hex);
    if (!fingerprint)
      return bad(fmt::format("fingerprint '{}' has not 64 hex digits", *hex),
                 "write it as 'sigilo init' printed it");
    wanted.options.fingerprint = fingerprint->hex();
  }
  wanted.directory = value_of(given, "directory").value_or("");
  if (!request.body.empty()) wanted.options.since = request.body;
  return wanted;
}

Result<bundle::Ask> bundle_ask(const net::Request& request) {
  SIGILO_TRY(const auto given, parameters(request, {"line", "party", "since", "until", "alert",
                                                    "record", "language", "timezone"}));
  bundle::Ask ask;
  SIGILO_TRY(ask.line, line_of(given));
  ask.party = party_of(given);
  SIGILO_TRY(ask.since, time_of(given, "since"));
  SIGILO_TRY(ask.until, time_of(given, "until"));
  if (const auto alert = value_of(given, "alert")) {
    SIGILO_TRY(ask.alert, whole_number(*alert, "alert").map([](auto seq) { return Seq(seq); }));
  }
  const auto records = value_of(given, "record").value_or("");
  for (std::string_view rest = records; !rest.empty();) {
    const auto one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    SIGILO_TRY(const auto seq, seq_of(one));
    ask.records.push_back(seq);
  }
  const bool by_filter = ask.line || ask.party || ask.since || ask.until;
  if (by_filter + ask.alert.has_value() + !ask.records.empty() != 1)
    return bad("a bundle is of a person, a line or a time; or of an alert; or of some records",
               "give party, line, since or until, or alert, or record");
  if (ask.records.size() > bundle::max_named)
    return bad(fmt::format("more than {} records are named", bundle::max_named),
               "choose them by party, line and time");
  const auto language = parse_language(value_of(given, "language").value_or("es"));
  if (!language) return bad("this language is not known", "write es, pt or en");
  ask.language = *language;
  ask.timezone = value_of(given, "timezone").value_or("UTC");
  if (!text::is_time_zone(ask.timezone))
    return bad("the timezone is none", "write it as America/Argentina/Buenos_Aires");
  return ask;
}

Result<Seq> seq_of(std::string_view text) {
  SIGILO_TRY(const auto number, whole_number(text, "record number"));
  return Seq(number);
}

json::Object filter_json(const net::Request& request) {
  json::Object filter;
  static_cast<void>(each_name(request, [&](std::string_view name) -> Result<> {
    filter[name] = request.query(name).value_or("");
    return {};
  }));
  return filter;
}

}  // namespace sigilo::api
