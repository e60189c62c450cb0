// SPDX-License-Identifier: Apache-2.0
// A record: two lines of text that anybody can check (docs/evidence-format.md).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/domain.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "crypto/digest.hpp"
#include "crypto/sign.hpp"

namespace sigilo::ledger {

inline constexpr std::string_view record_type = "sigilo.record.v1";

struct Header {
  std::string vault;  ///< UUID, lower case
  Seq seq;
  Timestamp time;
  RecordKind kind = RecordKind::service;
  Epoch epoch;
  crypto::Digest root;  ///< Merkle tree hash over records 0 … seq-1
  crypto::Digest body;  ///< HMAC-SHA-256, key = salt, over the body
  bool operator==(const Header&) const = default;
};

using Salt = std::array<std::uint8_t, 32>;

struct Record {
  Header header;
  crypto::Signature signature;
  Salt salt{};
  std::string body;     ///< canonical JSON
  crypto::Digest leaf;  ///< leaf_hash() of header and signature
};

/// Line 1, canonical JSON with its newline: what is signed. `header.vault` is written as it is.
std::string header_line(const Header& header);
/// Line 2 with its newline.
std::string signature_line(const crypto::Signature& signature);
/// SHA-256(0x00 ‖ both lines).
crypto::Digest leaf_hash(const Header& header, const crypto::Signature& signature);
/// The same for whoever has line 1 already.
crypto::Digest leaf_hash(std::string_view header_line, const crypto::Signature& signature);
/// HMAC-SHA-256 of the body with the salt.
crypto::Digest commitment(const Salt& salt, std::string_view body);

/// A fresh salt and what it commits to. May be made on any thread before the record is sealed: it
/// depends on nothing that came before.
struct Commitment {
  Salt salt{};
  crypto::Digest digest;
};
Commitment commit_to(std::string_view body, Random& random);

}  // namespace sigilo::ledger
