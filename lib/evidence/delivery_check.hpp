// SPDX-License-Identifier: Apache-2.0
// The deliveries as received: all there, whole, and what the records say that they were.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "evidence/doubts.hpp"
#include "evidence/findings.hpp"
#include "message/body.hpp"
#include "vault/audit.hpp"

namespace sigilo::evidence {

/// The records of one delivery follow each other, and its row has the number of the first. Runs on:
/// work.
class DeliveryCheck {
 public:
  DeliveryCheck(vault::AuditReader& reader, Findings& findings, const Doubts& doubts)
      : reader_(&reader), findings_(&findings), doubts_(&doubts) {}
  /// The next sound record that came from a delivery; `row`: which one its index row says. Returns
  /// which one it was.
  std::uint64_t number_of(std::uint64_t seq, const message::Provenance& provenance,
                          std::optional<std::int64_t> row);
  /// What follows is of another delivery, or of the same one read again: that has a row of its own.
  void end_run() { last_.reset(); }
  /// The number of the last delivery; nullopt where none came.
  [[nodiscard]] std::optional<std::uint64_t> last() const {
    return known_.empty() ? std::nullopt : std::optional(known_.back().number);
  }
  /// One pass over all deliveries, once all records were seen. `known`: how many records the tree
  /// knows of.
  void run(std::uint64_t records, std::uint64_t known);

 private:
  /// What the bodies of its records say of a delivery, as a short hash: 24 bytes a delivery are
  /// kept.
  using Mark = std::array<std::uint8_t, 16>;
  struct Known {
    std::uint64_t number;
    Mark mark;
  };
  static Mark mark_of(const message::Provenance& provenance);
  static std::optional<Mark> mark_of(const vault::RawDelivery& row);
  void compare(const vault::RawDelivery& row, std::uint64_t next);
  void missing_before(std::uint64_t number);

  vault::AuditReader* reader_;
  Findings* findings_;
  const Doubts* doubts_;
  std::vector<Known> known_;
  std::size_t compared_ = 0;  ///< of known_
  std::optional<Known> last_;
  std::uint64_t last_seq_ = 0;
};

}  // namespace sigilo::evidence
