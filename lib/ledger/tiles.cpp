// SPDX-License-Identifier: Apache-2.0
// The tree kept in tiles: writing them, and proofs out of them (tree.hpp).
#include <bit>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "ledger/tree.hpp"

namespace sigilo::ledger {
namespace {

using crypto::Digest;

constexpr int tile_height = 8;  // 2^8 hashes wide
static_assert(tile_width == std::uint64_t{1} << tile_height);

/// Root of a complete subtree over `hashes`, whose number is a power of two.
Digest fold(std::vector<Digest> hashes) {
  for (std::size_t count = hashes.size(); count > 1; count /= 2)
    for (std::size_t i = 0; i < count / 2; ++i)
      hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
  return hashes.front();
}

/// Reads hashes of subtrees out of tiles, each tile once.
class Subtrees {
 public:
  explicit Subtrees(const TileReader& tiles) : tiles_(&tiles) {}

  /// Merkle tree hash over leaves [begin, end), where RFC 9162's splitting comes to such a range.
  Result<Digest> over(std::uint64_t begin, std::uint64_t end) {
    const std::uint64_t count = end - begin;
    if (std::has_single_bit(count)) return complete(std::countr_zero(count), begin / count);
    const std::uint64_t middle = begin + std::bit_floor(count);
    SIGILO_TRY(const Digest left, over(begin, middle));
    SIGILO_TRY(const Digest right, over(middle, end));
    return node_hash(left, right);
  }

 private:
  /// Root of the complete subtree of 2^height leaves that has `index` such ones before it.
  Result<Digest> complete(int height, std::uint64_t index) {
    const int level = height / tile_height;
    const std::uint64_t count = std::uint64_t{1} << (height % tile_height);
    const std::uint64_t first = index * count;
    SIGILO_TRY(const Tile* const tile, read(level, first / tile_width));
    const std::uint64_t offset = first % tile_width;
    if (tile->hashes.size() < offset + count) {
      return fail(ErrorCode::corrupt,
                  fmt::format("tile {} of level {} of the tree has {} hashes instead of {} or more",
                              tile->index, level, tile->hashes.size(), offset + count));
    }
    const auto begin = tile->hashes.begin() + static_cast<std::ptrdiff_t>(offset);
    return fold(std::vector<Digest>(begin, begin + static_cast<std::ptrdiff_t>(count)));
  }

  Result<const Tile*> read(int level, std::uint64_t index) {
    const auto known = known_.find({level, index});
    if (known != known_.end()) return &known->second;
    SIGILO_TRY(Tile tile, (*tiles_)(level, index));
    if (tile.level != level || tile.index != index) {
      return fail(ErrorCode::corrupt,
                  fmt::format("tile {} of level {} of the tree is stored as tile {} of level {}",
                              tile.index, tile.level, index, level));
    }
    return &known_.emplace(std::pair(level, index), std::move(tile)).first->second;
  }

  const TileReader* tiles_;
  std::map<std::pair<int, std::uint64_t>, Tile> known_;
};

}  // namespace

Result<TileWriter> TileWriter::from(std::uint64_t size, std::vector<Tile> open) {
  TileWriter writer;
  writer.size_ = size;
  int level = 0;
  for (std::uint64_t hashes = size; hashes > 0; hashes /= tile_width, ++level) {
    const std::uint64_t index = (hashes - 1) / tile_width;
    const auto at = static_cast<std::size_t>(level);
    if (at >= open.size() || open[at].level != level || open[at].index != index ||
        open[at].hashes.size() != hashes - index * tile_width) {
      return fail(
          ErrorCode::invalid_input,
          fmt::format("the last tile of level {} does not fit a tree of {} records", level, size));
    }
    if (open[at].hashes.size() == tile_width) open[at] = Tile{level, index + 1, {}};
  }
  if (open.size() != static_cast<std::size_t>(level)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("a tree of {} records has tiles on {} levels, not on {}", size, level,
                            open.size()));
  }
  writer.changed_.assign(open.size(), false);
  writer.open_ = std::move(open);
  return writer;
}

void TileWriter::append(const Digest& leaf) {
  ++size_;
  Digest hash = leaf;
  for (std::size_t level = 0;; ++level) {
    if (level == open_.size()) {
      open_.push_back(Tile{static_cast<int>(level), 0, {}});
      changed_.push_back(false);
    }
    Tile& tile = open_[level];
    tile.hashes.push_back(hash);
    changed_[level] = true;
    if (tile.hashes.size() < tile_width) return;
    hash = fold(tile.hashes);
    changed_[level] = false;
    done_.push_back(std::exchange(tile, Tile{tile.level, tile.index + 1, {}}));
  }
}

std::vector<Tile> TileWriter::take_changed() {
  std::vector<Tile> changed = std::exchange(done_, {});
  for (std::size_t level = 0; level < open_.size(); ++level)
    if (changed_[level]) changed.push_back(open_[level]);
  changed_.assign(open_.size(), false);
  return changed;
}

Result<Digest> root_at(std::uint64_t size, const TileReader& tiles) {
  if (size == 0) return empty_root();
  return Subtrees(tiles).over(0, size);
}

Result<std::vector<Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                            const TileReader& tiles) {
  if (index >= size) {
    return fail(ErrorCode::invalid_input,
                fmt::format("record {} is not among the first {}", index, size));
  }
  Subtrees subtrees(tiles);
  std::vector<Digest> proof;  // from the root down, turned round at the end
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + std::bit_floor(end - begin - 1);
    const bool in_left = index < middle;
    SIGILO_TRY(const Digest sibling,
               in_left ? subtrees.over(middle, end) : subtrees.over(begin, middle));
    proof.push_back(sibling);
    (in_left ? end : begin) = middle;
  }
  return std::vector<Digest>(proof.rbegin(), proof.rend());
}

Result<std::vector<Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                              const TileReader& tiles) {
  if (old_size == 0 || old_size > size) {
    return fail(ErrorCode::invalid_input,
                fmt::format("a tree of {} records is no beginning of one of {}", old_size, size),
                "compare with an earlier checkpoint of at least one record");
  }
  Subtrees subtrees(tiles);
  std::vector<Digest> proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end != old_size) {
    const std::uint64_t middle = begin + std::bit_floor(end - begin - 1);
    const bool in_left = old_size <= middle;
    SIGILO_TRY(const Digest sibling,
               in_left ? subtrees.over(middle, end) : subtrees.over(begin, middle));
    proof.push_back(sibling);
    (in_left ? end : begin) = middle;
  }
  if (begin != 0) {  // else the verifier has this hash: it is the old root
    SIGILO_TRY(const Digest last, subtrees.over(begin, end));
    proof.push_back(last);
  }
  return std::vector<Digest>(proof.rbegin(), proof.rend());
}

}  // namespace sigilo::ledger
