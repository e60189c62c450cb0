// SPDX-License-Identifier: Apache-2.0
// Of a table that follows from the records alone only the first deviation of each kind is listed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "evidence/findings.hpp"

namespace sigilo::evidence {

/// Runs on: any, one at a time.
class FirstFinding {
 public:
  FirstFinding(const Cause& cause, std::string expected, std::string found)
      : cause_(&cause), expected_(std::move(expected)), found_(std::move(found)) {}
  void add(std::int64_t seq) {
    seq_ = std::min(seq_, seq);
    ++count_;
  }
  /// At the lowest number; the others are counted.
  void report(Findings& findings) const {
    if (count_ == 0) return;
    findings.add(seq_ < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(seq_)), *cause_,
                 expected_, found_);
    findings.count_more(count_ - 1);
  }

 private:
  const Cause* cause_;
  std::string expected_, found_;
  std::int64_t seq_ = INT64_MAX;
  std::uint64_t count_ = 0;
};

}  // namespace sigilo::evidence
