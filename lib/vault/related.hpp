// SPDX-License-Identifier: Apache-2.0
// Everything that has a provider's id or speaks of it. Private to this room.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "vault/database.hpp"
#include "vault/reader.hpp"

namespace sigilo::vault {

/// Works inside the caller's snapshot; prepares its statements once.
class Related {
 public:
  static Result<Related> prepare(Database& database);

  /// Events whose id or `about` is `provider_id`, in the order of records.
  Result<std::vector<MessageRow>> to(std::string_view provider_id);
  /// A record other than a state that has this id as its own; nullopt: none. Looks first at the
  /// records around number `near`.
  Result<std::optional<Seq>> origin_of(std::string_view provider_id, Seq near);
  /// Sets what became of each message: edited, revoked, state. What speaks of one may stand
  /// anywhere, before or after it, so every block of the table is looked at: for `rows` rows that
  /// is at most min(rows, entries of the block) steps a block, and one more for each thing found.
  Result<> mark(std::span<MessageRow> rows);
  /// Rows that were read so far, and searches that found nothing; a test holds them to the bound.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  using Seqs = std::vector<std::int64_t>;
  /// Messages to be marked, by the key of their id.
  using Wanted = std::unordered_multimap<std::int64_t, MessageRow*>;

  [[nodiscard]] std::int64_t last_block() const;
  Result<> seqs_in_block(std::int64_t block, std::int64_t key, Seqs& seqs);
  void seqs_in_newest(std::int64_t key, Seqs& seqs) const;
  Result<> mark_by_search(std::int64_t block, const std::vector<std::int64_t>& keys,
                          const Wanted& wanted);
  Result<> mark_by_walk(std::int64_t block, const Wanted& wanted);
  Result<> mark_with(std::int64_t key, std::int64_t seq, const Wanted& wanted);
  Result<std::vector<MessageRow>> load(std::string_view provider_id, const Seqs& seqs);
  Result<std::optional<Seq>> origin_in(std::string_view provider_id, const Seqs& seqs);

  std::int64_t indexed_ = 0;
  /// What table event_id does not have yet: key and record.
  std::unordered_multimap<std::int64_t, std::int64_t> newest_;
  std::uint64_t steps_ = 0;
  Statement in_block_, all_of_block_, record_;
};

}  // namespace sigilo::vault
