// SPDX-License-Identifier: Apache-2.0
// Checkpoints: C2SP tlog-checkpoint, signed as a C2SP signed-note with Ed25519.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/digest.hpp"
#include "crypto/sign.hpp"
#include "ledger/note.hpp"

namespace sigilo::ledger {

struct Checkpoint {
  std::string origin;  ///< "sigilo/<vault uuid>"; also the key name
  std::uint64_t size = 0;
  crypto::Digest root;
  bool operator==(const Checkpoint&) const = default;
};

/// A tree's size as the formats of transparency logs write it: decimal, no sign, no leading zeros.
std::optional<std::uint64_t> parse_size(std::string_view text);

std::string origin_of(std::string_view vault);
/// The note's text: three lines.
std::string checkpoint_text(const Checkpoint& checkpoint);
/// Text, blank line, one signature line "— origin base64(key hash ‖ signature)".
std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key);
/// First 4 bytes, big-endian, of SHA-256(name ‖ "\n" ‖ 0x01 ‖ public key).
std::uint32_t key_hash(std::string_view name, const crypto::PublicKey& key);
/// Reads a note and checks the signature that `key` made under the origin's name; those of others
/// (witnesses) are passed over. Errors: invalid_input (not a checkpoint), crypto (no valid
/// signature by that key).
Result<Checkpoint> open_checkpoint(std::string_view note, const crypto::PublicKey& key);
/// Reads without checking signatures.
Result<Checkpoint> parse_checkpoint(std::string_view note);

}  // namespace sigilo::ledger
