// SPDX-License-Identifier: Apache-2.0
// A row of the ledger put together again as the record that was signed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/digest.hpp"
#include "crypto/sign.hpp"
#include "evidence/findings.hpp"
#include "ledger/record.hpp"
#include "vault/audit.hpp"

namespace sigilo::evidence {

struct Sealed {
  ledger::Header header;
  std::string line;
  crypto::Signature signature;
  crypto::Digest leaf;
  /// What was found out ahead: whether the signature holds under this key, and whether salt and
  /// body agree with the commitment.
  struct Ahead {
    std::optional<crypto::PublicKey> key;
    bool holds = false;
    bool body = false;
  };
  std::optional<Ahead> ahead = {};

  [[nodiscard]] std::uint64_t seq() const { return header.seq.value(); }
  [[nodiscard]] bool signed_by(const crypto::PublicKey& key) const {
    if (ahead && ahead->key == key) return ahead->holds;
    return key.verify(as_bytes(line), signature);
  }
};

/// nullopt, with a finding, where the columns can't be those of a record. Runs on: any.
std::optional<Sealed> assemble(const vault::RawRecord& raw, std::string_view vault,
                               Findings& findings);

/// As assemble(), without findings, and with Sealed::ahead: `key` is the one that will probably be
/// asked for.
std::optional<Sealed> prepare(const vault::RawRecord& raw, std::string_view vault,
                              const std::optional<crypto::PublicKey>& key);

/// Salt and body are there and agree with the record's commitment.
bool body_agrees(const vault::RawRecord& raw, const Sealed& sealed);

}  // namespace sigilo::evidence
