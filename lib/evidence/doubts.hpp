// SPDX-License-Identifier: Apache-2.0
// Numbers of records that are missing or can't be relied on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace sigilo::evidence {

/// Filled in ascending order. Runs on: any, one at a time.
class Doubts {
 public:
  /// Records from `first` up to `end`.
  void add(std::uint64_t first, std::uint64_t end) {
    if (!ranges_.empty() && ranges_.back().end >= first)
      ranges_.back().end = std::max(ranges_.back().end, end);
    else
      ranges_.push_back({first, end});
  }
  [[nodiscard]] bool any_in(std::uint64_t first, std::uint64_t end) const {
    const auto range = std::ranges::upper_bound(ranges_, first, {}, &Range::end);
    return range != ranges_.end() && range->first < end;
  }
  [[nodiscard]] bool contains(std::uint64_t seq) const { return any_in(seq, seq + 1); }

 private:
  struct Range {
    std::uint64_t first, end;
  };
  std::vector<Range> ranges_;
};

}  // namespace sigilo::evidence
