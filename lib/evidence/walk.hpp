// SPDX-License-Identifier: Apache-2.0
// One pass over the records in their order: each by itself, in the tree, in the succession of keys,
// in the index.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/bodies.hpp"
#include "evidence/delivery_check.hpp"
#include "evidence/derived_tables.hpp"
#include "evidence/doubts.hpp"
#include "evidence/findings.hpp"
#include "evidence/index_check.hpp"
#include "evidence/media_check.hpp"
#include "evidence/record_feed.hpp"
#include "evidence/sealed.hpp"
#include "evidence/source.hpp"
#include "evidence/succession.hpp"
#include "evidence/tree_check.hpp"
#include "evidence/verify.hpp"
#include "evidence/workers.hpp"

namespace sigilo::evidence {

/// Runs on: work.
class Walk {
 public:
  Walk(Source& source, Findings& findings, const VerifyOptions& options);
  void run(Report& report);

 private:
  [[nodiscard]] bool full() const { return options_->depth == Depth::full; }
  bool of_another_vault();
  void with_index();
  void to_the_end();
  void through(std::int64_t last);
  void surplus_event(const vault::RawEvent& row, SurplusRows& surplus);

  /// One record, with its index row where there is one.
  void step(const vault::RawEvent* row);
  bool judge(const Sealed& sealed);
  std::optional<bool> signature_holds(const Sealed& sealed, bool leaf_differs) const;
  void note_epoch(const Sealed& sealed, bool leaf_agrees);
  bool check_root(const Sealed& sealed);
  void blame(const Sealed& sealed);
  void settle_pending(bool tile_is_wrong);
  void check_order(const Sealed& sealed);
  void doubt(std::uint64_t first, std::uint64_t end);
  void skip_to(std::uint64_t seq);
  void close_tail();
  [[nodiscard]] bool end_is_whole() const;
  Since compare_since(const std::string& note);
  bool report_progress();
  bool go_on();

  /// What a sound record says.
  void check_body(const Sealed& sealed, const vault::RawRecord& raw, const vault::RawEvent* row);
  void check_contents(const Sealed& sealed, const std::string& body, const vault::RawEvent* row);
  void check_genesis(const Sealed& sealed, const std::string& body);
  void check_key(const Sealed& sealed, const std::string& body);
  void check_checkpoint(const Sealed& sealed, const std::string& body);
  void check_alert(const Sealed& sealed, const std::string& body);
  void check_media(const Sealed& sealed, const std::string& body);
  void check_service(const Sealed& sealed, const std::string& body);
  void check_anchored(const Sealed& sealed, const AnchorBody& anchor);
  void check_event(const Sealed& sealed, const std::string& body, const vault::RawEvent* row);
  void invalid_body(const Sealed& sealed, const Error& why);

  Source* source_;
  vault::AuditReader* reader_;
  Findings* findings_;
  const VerifyOptions* options_;
  Workers workers_;
  RecordFeed feed_;
  TreeCheck tree_;
  Succession keys_;
  ListedRows lists_;
  Doubts doubts_;
  DeliveryCheck deliveries_;
  IdentityCheck identities_;
  RereadCheck reread_;
  MediaCheck media_;
  std::map<std::uint64_t, std::string> notes_;  ///< of sound checkpoints; some 300 bytes a day

  std::uint64_t all_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t next_ = 0;    ///< number that the next record must have
  bool after_doubt_ = false;  ///< the record before is missing or can't be relied on
  bool explained_ =
      false;  ///< something found since the last root that agreed explains one that doesn't
  bool last_is_signed_ = false;  ///< the signature of before_ was asked for
  bool stopped_ = false;
  bool events_readable_ = true;
  std::optional<Timestamp> last_time_;
  std::optional<std::uint64_t> bare_tile_;     ///< reported for keeping no hash of a record
  std::optional<std::uint64_t> altered_tile_;  ///< reported for keeping a wrong one
  /// Soundly signed, but the tree keeps another hash: the next root tells which of the two is
  /// right.
  struct Pending {
    std::uint64_t seq;
    std::string found, stored;
  };
  std::optional<Pending> pending_;
  std::optional<Sealed> before_;  ///< the record before, and the keys that might sign it
  Succession keys_before_;
  std::string fingerprint_;
  std::vector<Remark> remarks_;
};

}  // namespace sigilo::evidence
