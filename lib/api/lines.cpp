// SPDX-License-Identifier: Apache-2.0
#include "api/lines.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "api/impl.hpp"
#include "api/query.hpp"
#include "api/shapes.hpp"
#include "base/number.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"

namespace sigilo::api {
namespace {

constexpr std::string_view requested = "history-requested";
/// Profiles of one line that are shown; one is kept for each change.
constexpr std::size_t max_profiles = 1000;
/// The provider's, from the linking on.
constexpr std::chrono::hours request_window{24};
constexpr std::string_view each_once =
    "the provider gives a phone's contacts and history once each, and only within 24 hours after "
    "the line was linked";

std::string_view name_of(graph::SyncType type) {
  return type == graph::SyncType::contacts ? "contacts" : "history";
}

/// What the provider said of the number at one time.
json::Object profile_json(const vault::MessageRow& row) {
  const auto details = json::parse(row.stored.event.details);
  json::Object profile = details && details->is_object() ? details->get_object() : json::Object();
  profile["seq"] = row.seq.value();
  profile["time"] = format_rfc3339(row.time);
  return profile;
}

std::string platform_of(const json::Object& profile) {
  if (is_coexistence(profile)) return "coexistence";
  const auto type = json::text_at(profile, "platform_type").value_or("");
  return std::string(type == "CLOUD_API" ? "cloud" : type);
}

json::Value member(const json::Object& object, std::string_view key) {
  return text_or_null(json::text_at(object, key).value_or(""));
}

Result<ConfiguredLine> configured(const std::vector<ConfiguredLine>& lines, std::string_view name) {
  const auto number = normalise_number(name);
  if (!number)
    return fail(ErrorCode::invalid_input, "the path names no telephone number",
                "write it as +5491150000001");
  const auto found = std::ranges::find(lines, number->value(), &ConfiguredLine::number);
  if (found == lines.end())
    return fail(ErrorCode::not_found, fmt::format("{} is no configured line", number->value()),
                "'sigilo lines' lists them");
  return *found;
}

/// True where the provider took the request already.
bool is_accepted(const json::Object& history, graph::SyncType type) {
  const auto* state = json::object_at(history, name_of(type));
  return state != nullptr && json::text_at(*state, "state") == "accepted";
}

}  // namespace

const std::vector<std::string>& never_delivered() {
  static const std::vector<std::string> sentences{
      "Groups of the phone: they are not mirrored, neither now nor in the history.",
      "What is said in calls; status posts, channels and broadcast lists.",
      "Disappearing, view-once and live-location messages: WhatsApp switches them off in the chats "
      "of such a line.",
      "What is sent from companion devices that the provider does not support (WhatsApp for "
      "Windows, watches).",
  };
  return sentences;
}

bool is_coexistence(const json::Object& profile) {
  return json::text_at(profile, "is_on_biz_app") == "true" &&
         json::text_at(profile, "platform_type") == "CLOUD_API";
}

Result<json::Object> line_json(vault::Reader& vault, const ConfiguredLine& line,
                               const vault::Summary& summary) {
  const auto found = summary.lines.find(line.number);
  const bool named = found != summary.lines.end();
  const bool heard = named && found->second.last != Timestamp();
  SIGILO_TRY(const auto row, vault.line_profile(E164(line.number)));
  const auto profile = row ? profile_json(*row) : json::Object();
  json::Array never;
  if (is_coexistence(profile))
    never = json::Array(never_delivered().begin(), never_delivered().end());
  return json::Object{
      {"number", line.number},
      {"lawyer", text_or_null(line.lawyer)},
      {"team", text_or_null(line.team)},
      {"phone_number_id", text_or_null(line.phone_number_id)},
      {"state", heard ? "ok" : "silent"},
      {"last", heard ? json::Value(format_rfc3339(found->second.last)) : json::Value(nullptr)},
      {"events", named ? found->second.events : 0},
      {"name", member(profile, "verified_name")},
      {"quality", member(profile, "quality_rating")},
      {"account", member(profile, "account")},
      {"platform", text_or_null(platform_of(profile))},
      {"profile_time", member(profile, "time")},
      {"never_delivered", std::move(never)}};
}

Result<json::Object> history_json(vault::Reader& vault, std::string_view line) {
  SIGILO_TRY(const auto steps, vault.services(requested));
  SIGILO_TRY(const auto histories, vault.histories());
  json::Object answer{{"contacts", json::Object{{"state", "not asked"}}},
                      {"history", json::Object{{"state", "not asked"}}},
                      {"phase", nullptr},
                      {"progress", nullptr},
                      {"last", nullptr},
                      {"declined", nullptr},
                      {"missing", json::Array()}};
  for (const auto& step : steps) {
    const auto body = json::parse(step.body);
    const auto* said = body ? body->if_object() : nullptr;
    if (said == nullptr || json::text_at(*said, "line") != line) continue;
    const auto sync = json::text_at(*said, "sync").value_or("");
    if (sync != "contacts" && sync != "history") continue;
    answer[sync] = json::Object{{"state", json::text_at(*said, "outcome").value_or("")},
                                {"time", format_rfc3339(step.time)},
                                {"seq", step.seq.value()},
                                {"request_id", member(*said, "request_id")},
                                {"reason", member(*said, "reason")}};
  }
  const auto found = std::ranges::find(histories, line, &vault::HistoryState::line);
  if (found == histories.end()) return answer;
  if (found->phase >= 0) answer["phase"] = found->phase;
  if (found->progress >= 0) answer["progress"] = found->progress;
  if (found->last) answer["last"] = format_rfc3339(*found->last);
  answer["declined"] = text_or_null(found->declined);
  json::Array missing;
  for (const auto& chunk : found->missing)
    missing.push_back(json::Object{{"phase", chunk.phase}, {"chunk", chunk.chunk}});
  answer["missing"] = std::move(missing);
  return answer;
}

/// The profiles tell since when it is known that the line is on a phone too; it may have been
/// linked before.
Result<std::optional<std::string>> history_attention(vault::Reader& vault, std::string_view line,
                                                     Timestamp now) {
  SIGILO_TRY(const auto rows, vault.line_profiles_history(E164(std::string(line)), max_profiles));
  std::size_t first = rows.size();
  while (first > 0 && is_coexistence(profile_json(rows[first - 1]))) --first;
  if (first == rows.size()) return std::nullopt;
  const Timestamp since = rows[first].time;
  SIGILO_TRY(const auto history, history_json(vault, line));
  const auto state_of = [&](graph::SyncType type) {
    return json::text_at(history.at(name_of(type)).get_object(), "state").value_or("");
  };
  const auto state = state_of(graph::SyncType::history);
  // Contacts are asked for first, and where that fails nothing more is asked.
  const bool tried = state != "not asked" || state_of(graph::SyncType::contacts) == "failed";
  const bool came = !history.at("last").is_null() || !history.at("declined").is_null();
  if (state == "accepted" || came) return std::nullopt;
  const bool in_time = now - since < request_window;
  if (in_time)
    return fmt::format(
        "{} is on a phone too, and the phone's history {}; {}: run 'sigilo line request-history "
        "{}' now",
        line, tried ? "could not be asked for" : "was never asked for", each_once, line);
  // Whoever has asked in vain knows: the answer stands in `sigilo line`.
  if (tried) return std::nullopt;
  return fmt::format(
      "{} is on a phone too since {} or before, and the phone's history was never asked for: what "
      "was written before is not in the vault, and {}. Link the line anew, or run 'sigilo line "
      "request-history {}' to have the provider's answer recorded",
      line, format_rfc3339(since), each_once, line);
}

std::string sync_body(const SyncStep& step) {
  json::Object body{{"event", requested},
                    {"line", step.line},
                    {"outcome", step.outcome},
                    {"sync", name_of(step.type)},
                    {"uid", static_cast<std::uint64_t>(step.uid)},
                    {"user", user_name(step.uid)},
                    {"v", 1}};
  if (!step.request_id.empty()) body["request_id"] = step.request_id;
  if (!step.reason.empty()) body["reason"] = step.reason;
  return json::canonical(body);
}

Result<net::Response> LocalApi::Impl::lines(const net::Request& request, uid_t) {
  SIGILO_TRY_DO(parameters(request, {}));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto summary, vault.summary());
  json::Array answer;
  for (const auto& line : services.runtime().lines) {
    SIGILO_TRY(auto shown, line_json(vault, line, summary));
    answer.emplace_back(std::move(shown));
  }
  return json_response(std::move(answer));
}

