// SPDX-License-Identifier: Apache-2.0
#include "bundle/ask.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "json/parse.hpp"

namespace sigilo::bundle {
namespace {

constexpr std::array kinds{RecordKind::message, RecordKind::edit, RecordKind::revoke};

Result<Seq> message_of(vault::AuditReader& audit, Seq alert) {
  std::optional<std::int64_t> message;
  const auto number = static_cast<std::int64_t>(alert.value());
  SIGILO_TRY_DO(audit.each_record(number, [&](vault::RawRecord&& raw) {
    if (raw.seq != number || raw.kind != "alert") return false;
    const auto body = json::parse(raw.body.value_or(""));
    if (body && body->is_object()) message = json::integer_at(body->get_object(), "message");
    return false;
  }));
  if (!message || *message < 0)
    return fail(ErrorCode::not_found, fmt::format("record {} is no alert", alert.value()),
                "'sigilo alerts' lists them with their numbers");
  return Seq(static_cast<std::uint64_t>(*message));
}

Result<> require_message(vault::Reader& reader, Seq seq) {
  SIGILO_TRY(const auto row, reader.message(seq));
  if (row && std::ranges::find(kinds, row->stored.event.kind) != kinds.end()) return {};
  return fail(ErrorCode::not_found,
              fmt::format("record {} is no message, edit or revocation", seq.value()),
              "'sigilo messages' lists them with their numbers; what happened to a message comes"
              " along with it");
}

}  // namespace

Result<std::vector<Seq>> choose(vault::Reader& reader, vault::AuditReader& audit, const Ask& ask) {
  std::set<Seq> chosen(ask.records.begin(), ask.records.end());
  if (ask.alert) {
    SIGILO_TRY(const auto message, message_of(audit, *ask.alert));
    chosen.insert(message);
  }
  for (const auto seq : chosen) SIGILO_TRY_DO(require_message(reader, seq));
  if (!ask.by_number()) {
    for (const auto kind : kinds) {
      SIGILO_TRY(const auto rows, reader.messages({.line = ask.line,
                                                   .party = ask.party,
                                                   .since = ask.since,
                                                   .until = ask.until,
                                                   .kind = kind,
                                                   .limit = max_messages + 1}));
      for (const auto& row : rows) chosen.insert(row.seq);
    }
  }
  if (chosen.empty())
    return fail(ErrorCode::not_found, "no message fits, so there is nothing to put into a bundle",
                "see with 'sigilo messages' which there are");
  if (chosen.size() > max_messages)
    return fail(ErrorCode::refused,
                fmt::format("more than {} messages fit, the most of one bundle", max_messages),
                "make several, one for each part of the time, with --since and --until");
  return std::vector<Seq>(chosen.begin(), chosen.end());
}

}  // namespace sigilo::bundle
