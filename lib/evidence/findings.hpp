// SPDX-License-Identifier: Apache-2.0
// Collects what verification finds: sorted by record, capped, each with its stable name and what it
// can mean.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/verify.hpp"

namespace sigilo::evidence {

/// One kind of finding: its stable name (docs/evidence-format.md lists them all) and what it can
/// mean.
struct Cause {
  std::string_view name;
  std::string_view meaning;
};

namespace cause {
extern const Cause vault_altered, fingerprint_mismatch, empty_vault, interrupted, page_damaged,
    table_unreadable;
extern const Cause record_missing, record_surplus, record_altered, signature_invalid, root_mismatch,
    time_backwards;
extern const Cause epoch_mismatch, key_unknown, unknown_kind, unknown_version;
extern const Cause tile_missing, tile_altered, tile_surplus;
extern const Cause body_missing, body_altered, body_invalid;
extern const Cause event_missing, event_altered, event_surplus;
extern const Cause index_missing, index_altered, index_surplus;
extern const Cause alert_missing, alert_altered, alert_surplus, alert_mismatch;
extern const Cause checkpoint_missing, checkpoint_altered, checkpoint_surplus, checkpoint_mismatch;
extern const Cause epoch_missing, epoch_altered, epoch_surplus;
extern const Cause delivery_missing, delivery_altered, delivery_surplus;
extern const Cause identity_missing, identity_altered, identity_surplus;
extern const Cause reread_missing, reread_altered, reread_surplus;
extern const Cause media_missing, media_altered, media_surplus, media_mismatch;
extern const Cause file_missing, file_altered, file_surplus;
}  // namespace cause

/// Runs on: any, one at a time.
class Findings {
 public:
  void add(std::optional<std::uint64_t> seq, const Cause& cause, std::string expected,
           std::string found);
  /// Something that follows from what is listed already.
  void count_more(std::uint64_t number = 1) { more_ += number; }
  /// The first `records` records are as they were sealed, for all that was found: the signature of
  /// the last of them holds, and its root is that of those before it.
  void proven(std::uint64_t records) { proven_ = records; }
  /// The root of a record after these isn't that of the records before it: nobody can say which of
  /// them was exchanged since the last one that agreed.
  void distrust_last() { doubt(proven_ == 0 ? 0 : proven_ - 1); }
  /// Whether one that is listed is so.
  template <class Is>
  [[nodiscard]] bool any(Is is) const {
    return std::any_of(problems_.begin(), problems_.end(), is);
  }
  [[nodiscard]] bool none() const { return problems_.empty() && more_ == 0; }
  /// Moves everything into the report, in order of records (what has no record first).
  void move_to(Report& report);

 private:
  void doubt(std::uint64_t seq) { doubt_from_ = std::min(doubt_from_.value_or(seq), seq); }
  [[nodiscard]] std::string remains(Depth depth) const;

  std::vector<Problem> problems_;
  std::uint64_t proven_ = 0;
  std::optional<std::uint64_t> doubt_from_;  ///< the first record that a finding is about
  std::uint64_t more_ = 0;
};

}  // namespace sigilo::evidence
