// SPDX-License-Identifier: Apache-2.0
// The records one after another, past damaged pages where there are any.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "evidence/findings.hpp"
#include "evidence/sealed.hpp"
#include "evidence/source.hpp"
#include "evidence/workers.hpp"
#include "vault/audit.hpp"

namespace sigilo::evidence {

/// A record, and where it was asked for what is costly about it, found out ahead.
struct Fed {
  vault::RawRecord raw;
  std::optional<Sealed> sealed = {};
};

/// Reads in batches, so that memory stays flat. Runs on: work.
class RecordFeed {
 public:
  /// `workers`: they check signatures and bodies ahead; null: nobody does.
  RecordFeed(Source& source, Findings& findings, Workers* workers)
      : source_(&source), findings_(&findings), workers_(workers) {}

  /// The next record; nullptr after the last, or where reading failed.
  const vault::RawRecord* peek();
  Fed take();
  /// Reading failed before the last record: mend() is needed.
  [[nodiscard]] bool broken() const { return failure_.has_value(); }
  /// Finds the first record behind the damage, and reports what lies in it. Never while rows are
  /// being visited.
  void mend();
  /// True if `seq` lies where pages of the file can't be read (then its absence is no removal).
  [[nodiscard]] bool unreadable(std::uint64_t seq) const;

 private:
  void fetch();
  void look_ahead();
  bool readable_at(std::int64_t seq);

  struct Range {
    std::int64_t first, end;
  };

  Source* source_;
  Findings* findings_;
  Workers* workers_;
  /// The key that the records before name: a guess that saves time, believed by nobody.
  std::optional<crypto::PublicKey> key_;
  std::deque<Fed> batch_;
  std::int64_t next_ = INT64_MIN;
  bool ended_ = false;
  std::optional<Error> failure_;
  std::optional<Range> damage_;  ///< the last one
};

}  // namespace sigilo::evidence
