// SPDX-License-Identifier: Apache-2.0
// A checkpoint that somebody kept, against the records as they were just walked: neither the stored
// tree nor the table of keys is believed.
#include <string_view>
#include <utility>

#include "evidence/walk.hpp"
#include "ledger/consistency.hpp"

namespace sigilo::evidence {

/// True if nothing that was found speaks of records after the last one, or of that one being no
/// good: then a vault that is shorter than it was is an older state, not a cut one.
bool Walk::end_is_whole() const {
  const std::uint64_t last_delivery = deliveries_.last().value_or(next_);
  return !findings_->any([&](const Problem& problem) {
    const std::string_view name = problem.problem;
    if (problem.seq) {
      return *problem.seq + 1 >= next_ ||
             (name == cause::delivery_altered.name && *problem.seq >= last_delivery);
    }
    // Without a record's number, and about what may have been behind the last one.
    for (const auto* cause : {&cause::empty_vault, &cause::page_damaged, &cause::table_unreadable,
                              &cause::tile_surplus, &cause::epoch_surplus, &cause::file_surplus,
                              &cause::index_altered, &cause::index_surplus})
      if (name == cause->name) return true;
    return false;
  });
}

Since Walk::compare_since(const std::string& note) {
  Since since;
  since.present = next_;
  const auto compared = ledger::compare_checkpoint(note, {.vault = reader_->uuid(),
                                                          .size = next_,
                                                          .tiles = tree_.walked(),
                                                          .keys = lists_.keys(),
                                                          .whole = end_is_whole()});
  if (!compared) {
    since.relation = "undecided";
    since.what = compared.error().what;
    since.meaning = compared.error().remedy;
    return since;
  }
  since.relation = ledger::name_of(compared->kind);
  since.consistent = compared->kind == ledger::Comparison::Kind::consistent;
  if (compared->kept) since.size = compared->kept->size;
  since.what = compared->what;
  since.meaning = compared->meaning;
  since.remains = compared->remains;
  return since;
}

}  // namespace sigilo::evidence
