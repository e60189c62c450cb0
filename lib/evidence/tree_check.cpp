// SPDX-License-Identifier: Apache-2.0
#include "evidence/tree_check.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

namespace sigilo::evidence {
namespace {

using crypto::Digest;
using ledger::tile_width;

/// Root of a complete subtree whose 2^n hashes are given.
Digest fold(std::vector<Digest> hashes) {
  for (; hashes.size() > 1; hashes.resize(hashes.size() / 2))
    for (std::size_t i = 0; i < hashes.size() / 2; ++i)
      hashes[i] = ledger::node_hash(hashes[2 * i], hashes[2 * i + 1]);
  return hashes.front();
}

/// First record beneath hash `position` of `level`.
std::uint64_t first_beneath(std::size_t level, std::uint64_t position) {
  return position << (8 * level);
}

}  // namespace

std::optional<std::vector<Digest>> TreeCheck::read_tile(int level, std::uint64_t index) {
  const auto tile = reader_->tile(level, index);
  if (!tile || !*tile) return std::nullopt;
  const std::string& bytes = (*tile)->hashes;
  std::vector<Digest> hashes(std::min<std::size_t>(bytes.size() / 32, tile_width));
  for (std::size_t i = 0; i < hashes.size(); ++i)
    std::copy_n(as_bytes(bytes).begin() + static_cast<std::ptrdiff_t>(32 * i), 32,
                hashes[i].bytes.begin());
  return hashes;
}

std::optional<Digest> TreeCheck::stored_leaf(std::uint64_t seq) {
  const std::uint64_t tile = seq / tile_width;
  if (leaves_tile_ != tile) {
    leaves_tile_ = tile;
    leaves_ = read_tile(0, tile).value_or(std::vector<Digest>{});
  }
  const std::uint64_t place = seq % tile_width;
  return place < leaves_.size() ? std::optional(leaves_[place]) : std::nullopt;
}

bool TreeCheck::agrees(std::uint64_t seq, const Digest& root) const {
  return !lost_ && frontier_.size() == seq && frontier_.root() == root;
}

bool TreeCheck::recover(std::uint64_t seq, const Digest& root) {
  // Once lost, trying at each record would cost a tile of hashes a record.
  const bool first_time = !std::exchange(lost_, true);
  if (!first_time && seq % tile_width != 0) return false;
  auto stored = frontier_from_tiles(seq);
  if (!stored || stored->root() != root) return false;
  frontier_ = std::move(*stored);
  lost_ = false;
  return true;
}

void TreeCheck::append(std::uint64_t seq, const Digest& leaf, bool sure) {
  if (frontier_.size() == seq)
    frontier_.append(leaf);
  else
    lost_ = true;
  Level& open = levels_[0];
  const bool follows = open.tile == seq / tile_width && open.hashes.size() == seq % tile_width;
  if (!follows) open = Level{seq / tile_width, std::vector<Digest>(seq % tile_width), false};
  append_to(0, seq, leaf, sure);
}

void TreeCheck::append_to(std::size_t level, std::uint64_t position, const Digest& hash,
                          bool sure) {
  if (kept_size_) keep(level, position, hash);
  Level& open = levels_[level];
  open.hashes.push_back(hash);
  open.sure = open.sure && sure;
  if (open.hashes.size() < tile_width) return;
  bool sure_above = open.sure;
  Digest above = fold(std::move(open.hashes));
  open = Level{open.tile + 1, {}, true};
  const std::uint64_t parent = position / tile_width;
  if (levels_.size() == level + 1) levels_.emplace_back();
  above = checked(level + 1, parent, above, sure_above);
  Level& next = levels_[level + 1];
  if (next.tile != parent / tile_width || next.hashes.size() != parent % tile_width)
    next = Level{parent / tile_width, std::vector<Digest>(parent % tile_width), false};
  append_to(level + 1, parent, above, sure_above);
}

void TreeCheck::keep_for(std::uint64_t size) {
  kept_size_ = size;
}

void TreeCheck::keep(std::size_t level, std::uint64_t position, const Digest& hash) {
  const std::uint64_t index = position / tile_width;
  Walked& tile = walked_[{level, index}];
  tile.whole = tile.whole && tile.hashes.size() == position % tile_width;
  if (tile.whole) tile.hashes.push_back(hash);
  // Of leaves a proof needs those about its beginning and the last ones.
  const bool about = index <= *kept_size_ / tile_width && index + 1 >= *kept_size_ / tile_width;
  if (level == 0 && !about && position % tile_width == tile_width - 1) walked_.erase({0, index});
}

ledger::TileReader TreeCheck::walked() {
  return [this](int level, std::uint64_t index) -> Result<ledger::Tile> {
    const auto found = walked_.find({static_cast<std::size_t>(level), index});
    if (found != walked_.end() && found->second.whole)
      return ledger::Tile{level, index, found->second.hashes};
    auto stored = read_tile(level, index);
    if (!stored)
      return fail(ErrorCode::corrupt, fmt::format("tile {} of level {} is missing", index, level),
                  "restore a backup, or compare with an earlier checkpoint");
    return ledger::Tile{level, index, std::move(*stored)};
  };
}

/// The stored hash where ours rests on doubtful leaves; else ours, with a finding where the stored
/// one differs.
Digest TreeCheck::checked(std::size_t level, std::uint64_t position, const Digest& hash,
                          bool& sure) {
  const auto tile = read_tile(static_cast<int>(level), position / tile_width);
  const std::uint64_t place = position % tile_width;
  const bool stored = tile && place < tile->size();
  if (stored && (*tile)[place] == hash) return hash;
  if (!sure) return stored ? (*tile)[place] : hash;
  const std::uint64_t first = first_beneath(level, position);
  if (stored)
    findings_->add(first, cause::tile_altered,
                   fmt::format("hash {} at level {} over records {} to {}", hash.hex(), level,
                               first, first_beneath(level, position + 1) - 1),
                   (*tile)[place].hex());
  else if (!tile)
    findings_->add(first, cause::tile_missing,
                   fmt::format("tile {} of level {}", position / tile_width, level), "no such row");
  else
    findings_->add(first, cause::tile_altered,
                   fmt::format("more than {} hashes at level {}", place, level),
                   fmt::format("{} hashes", tile->size()));
  return hash;
}

void TreeCheck::finish(std::uint64_t records, bool tail_reported) {
  std::uint64_t tiles = 0;
  std::uint64_t hashes = records;
  for (std::size_t level = 0; hashes > 0; ++level, hashes /= tile_width) {
    tiles += (hashes + tile_width - 1) / tile_width;
    if (level > 0 && !tail_reported) check_width(level, hashes);
  }
  const auto stored = reader_->tile_count();
  if (!stored)
    findings_->add(std::nullopt, cause::table_unreadable, "the rows of table tile can be counted",
                   stored.error().what);
  if (stored && *stored > tiles && !tail_reported)
    findings_->add(std::nullopt, cause::tile_surplus,
                   fmt::format("{} tiles for {} records", tiles, records),
                   fmt::format("{} tiles", *stored));
}

/// The last tile of a level may not reach beyond the records.
void TreeCheck::check_width(std::size_t level, std::uint64_t hashes) {
  const std::uint64_t index = (hashes - 1) / tile_width;
  const auto tile = read_tile(static_cast<int>(level), index);
  const std::uint64_t width = hashes - index * tile_width;
  if (tile && tile->size() > width)
    findings_->add(first_beneath(level, hashes - 1), cause::tile_altered,
                   fmt::format("{} hashes in the last tile of level {}", width, level),
                   fmt::format("{} hashes", tile->size()));
}

std::optional<Digest> TreeCheck::root() const {
  return lost_ ? std::nullopt : std::optional(frontier_.root());
}

std::optional<ledger::Frontier> TreeCheck::frontier_from_tiles(std::uint64_t size) {
  std::vector<Digest> subtrees;
  std::uint64_t leaves = 0;  // those before the subtree
  for (int bit = static_cast<int>(std::bit_width(size)) - 1; bit >= 0; --bit) {
    if (((size >> bit) & 1) == 0) continue;
    const int level = bit / 8;
    const std::uint64_t first = leaves >> (8 * level);
    const auto count = std::uint64_t{1} << (bit % 8);
    const auto tile = read_tile(level, first / tile_width);
    const std::uint64_t place = first % tile_width;
    if (!tile || tile->size() < place + count) return std::nullopt;
    const auto begin = tile->begin() + static_cast<std::ptrdiff_t>(place);
    subtrees.push_back(fold({begin, begin + static_cast<std::ptrdiff_t>(count)}));
    leaves += std::uint64_t{1} << bit;
  }
  auto frontier = ledger::Frontier::from(size, std::move(subtrees));
  return frontier ? std::optional(std::move(*frontier)) : std::nullopt;
}

}  // namespace sigilo::evidence
