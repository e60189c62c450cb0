// SPDX-License-Identifier: Apache-2.0
#include "api/status.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "api/impl.hpp"
#include "api/lines.hpp"
#include "api/query.hpp"
#include "api/shapes.hpp"
#include "json/parse.hpp"

namespace sigilo::api {
namespace {

/// A number of the firm that is named so seldom may be a stranger's mistake; what is written to it
/// is missing all the same.
constexpr std::size_t unmonitored_in_attention = 5;

std::uint64_t counter(const vault::Summary& summary, const std::string& name) {
  const auto found = summary.counters.find(name);
  return found == summary.counters.end() ? 0 : found->second;
}

const char* plural(std::uint64_t count, const char* one, const char* many) {
  return count == 1 ? one : many;
}

void add_mail_attention(json::Array& attention, const vault::Summary& summary) {
  if (summary.outbox_failed > 0) {
    attention.emplace_back(fmt::format(
        "{} alert {} could not be delivered and {} given up: {}; correct the address or the "
        "relay and read the alerts with 'sigilo alerts --open'",
        summary.outbox_failed, plural(summary.outbox_failed, "mail", "mails"),
        plural(summary.outbox_failed, "was", "were"), summary.last_mail_error));
  }
  if (summary.outbox_deferred > 0) {
    attention.emplace_back(fmt::format(
        "{} alert {} for the mail relay and will be tried again: {}", summary.outbox_deferred,
        plural(summary.outbox_deferred, "mail waits", "mails wait"), summary.last_mail_error));
  }
}

void add_media_attention(json::Array& attention, const vault::MediaSummary& media) {
  if (media.lost == 0) return;
  const auto& newest = media.newest_lost;
  attention.emplace_back(fmt::format(
      "{} {} could not be kept and {} lost{}; ask the sender for it again", media.lost,
      plural(media.lost, "file", "files"), plural(media.lost, "is", "are"),
      newest.empty() ? std::string()
                     : fmt::format(", the last one of record {} ({}); see 'sigilo show {}'",
                                   newest.front().message.value(), newest.front().reply,
                                   newest.front().message.value())));
}

void add_unmonitored_attention(json::Array& attention,
                               const std::vector<vault::UnmonitoredLine>& lines) {
  for (std::size_t i = 0; i < std::min(lines.size(), unmonitored_in_attention); ++i) {
    const auto& line = lines[i];
    if (line.number.empty()) continue;
    attention.emplace_back(fmt::format(
        "{} belongs to the firm's account and is not monitored: {} {} so far, the last on {}; "
        "nothing of them is kept. Add a [[line]]{}, or take the number out of the account",
        line.number, line.events, plural(line.events, "thing was said", "things were said"),
        format_rfc3339(line.last),
        line.phone_number_id.empty()
            ? std::string()
            : fmt::format(" with phone_number_id = \"{}\"", line.phone_number_id)));
  }
}

void add_attention(json::Array& attention, const vault::Summary& summary,
                   const std::vector<vault::UnmonitoredLine>& unmonitored, std::uint64_t gaps) {
  add_mail_attention(attention, summary);
  add_media_attention(attention, summary.media);
  add_unmonitored_attention(attention, unmonitored);
  if (gaps > 0) {
    attention.emplace_back(
        fmt::format("{} {} spoken of or announced and never came; see 'sigilo gaps'", gaps,
                    plural(gaps, "thing is", "things are")));
  }
  if (summary.unread > 0) {
    attention.emplace_back(fmt::format(
        "{} {} not understood by this version; kept verbatim, see 'sigilo messages --kind "
        "unrecognised'",
        summary.unread, plural(summary.unread, "delivery part is", "delivery parts are")));
  }
}

/// A line is "silent" until something passed through it, then "ok": link states come with watching.
Result<json::Array> lines_json(vault::Reader& vault, const vault::Summary& summary,
                               const Runtime& runtime) {
  json::Array lines;
  for (const auto& line : runtime.lines) {
    SIGILO_TRY(auto shown, line_json(vault, line, summary));
    lines.emplace_back(std::move(shown));
  }
  for (const auto& [number, state] : summary.lines) {
    if (std::ranges::find(runtime.lines, number, &ConfiguredLine::number) != runtime.lines.end())
      continue;
    SIGILO_TRY(auto former, line_json(vault, {number, "", "", ""}, summary));
    former["state"] = "not configured";
    lines.emplace_back(std::move(former));
  }
  return lines;
}

json::Object media_json(const vault::MediaSummary& media, const Runtime& runtime) {
  json::Object answer{{"waiting", media.waiting}, {"stored", media.stored},
                      {"lost", media.lost},       {"under_way", 0},
                      {"trouble", nullptr},       {"last_failure", nullptr}};
  if (media.oldest_waiting && !media.oldest_waiting->reply.empty()) {
    answer["last_failure"] = json::Object{{"seq", media.oldest_waiting->message.value()},
                                          {"attempts", media.oldest_waiting->attempts},
                                          {"reason", media.oldest_waiting->reply}};
  }
  for (const auto& member : runtime.media) answer[member.key()] = member.value();
  return answer;
}

/// When a new signing key was named by the recovery key, for ever to be seen.
json::Array recoveries_json(const std::vector<vault::Recovery>& recoveries) {
  json::Array answer;
  for (const auto& recovery : recoveries)
    answer.push_back(
        json::Object{{"seq", recovery.seq.value()}, {"time", format_rfc3339(recovery.time)}});
  return answer;
}

json::Array unmonitored_json(const std::vector<vault::UnmonitoredLine>& lines) {
  json::Array answer;
  for (const auto& line : lines) {
    answer.push_back(json::Object{{"number", text_or_null(line.number)},
                                  {"phone_number_id", text_or_null(line.phone_number_id)},
                                  {"count", line.events},
                                  {"first", format_rfc3339(line.first)},
                                  {"last", format_rfc3339(line.last)}});
  }
  return answer;
}

/// Times in which deliveries were refused are gaps too, but the provider repeats those: only what
/// is missing counts.
bool is_missing(const vault::GapRow& gap) {
  const auto body = json::parse(gap.body);
  const auto* object = body ? body->if_object() : nullptr;
  const auto event = object == nullptr ? "" : json::text_at(*object, "event").value_or("");
  return !gap.filled && event != "not_writable";
}

}  // namespace

Result<json::Object> status_json(vault::Reader& vault, const Runtime& runtime) {
  SIGILO_TRY(const auto summary, vault.summary());
  SIGILO_TRY(const auto unmonitored, vault.unmonitored());
  SIGILO_TRY(const auto gaps, vault.gaps(max_counted_gaps));
  SIGILO_TRY(const auto epoch, vault.present_epoch());
  SIGILO_TRY(const auto recoveries, vault.recoveries());
  const auto missing = static_cast<std::uint64_t>(std::ranges::count_if(gaps, is_missing));
  SIGILO_TRY(auto lines, lines_json(vault, summary, runtime));
  json::Array attention(runtime.attention.begin(), runtime.attention.end());
  for (const auto& line : lines) {
    const auto& shown = line.get_object();
    if (json::text_at(shown, "platform") != "coexistence") continue;
    const auto number = json::text_at(shown, "number").value_or("");
    SIGILO_TRY(auto sentence, history_attention(vault, number, runtime.now));
    if (sentence) attention.emplace_back(std::move(*sentence));
  }
  add_attention(attention, summary, unmonitored, missing);
  return json::Object{
      {"version", runtime.version},
      {"started", format_rfc3339(runtime.started)},
      {"records", summary.records},
      {"lines", std::move(lines)},
      {"sources", runtime.sources},
      {"backlog", runtime.backlog},
      {"outbox", json::Object{{"queued", summary.outbox_queued},
                              {"deferred", summary.outbox_deferred},
                              {"failed", summary.outbox_failed}}},
      {"media", media_json(summary.media, runtime)},
      {"unrecognised", summary.unread},
      {"gaps", missing},
      {"not_monitored", counter(summary, "not_monitored")},
      {"seen_not_monitored", unmonitored_json(unmonitored)},
      {"duplicates", counter(summary, "duplicates")},
      {"last_checkpoint", summary.last_checkpoint
                              ? json::Value(format_rfc3339(*summary.last_checkpoint))
                              : json::Value(nullptr)},
      {"last_checkpoint_size", summary.last_checkpoint_size},
      {"epoch", epoch.number.value()},
      {"epoch_began", format_rfc3339(epoch.began)},
      {"recoveries", recoveries_json(recoveries)},
      {"attention", std::move(attention)}};
}

Result<net::Response> LocalApi::Impl::status(const net::Request& request, uid_t) {
  SIGILO_TRY_DO(parameters(request, {}));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(auto answer, status_json(vault, services.runtime()));
  return json_response(std::move(answer));
}

}  // namespace sigilo::api
