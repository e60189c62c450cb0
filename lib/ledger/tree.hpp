// SPDX-License-Identifier: Apache-2.0
// The Merkle tree of RFC 9162 (hashes as RFC 6962). Stored in tiles of 256 hashes as in C2SP
// tlog-tiles, so that a proof reads O(log n) rows and appending rewrites one row a level.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.hpp"
#include "crypto/digest.hpp"

namespace sigilo::ledger {

/// SHA-256(0x01 ‖ left ‖ right).
crypto::Digest node_hash(const crypto::Digest& left, const crypto::Digest& right);
/// Root of the empty tree: SHA-256 of nothing.
crypto::Digest empty_root();

/// The right edge of a tree: enough to append and to know the root. Copyable (a transaction's
/// undo).
class Frontier {
 public:
  Frontier() = default;
  /// Errors: invalid_input unless there is one hash for each set bit of `size` (largest subtree
  /// first).
  static Result<Frontier> from(std::uint64_t size, std::vector<crypto::Digest> hashes);
  void append(const crypto::Digest& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] crypto::Digest root() const;
  /// Roots of the complete subtrees, largest first.
  [[nodiscard]] const std::vector<crypto::Digest>& hashes() const { return hashes_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<crypto::Digest> hashes_;
};

inline constexpr std::uint64_t tile_width = 256;

/// Tile (level, index): hashes of the complete subtrees of 256^level leaves numbered index*256 … ;
/// 1 to 256 of them.
struct Tile {
  int level = 0;
  std::uint64_t index = 0;
  std::vector<crypto::Digest> hashes;
};

/// Keeps the open (not yet full) tile of each level and says which tiles an append changed.
class TileWriter {
 public:
  TileWriter() = default;
  /// `open`: the last tile of each level, level 0 first, as stored for a tree of `size`.
  static Result<TileWriter> from(std::uint64_t size, std::vector<Tile> open);
  void append(const crypto::Digest& leaf);
  /// Tiles changed since the last call (full ones and the open one of each level), and forgets
  /// them.
  std::vector<Tile> take_changed();
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Tile> open_;
  std::vector<Tile> done_;
  std::vector<bool> changed_;
};

/// Reads one stored tile; an error where it is missing or short.
using TileReader = std::function<Result<Tile>(int level, std::uint64_t index)>;

/// Root of the first `size` leaves, out of tiles.
Result<crypto::Digest> root_at(std::uint64_t size, const TileReader& tiles);
/// RFC 9162 2.1.3.1: proof that leaf `index` is in the tree of `size`. Errors: invalid_input (index
/// >= size), reader's.
Result<std::vector<crypto::Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                    const TileReader& tiles);
/// RFC 9162 2.1.4.1: proof that the tree of `old_size` is a beginning of the tree of `size` (0 <
/// old_size <= size).
Result<std::vector<crypto::Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                                      const TileReader& tiles);

/// RFC 9162 2.1.3.2 and 2.1.4.2.
bool verify_inclusion(const crypto::Digest& leaf, std::uint64_t index, std::uint64_t size,
                      const std::vector<crypto::Digest>& proof, const crypto::Digest& root);
bool verify_consistency(std::uint64_t old_size, const crypto::Digest& old_root, std::uint64_t size,
                        const crypto::Digest& root, const std::vector<crypto::Digest>& proof);

}  // namespace sigilo::ledger
