// SPDX-License-Identifier: Apache-2.0
#include "api/shapes.hpp"

#include <algorithm>
#include <string>

#include "api/local_api.hpp"

namespace sigilo::api {
namespace {

json::Array texts(const std::vector<std::string>& values) {
  return json::Array(values.begin(), values.end());
}

/// A line is "silent" until its first record, then "ok": link states come with watching.
json::Object line_json(const std::string& number, const vault::Summary& summary) {
  const auto found = summary.lines.find(number);
  const bool heard = found != summary.lines.end() && found->second.events > 0;
  return {{"number", number},
          {"state", heard ? "ok" : "silent"},
          {"last", heard ? json::Value(format_rfc3339(found->second.last)) : json::Value(nullptr)},
          {"events", heard ? found->second.events : 0}};
}

std::uint64_t counter(const vault::Summary& summary, const std::string& name) {
  const auto found = summary.counters.find(name);
  return found == summary.counters.end() ? 0 : found->second;
}

/// What the vault itself says needs a person; the daemon's own sentences come first.
void add_attention(json::Array& attention, const vault::Summary& summary) {
  const auto plural = [](std::uint64_t count, const char* one, const char* many) {
    return count == 1 ? one : many;
  };
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
  if (const auto unknown = counter(summary, "unrecognised"); unknown > 0) {
    attention.emplace_back(
        fmt::format("{} {} not understood by this version; kept verbatim, see "
                    "'sigilo messages --kind unrecognised'",
                    unknown, plural(unknown, "delivery part is", "delivery parts are")));
  }
}

/// What became of a message: the furthest state that the provider told of, else that it came or
/// went; of a status what it reports.
json::Value state_of(const vault::MessageRow& row) {
  const auto& event = row.stored.event;
  if (event.kind == RecordKind::status) return json::Value(event.type);
  if (event.kind != RecordKind::message) return nullptr;
  if (!row.state.empty()) return json::Value(row.state);
  return event.direction == Direction::in ? "received" : "sent";
}

}  // namespace

json::Value text_or_null(std::string_view text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

json::Object message_json(const vault::MessageRow& row) {
  const auto& event = row.stored.event;
  return {{"seq", row.seq.value()},
          {"time", format_rfc3339(row.time)},
          {"kind", to_string(event.kind)},
          {"sent", event.sent == Timestamp() ? json::Value(nullptr)
                                             : json::Value(format_rfc3339(event.sent))},
          {"line", text_or_null(event.line.value())},
          {"party", text_or_null(event.party.key())},
          {"party_name", text_or_null(event.party.name)},
          {"direction", to_string(event.direction)},
          {"type", event.type},
          {"text", event.text},
          {"id", text_or_null(event.provider_id)},
          {"reply_to", text_or_null(event.reply_to)},
          {"about", text_or_null(event.about)},
          {"via", message::to_string(event.via)},
          {"source", row.stored.provenance.source},
          {"state", state_of(row)},
          {"edited", row.edited},
          {"revoked", row.revoked}};
}

json::Object alert_json(const vault::AlertRow& row) {
  return {{"id", row.id.value()},
          {"seq", row.message.value()},
          {"time", format_rfc3339(row.time)},
          {"category", row.category},
          {"severity", to_string(row.severity)},
          {"rule", row.rule},
          {"rules", texts(row.rules)},
          {"policy", row.policy},
          {"line", text_or_null(row.line)},
          {"party", text_or_null(row.party)},
          {"team", row.team},
          {"words", texts(row.words)},
          {"state", row.state},
          {"mail", row.mail ? json::Value(vault::to_string(*row.mail)) : json::Value(nullptr)}};
}

json::Object verification_json(const evidence::Report& report) {
  json::Array problems;
  for (const auto& problem : report.problems) {
    problems.push_back(
        json::Object{{"seq", problem.seq ? json::Value(*problem.seq) : json::Value(nullptr)},
                     {"problem", problem.problem},
                     {"expected", problem.expected},
                     {"found", problem.found},
                     {"meaning", problem.meaning}});
  }
  return {{"ok", report.ok},
          {"depth", report.depth == evidence::Depth::full ? "full" : "tree"},
          {"records", report.records},
          {"vault", report.vault},
          {"fingerprint", report.fingerprint},
          {"root", report.checkpoint_root},
          {"problems", std::move(problems)},
          {"more_problems", report.more_problems}};
}

json::Object status_json(const vault::Summary& summary, const Runtime& runtime) {
  json::Array lines;
  for (const auto& number : runtime.lines) lines.push_back(line_json(number, summary));
  for (const auto& [number, state] : summary.lines) {
    if (std::find(runtime.lines.begin(), runtime.lines.end(), number) != runtime.lines.end())
      continue;
    auto former = line_json(number, summary);
    former["state"] = "not configured";
    lines.push_back(std::move(former));
  }
  json::Array attention = texts(runtime.attention);
  add_attention(attention, summary);
  return {{"version", runtime.version},
          {"started", format_rfc3339(runtime.started)},
          {"records", summary.records},
          {"lines", std::move(lines)},
          {"sources", runtime.sources},
          {"backlog", runtime.backlog},
          {"outbox", json::Object{{"queued", summary.outbox_queued},
                                  {"deferred", summary.outbox_deferred},
                                  {"failed", summary.outbox_failed}}},
          {"unrecognised", counter(summary, "unrecognised")},
          {"not_monitored", counter(summary, "not_monitored")},
          {"duplicates", counter(summary, "duplicates")},
          {"last_checkpoint", summary.last_checkpoint
                                  ? json::Value(format_rfc3339(*summary.last_checkpoint))
                                  : json::Value(nullptr)},
          {"last_checkpoint_size", summary.last_checkpoint_size},
          {"attention", std::move(attention)}};
}

}  // namespace sigilo::api
