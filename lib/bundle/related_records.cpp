// SPDX-License-Identifier: Apache-2.0
#include "bundle/related_records.hpp"

#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace sigilo::bundle {
namespace {

struct Row {
  std::int64_t seq, id, about, delivery;
};

/// Edits of an edited message, states of a reaction to it: an id leads to records with other ids.
/// A round for each step; there is no end before nothing new is found.
void close_over(const std::vector<Row>& rows, std::set<std::int64_t>& events) {
  std::unordered_set<std::int64_t> ids;
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& row : rows) {
      const bool linked = ids.contains(row.id) || ids.contains(row.about);
      if (linked) grown = events.insert(row.seq).second || grown;
      if (!linked && !events.contains(row.seq)) continue;
      for (const auto id : {row.id, row.about})
        if (id != 0) grown = ids.insert(id).second || grown;
    }
  }
}

}  // namespace

Result<Related> related_to(vault::AuditReader& audit, const std::vector<Seq>& chosen,
                           std::uint64_t size) {
  std::vector<Row> rows;
  SIGILO_TRY_DO(audit.each_event([&](vault::RawEvent&& event) {
    if (event.seq >= static_cast<std::int64_t>(size)) return false;
    rows.push_back(
        {event.seq, event.id.value_or(0), event.about.value_or(0), event.delivery.value_or(-1)});
    return true;
  }));
  Related related;
  for (const auto seq : chosen) related.events.insert(static_cast<std::int64_t>(seq.value()));
  close_over(rows, related.events);
  std::unordered_map<std::int64_t, bool> whole;
  for (const auto& row : rows) {
    auto& so_far = whole.try_emplace(row.delivery, true).first->second;
    so_far = so_far && related.events.contains(row.seq);
  }
  std::set<std::int64_t> deliveries;
  for (const auto& [delivery, ours] : whole)
    if (ours && delivery >= 0) deliveries.insert(delivery);
  related.deliveries.assign(deliveries.begin(), deliveries.end());
  return related;
}

}  // namespace sigilo::bundle
