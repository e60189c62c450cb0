// SPDX-License-Identifier: Apache-2.0
// The records one after another, past damaged pages where there are any.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "evidence/findings.hpp"
#include "vault/audit.hpp"

namespace sigilo::evidence {

/// Reads in batches, so that memory stays flat. Runs on: work.
class RecordFeed {
 public:
  RecordFeed(vault::AuditReader& reader, Findings& findings)
      : reader_(&reader), findings_(&findings) {}

  /// The next record that can be read; nullptr after the last.
  const vault::RawRecord* peek();
  vault::RawRecord take();
  /// True if `seq` lies where pages of the file can't be read (then its absence is no removal).
  [[nodiscard]] bool unreadable(std::uint64_t seq) const;

 private:
  void fetch();
  void skip_damage(const Error& error);
  bool readable_at(std::int64_t seq);

  struct Range {
    std::int64_t first, end;
  };

  vault::AuditReader* reader_;
  Findings* findings_;
  std::deque<vault::RawRecord> batch_;
  std::int64_t next_ = INT64_MIN;
  bool ended_ = false;
  std::optional<Range> damage_;  ///< the last one
};

}  // namespace sigilo::evidence
