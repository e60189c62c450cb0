// SPDX-License-Identifier: Apache-2.0
#include "vault/lines.hpp"

#include <algorithm>

#include "message/body.hpp"
#include "vault/reader_impl.hpp"

namespace sigilo::vault {
namespace {

constexpr std::string_view profile = "profile";

}  // namespace

Result<std::vector<UnmonitoredLine>> Reader::unmonitored() {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT number, phone_number_id, first, last, events"
                                     " FROM unmonitored ORDER BY events DESC, number"));
  std::vector<UnmonitoredLine> lines;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return lines;
    lines.push_back({std::string(select.text(0)), std::string(select.text(1)),
                     Timestamp::from_micros(select.integer(2)),
                     Timestamp::from_micros(select.integer(3)),
                     static_cast<std::uint64_t>(select.integer(4))});
  }
}

Result<std::optional<MessageRow>> Reader::line_profile(const E164& line) {
  SIGILO_TRY(auto rows, line_profiles_history(line, 1));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.back());
}

Result<std::vector<MessageRow>> Reader::line_profiles_history(const E164& line, std::size_t limit) {
  // instr: a whole address book stands among the records of this kind, and most bodies need not be
  // read as JSON. Quotes inside a text are escaped, so a text can't look like a member.
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT seq, time, body FROM record INDEXED BY record_few"
                                     " WHERE kind NOT IN ('message', 'status') AND kind = 'line'"
                                     " AND instr(body, '\"type\":\"profile\"') > 0"
                                     " AND instr(body, ?) > 0 ORDER BY seq DESC"));
  const std::string member = "\"line\":\"" + line.value() + "\"";
  select.bind(1, std::string_view(member));
  std::vector<MessageRow> rows;
  while (rows.size() < std::min(limit, max_rows)) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) break;
    auto stored = message::read_body(RecordKind::line, select.text(2));
    if (!stored || stored->event.type != profile || stored->event.line != line) continue;
    rows.push_back({Seq(static_cast<std::uint64_t>(select.integer(0))),
                    Timestamp::from_micros(select.integer(1)), std::move(*stored)});
  }
  std::reverse(rows.begin(), rows.end());
  return rows;
}

}  // namespace sigilo::vault
