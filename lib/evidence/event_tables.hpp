// SPDX-License-Identifier: Apache-2.0
// The three tables by which events are found must repeat table event: a row too many would make a
// new message pass for a repeat, one too few would hide one from searches, or what became of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

#include "evidence/doubts.hpp"
#include "evidence/findings.hpp"
#include "evidence/source.hpp"
#include "vault/audit.hpp"

namespace sigilo::evidence {

/// Runs on: work.
class EventTables {
 public:
  /// `go_on` is asked every few thousand rows; false ends the check.
  EventTables(Source& source, Findings& findings, const Doubts& doubts, std::function<bool()> go_on)
      : source_(&source), findings_(&findings), doubts_(&doubts), go_on_(std::move(go_on)) {}
  /// Once all records were seen. `records`: how many there are, or were as the tree knows.
  void run(std::uint64_t records);

 private:
  /// Of each table and cause only the record with the lowest number is listed.
  struct First {
    std::int64_t seq = INT64_MAX;
    std::uint64_t count = 0;
    void add(std::int64_t another) {
      seq = std::min(seq, another);
      ++count;
    }
  };
  Result<> compare(vault::EventTable table, std::int64_t indexed);
  [[nodiscard]] bool is_doubtful(std::int64_t seq) const;
  void report(const Cause& cause, const First& first, std::string expected, std::string found);

  Source* source_;
  Findings* findings_;
  const Doubts* doubts_;
  std::function<bool()> go_on_;
};

}  // namespace sigilo::evidence