Result<net::Response> LocalApi::Impl::line(const net::Request& request, uid_t) {
  SIGILO_TRY_DO(parameters(request, {}));
  SIGILO_TRY(const auto name, name_in(request));
  SIGILO_TRY(const auto line, configured(services.runtime().lines, name));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto summary, vault.summary());
  SIGILO_TRY(auto shown, line_json(vault, line, summary));
  SIGILO_TRY(const auto rows, vault.line_profiles_history(E164(line.number), max_profiles));
  json::Array profiles;
  for (const auto& row : rows) profiles.emplace_back(profile_json(row));
  shown["profiles"] = std::move(profiles);
  SIGILO_TRY(shown["history"], history_json(vault, line.number));
  return json_response(std::move(shown));
}

/// Recorded before the call and after it: a crash in between leaves "asking", which says that what
/// came of it is not known.
Result<net::Response> LocalApi::Impl::request_history(const net::Request& request, uid_t uid) {
  SIGILO_TRY(const bool again, asks_again(request));
  SIGILO_TRY(const auto name, name_in(request));
  SIGILO_TRY(const auto line, configured(services.runtime().lines, name));
  if (!services.can_ask())
    return fail(ErrorCode::refused, "the provider cannot be asked: there is no access token",
                "set [source.meta] access_token and reload sigilod");
  if (line.phone_number_id.empty())
    return fail(ErrorCode::refused,
                fmt::format("the line {} has no phone_number_id in the configuration", line.number),
                "add it to its [[line]] and reload");
  if (requesting.exchange(true))
    return fail(ErrorCode::unavailable, "another request to the provider is under way",
                "wait for its end");
  const struct Ended {
    std::atomic<bool>& requesting;
    ~Ended() { requesting = false; }
  } ended{requesting};

  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto before, history_json(vault, line.number));
  constexpr std::array types{graph::SyncType::contacts, graph::SyncType::history};
  if (!again && std::ranges::all_of(types, [&](auto type) { return is_accepted(before, type); }))
    return fail(ErrorCode::refused,
                fmt::format("contacts and history of {} were asked for already", line.number),
                fmt::format("{}; 'sigilo line {}' shows what came. Only where the line was linked "
                            "anew since, ask with --again",
                            each_once, line.number));
  for (const auto type : types) {
    if (!again && is_accepted(before, type)) continue;
    SyncStep step{line.number, type, "asking", "", "", uid};
    const auto record = [this, &step](std::string_view otherwise) {
      return commit(otherwise, [body = sync_body(step)](vault::WriteTransaction& transaction) {
        return transaction.append(RecordKind::service, body).map([](Seq) {});
      });
    };
    SIGILO_TRY_DO(record("the provider was not asked, since that cannot be recorded"));
    const auto asked = services.request_sync(line.phone_number_id, type);
    step.outcome = asked ? "accepted" : "failed";
    step.request_id = asked.value_or("");
    if (!asked) step.reason = asked.error().what;
    SIGILO_TRY_DO(record("the provider was asked, but what it answered cannot be recorded"));
    if (!asked)
      return fail(ErrorCode::refused,
                  fmt::format("{} of {} could not be asked for: {}", name_of(type), line.number,
                              asked.error().what),
                  asked.error().remedy.empty() ? fmt::format("ask again soon: {}", each_once)
                                               : fmt::format("{}; then ask again soon: {}",
                                                             asked.error().remedy, each_once));
  }
  SIGILO_TRY(auto now, history_json(vault, line.number));
  now["line"] = line.number;
  now["note"] = fmt::format("{}. What comes is shown by 'sigilo line {}'", each_once, line.number);
  return json_response(std::move(now));
}

}  // namespace sigilo::api
