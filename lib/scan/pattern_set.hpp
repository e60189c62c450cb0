// SPDX-License-Identifier: Apache-2.0
// Many patterns over one text in one pass, by RE2; linear in the text whatever the patterns.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "scan/proximity.hpp"

namespace sigilo::scan {

/// Memory for all patterns together; RE2 grows into it as texts need (measured: under 1 MiB fails,
/// from 8 MiB fast).
inline constexpr long max_set_memory = 64L * 1024 * 1024;
/// Size of all patterns together as RE2 counts it, and memory for one of them. The delivered
/// policies need 40,000; a hundred \\pL in a row need 120,000 and half a second, so that a limit
/// keeps a reload quick.
inline constexpr int max_program = 250'000;
inline constexpr long max_pattern_memory = 1024L * 1024;
/// Hits of one pattern that are looked at in one text.
inline constexpr std::size_t max_hits = 1000;

/// First add(), then compile(), then ask. Runs on: any; asking from several threads at once.
class PatternSet {
 public:
  PatternSet();
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;
  ~PatternSet();

  /// Adds a folded pattern; answers its number: 0, 1, 2 ... Errors: invalid_input with RE2's words;
  /// no_space when all together pass max_program.
  Result<std::size_t> add(const std::string& folded_pattern);
  /// Errors: no_space.
  Result<> compile();

  /// Numbers of the patterns that are found in `folded`, ascending.
  [[nodiscard]] std::vector<std::size_t> found_in(std::string_view folded) const;
  /// Where one pattern is found, from left to right, not overlapping; empty matches are left out.
  [[nodiscard]] std::vector<Hit> hits(std::size_t pattern, std::string_view folded) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigilo::scan
