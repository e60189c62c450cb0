// SPDX-License-Identifier: Apache-2.0
// The tables that searches and lists read must say what the sealed bodies say.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "evidence/bodies.hpp"
#include "evidence/doubts.hpp"
#include "evidence/findings.hpp"
#include "evidence/source.hpp"
#include "ledger/consistency.hpp"
#include "ledger/record.hpp"
#include "message/body.hpp"
#include "vault/audit.hpp"

namespace sigilo::evidence {

/// Compares the index row of a message, status or unrecognised record with its body and the
/// delivery that it came from. False: it differs.
bool compare_event(Findings& findings, std::uint64_t seq, const vault::RawEvent& row,
                   const message::StoredEvent& body, std::uint64_t delivery);

/// Rows of one table that have no record. Beyond the last record only the first is listed, the
/// others counted.
class SurplusRows {
 public:
  SurplusRows(Findings& findings, const Cause& cause, std::string_view table, std::uint64_t records)
      : findings_(&findings), cause_(&cause), table_(table), records_(records) {}
  void add(std::int64_t key);

 private:
  Findings* findings_;
  const Cause* cause_;
  std::string_view table_;
  std::uint64_t records_;
  bool beyond_ = false;
};

/// The vault's own row must repeat the genesis record's time and leaf.
void compare_vault(Findings& findings, const vault::RawVault& row, const ledger::Header& genesis,
                   const crypto::Digest& leaf);

/// The rows of alerts, checkpoints and epochs, few enough to be held. Runs on: work.
class ListedRows {
 public:
  ListedRows(Source& source, Findings& findings) : source_(&source), findings_(&findings) {}
  /// Reads the rows. Where a table can't be read that is a finding, and its rows are not asked for
  /// any more.
  void load(bool with_alerts);

  void alert(std::uint64_t seq, const AlertBody& body);
  void checkpoint(std::uint64_t seq, const std::string& note);
  /// Record `seq` names the key of epoch `number`.
  void epoch(std::uint64_t seq, std::uint64_t number, const crypto::PublicKey& key);
  /// The keys that epoch() was told of.
  [[nodiscard]] const std::vector<ledger::EpochKey>& keys() const { return keys_; }
  /// What is left has no record that could be relied on. `known`: records that the tree knows of.
  void finish(std::uint64_t records, std::uint64_t known, const Doubts& doubts);

 private:
  template <class Row>
  using Rows = std::map<std::int64_t, Row>;
  template <class Row>
  using Each = Result<> (vault::AuditReader::*)(const std::function<bool(Row&&)>&);
  template <class Row>
  bool read(std::string_view table, Each<Row> each, std::int64_t Row::*key, Rows<Row>& rows);

  Source* source_;
  Findings* findings_;
  bool alerts_readable_ = false;
  bool checkpoints_readable_ = false;
  bool epochs_readable_ = false;
  Rows<vault::RawAlert> alerts_;
  Rows<vault::RawCheckpoint> checkpoints_;
  Rows<vault::RawEpoch> epochs_;
  std::vector<ledger::EpochKey> keys_;
};

/// Does an alert quote the message that it names?
void compare_alert(Findings& findings, vault::AuditReader& reader, std::uint64_t seq,
                   const AlertBody& alert);

/// A table that a reader could not go through to its end.
void table_failed(Findings& findings, std::string_view table, const Error& error);

}  // namespace sigilo::evidence
