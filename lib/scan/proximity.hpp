// SPDX-License-Identifier: Apache-2.0
// How far apart hits stand, in words.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace sigilo::scan {

/// Bytes [begin, end) of a folded text.
struct Hit {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const Hit&) const = default;
};

/// Where the words of a folded text begin. A word is a run of ASCII letters, digits, _ and of bytes
/// beyond ASCII.
class Words {
 public:
  explicit Words(std::string_view folded);
  /// Numbers of the words with which a hit begins and ends: 1, 2, 3 ...; between words, of the word
  /// before.
  [[nodiscard]] long first(const Hit& hit) const;
  [[nodiscard]] long last(const Hit& hit) const;
  [[nodiscard]] std::size_t count() const { return begins_.size(); }

 private:
  std::vector<std::size_t> begins_;
};

/// The words that stand in hits or at most `margin` words from them.
class Surroundings {
 public:
  Surroundings(const std::vector<Hit>& hits, const Words& words, long margin);
  /// Whether one of the words from the begin of `hit` to its end is among them.
  [[nodiscard]] bool reach(const Hit& hit) const;

 private:
  const Words& words_;
  std::vector<long> marked_before_;  ///< [n]: how many words with a number below n are among them
};

/// Hits of each list that stand together: at most `within` words from the end of the one that ends
/// first to the begin of the one that begins last. Each answer has one hit of each list, in the
/// order of the lists. For each place in the text the closest hits before it are tried, so the time
/// is that of sorting the hits.
std::vector<std::vector<Hit>> together(const std::vector<std::vector<Hit>>& lists,
                                       const Words& words, long within, bool ordered);

}  // namespace sigilo::scan
