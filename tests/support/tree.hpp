// SPDX-License-Identifier: Apache-2.0
// A log in memory: leaves, tiles, roots.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "crypto/digest.hpp"
#include "ledger/tree.hpp"

namespace sigilo::test {

class MemoryLog {
 public:
  explicit MemoryLog(std::uint64_t size = 0, const std::string& label = "record ") {
    for (std::uint64_t i = 0; i < size; ++i) append(label + std::to_string(i));
  }
  void append(std::string_view data) {
    const auto leaf = crypto::Sha256().update(Bytes{0}).update(as_bytes(data)).finish();
    leaves_.push_back(leaf);
    writer_.append(leaf);
  }
  [[nodiscard]] std::uint64_t size() const { return leaves_.size(); }
  [[nodiscard]] const crypto::Digest& leaf(std::uint64_t index) const { return leaves_[index]; }
  /// Reads what was appended so far; lives no longer than the log.
  ledger::TileReader tiles() {
    for (auto& tile : writer_.take_changed())
      tiles_[std::pair(tile.level, tile.index)] = std::move(tile);
    return [this](int level, std::uint64_t index) -> Result<ledger::Tile> {
      const auto found = tiles_.find(std::pair(level, index));
      if (found == tiles_.end()) return fail(ErrorCode::corrupt, "no such tile");
      return found->second;
    };
  }
  crypto::Digest root(std::uint64_t size) { return *ledger::root_at(size, tiles()); }

 private:
  std::vector<crypto::Digest> leaves_;
  ledger::TileWriter writer_;
  std::map<std::pair<int, std::uint64_t>, ledger::Tile> tiles_;
};

}  // namespace sigilo::test
