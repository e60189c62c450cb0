// SPDX-License-Identifier: Apache-2.0
// Somebody who seals records by hand, and makes the vault's tables fit.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "ledger/record.hpp"
#include "ledger/tree.hpp"
#include "support/evidence.hpp"

namespace sigilo::test {

inline std::string blob(BytesView bytes) {
  return fmt::format("x'{}'", crypto::to_hex(bytes));
}

/// Seals records by hand, with any key, root, time and epoch.
class Forger {
 public:
  explicit Forger(const std::filesystem::path& vault) : vault_(vault) {
    auto reader = must(vault::AuditReader::open(vault, vault_key()));
    header_.vault = reader.uuid();
    must(reader.each_record(0, [this](vault::RawRecord&& raw) {
      add(raw);
      return true;
    }));
  }
  /// A header that would be right for the next record.
  [[nodiscard]] ledger::Header next() const {
    ledger::Header header = header_;
    header.seq = Seq(leaves_.size());
    header.root = root(leaves_.size());
    return header;
  }
  /// The key that signs at present, as the daemon keeps it.
  [[nodiscard]] crypto::SigningKey present_key() const {
    for (const auto& file : std::filesystem::directory_iterator(vault_ / "keys")) {
      std::ifstream in(file.path());
      std::string hex;
      in >> hex;
      return must(crypto::SigningKey::from_seed(must(crypto::from_hex(hex))));
    }
    throw std::runtime_error("no key");
  }
  /// Puts a record in, or in another's place.
  std::string write(ledger::Header header, const crypto::SigningKey& key, const std::string& body) {
    const ledger::Salt salt{1, 2, 3};
    header.body = ledger::commitment(salt, body);
    const auto signature = key.sign(as_bytes(ledger::header_line(header)));
    const auto seq = header.seq.value();
    leaves_.resize(std::max<std::size_t>(leaves_.size(), seq + 1));
    leaves_[seq] = ledger::leaf_hash(header, signature);
    return fmt::format("INSERT OR REPLACE INTO record VALUES ({},{},'{}',{},{},{},{},{},'{}');",
                       seq, header.time.micros(), to_string(header.kind), header.epoch.value(),
                       blob(header.root.view()), blob(header.body.view()), blob(signature.view()),
                       blob(salt), body);
  }
  /// The tree over all records as they are now.
  [[nodiscard]] std::string write_tree() const {
    ledger::TileWriter tiles;
    for (const auto& leaf : leaves_) tiles.append(leaf);
    std::string sql;
    for (const auto& tile : tiles.take_changed()) {
      Bytes bytes;
      for (const auto& hash : tile.hashes)
        bytes.insert(bytes.end(), hash.bytes.begin(), hash.bytes.end());
      sql += fmt::format("INSERT OR REPLACE INTO tile VALUES ({}, {});",
                         (std::int64_t{tile.level} << 48) + static_cast<std::int64_t>(tile.index),
                         blob(bytes));
    }
    return sql;
  }
  [[nodiscard]] crypto::Digest root(std::size_t size) const {
    ledger::Frontier frontier;
    for (std::size_t i = 0; i < size; ++i) frontier.append(leaves_.at(i));
    return frontier.root();
  }

 private:
  void add(const vault::RawRecord& raw) {
    header_.seq = Seq(static_cast<std::uint64_t>(raw.seq));
    header_.time = Timestamp::from_micros(raw.time.value());
    header_.kind = parse_record_kind(raw.kind.value()).value();
    header_.epoch = Epoch(static_cast<std::uint64_t>(raw.epoch.value()));
    header_.root = must(crypto::Digest::from(as_bytes(raw.root.value())));
    header_.body = must(crypto::Digest::from(as_bytes(raw.commitment.value())));
    leaves_.push_back(
        ledger::leaf_hash(header_, must(crypto::Signature::from(as_bytes(raw.signature.value())))));
  }

  std::filesystem::path vault_;
  ledger::Header header_;
  std::vector<crypto::Digest> leaves_;
};

}  // namespace sigilo::test
