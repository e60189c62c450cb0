// SPDX-License-Identifier: Apache-2.0
#include "evidence/event_tables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "evidence/index_check.hpp"

namespace sigilo::evidence {

using vault::EventTable;

void EventTables::run(std::uint64_t records) {
  source_->revive();
  const auto indexed = source_->reader().indexed();
  if (!indexed) return table_failed(*findings_, "event_indexed", indexed.error());
  const std::int64_t upto = indexed->value_or(-1);
  if (upto < 0 || std::cmp_greater(upto, records))
    findings_->add(std::nullopt, cause::index_altered,
                   fmt::format("one row in event_indexed, between 0 and {}", records),
                   *indexed ? fmt::format("{}", upto) : "none, or several");
  for (const auto table : {EventTable::content, EventTable::conversation, EventTable::id}) {
    source_->revive();
    if (const auto done = compare(table, upto); !done)
      table_failed(*findings_, vault::to_string(table), done.error());
  }
}

Result<> EventTables::compare(EventTable table, std::int64_t indexed) {
  constexpr std::uint64_t ask_every = 4096;
  auto& reader = source_->reader();
  const auto name = vault::to_string(table);
  std::uint64_t rows = 0;
  std::uint64_t fitting = 0;
  bool going_on = true;
  First surplus;
  SIGILO_TRY_DO(reader.each_event_key(table, [&](vault::RawEventKey&& row) {
    if (row.fits)
      ++fitting;
    else if (!is_doubtful(row.seq))
      surplus.add(row.seq);
    going_on = ++rows % ask_every != 0 || go_on_();
    return going_on;
  }));
  if (!going_on) return {};
  report(cause::index_surplus, surplus, fmt::format("no such row in {}", name), "a row");

  SIGILO_TRY(const auto expected, reader.keys_before(table, indexed));
  if (fitting == expected) return {};
  First missing;
  SIGILO_TRY_DO(reader.each_event_without_key(table, indexed, [&](std::int64_t&& seq) {
    if (!is_doubtful(seq)) missing.add(seq);
    return true;
  }));
  report(cause::index_missing, missing, fmt::format("a row in {}", name), "no such row");
  return {};
}

bool EventTables::is_doubtful(std::int64_t seq) const {
  return seq >= 0 && doubts_->contains(static_cast<std::uint64_t>(seq));
}

void EventTables::report(const Cause& cause, const First& first, std::string expected,
                         std::string found) {
  if (first.count == 0) return;
  findings_->add(
      first.seq < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(first.seq)), cause,
      std::move(expected), std::move(found));
  findings_->count_more(first.count - 1);
}

}  // namespace sigilo::evidence
