// SPDX-License-Identifier: Apache-2.0
// Follows the stored Merkle tree beside the records: tiles of every level, and the root before each
// record.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/digest.hpp"
#include "evidence/findings.hpp"
#include "ledger/tree.hpp"
#include "vault/audit.hpp"

namespace sigilo::evidence {

/// Runs on: work.
class TreeCheck {
 public:
  TreeCheck(vault::AuditReader& reader, Findings& findings)
      : reader_(&reader), findings_(&findings) {}

  /// What level 0 keeps for this record; nullopt where it keeps nothing.
  std::optional<crypto::Digest> stored_leaf(std::uint64_t seq);
  /// Is `root` the tree's over the records before `seq`?
  [[nodiscard]] bool agrees(std::uint64_t seq, const crypto::Digest& root) const;
  /// After it was not: takes the stored tiles from here on if they agree. Else the way is lost, and
  /// found again where a later call succeeds.
  bool recover(std::uint64_t seq, const crypto::Digest& root);
  /// Goes on with `leaf` for record `seq`; `sure` if the record itself vouches for it.
  void append(std::uint64_t seq, const crypto::Digest& leaf, bool sure);
  /// Before the first append: keeps what a proof from the first `size` records on needs, some 32
  /// bytes for each 256 records.
  void keep_for(std::uint64_t size);
  /// The tree as the records gave it, not as it is stored, for proofs from there on; where records
  /// could not be followed as it is stored. Lives no longer than this.
  ledger::TileReader walked();
  /// That the tiles hold nothing beyond the records. `tail_reported`: that records are missing at
  /// the end is known.
  void finish(std::uint64_t records, bool tail_reported);
  /// Over everything appended; nullopt once the way was lost and not found again.
  [[nodiscard]] std::optional<crypto::Digest> root() const;

 private:
  /// Hashes of one level that wait for their 256.
  struct Level {
    std::uint64_t tile = 0;
    std::vector<crypto::Digest> hashes;
    bool sure = true;
  };

  /// A tile as the records gave it; not whole if some of it was passed over.
  struct Walked {
    std::vector<crypto::Digest> hashes;
    bool whole = true;
  };

  void keep(std::size_t level, std::uint64_t position, const crypto::Digest& hash);
  std::optional<std::vector<crypto::Digest>> read_tile(int level, std::uint64_t index);
  void append_to(std::size_t level, std::uint64_t position, const crypto::Digest& hash, bool sure);
  crypto::Digest checked(std::size_t level, std::uint64_t position, const crypto::Digest& hash,
                         bool& sure);
  void check_width(std::size_t level, std::uint64_t hashes);
  std::optional<ledger::Frontier> frontier_from_tiles(std::uint64_t size);

  vault::AuditReader* reader_;
  Findings* findings_;
  ledger::Frontier frontier_;
  bool lost_ = false;
  std::vector<Level> levels_{1};
  std::optional<std::uint64_t> leaves_tile_;  ///< which tile leaves_ holds
  std::vector<crypto::Digest> leaves_;
  std::optional<std::uint64_t> kept_size_;
  std::map<std::pair<std::size_t, std::uint64_t>, Walked> walked_;  ///< by level and index
};

}  // namespace sigilo::evidence
