// SPDX-License-Identifier: Apache-2.0
#include "api/shapes.hpp"

#include <string>
#include <utility>

#include "json/parse.hpp"

namespace sigilo::api {
namespace {

json::Array texts(const std::vector<std::string>& values) {
  return json::Array(values.begin(), values.end());
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

json::Object since_json(const evidence::Since& since) {
  return {{"relation", since.relation},
          {"size", since.size ? json::Value(*since.size) : json::Value(nullptr)},
          {"present", since.present},
          {"what", since.what},
          {"meaning", since.meaning},
          {"remains", since.remains}};
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

json::Object person_json(const vault::Person& person) {
  json::Array links;
  for (const auto& link : person.links) {
    links.push_back(json::Object{{"name", link.name},
                                 {"other", link.other},
                                 {"how", text_or_null(link.how)},
                                 {"seq", link.record.value()},
                                 {"time", format_rfc3339(link.time)}});
  }
  json::Array called;
  for (const auto& one : person.called) {
    called.push_back(json::Object{{"name", one.name},
                                  {"first", format_rfc3339(one.first)},
                                  {"last", format_rfc3339(one.last)}});
  }
  return {{"names", texts(person.names)},
          {"links", std::move(links)},
          {"called", std::move(called)},
          {"truncated", person.truncated}};
}

json::Object gap_json(const vault::GapRow& row) {
  const auto body = json::parse(row.body);
  json::Object gap = body && body->is_object() ? body->get_object() : json::Object();
  gap.erase("v");
  gap["seq"] = row.seq.value();
  gap["time"] = format_rfc3339(row.time);
  gap["filled"] = row.filled;
  return gap;
}

json::Object verification_json(const evidence::Report& report) {
  json::Array problems;
  for (const auto& problem : report.problems) {
    problems.push_back(
        json::Object{{"seq", problem.seq ? json::Value(*problem.seq) : json::Value(nullptr)},
                     {"problem", problem.problem},
                     {"expected", problem.expected},
                     {"found", problem.found},
                     {"meaning", problem.meaning},
                     {"remains", problem.remains}});
  }
  json::Array remarks;
  for (const auto& remark : report.remarks)
    remarks.push_back(json::Object{{"seq", static_cast<std::int64_t>(remark.seq)},
                                   {"remark", remark.remark},
                                   {"meaning", remark.meaning}});
  json::Object answer{{"ok", report.ok},
                      {"depth", report.depth == evidence::Depth::full ? "full" : "tree"},
                      {"records", report.records},
                      {"remarks", std::move(remarks)},
                      {"vault", report.vault},
                      {"fingerprint", report.fingerprint},
                      {"root", report.checkpoint_root},
                      {"problems", std::move(problems)},
                      {"more_problems", report.more_problems}};
  if (report.since) answer["since"] = since_json(*report.since);
  return answer;
}

}  // namespace sigilo::api
