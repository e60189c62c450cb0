// SPDX-License-Identifier: Apache-2.0
// C2SP signed-note v1.0.0 (https://c2sp.org/signed-note): a text, a blank line, signature lines.
// Taken apart here, believed nowhere: whoever knows a key checks its line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/sign.hpp"

namespace sigilo::ledger {

/// What is read at most: a note carries a signature of ours and a line for each witness.
inline constexpr std::size_t max_note_size = 64 * 1024;
inline constexpr std::size_t max_note_signatures = 64;

/// The byte that says what kind of signature a key makes.
enum class SignatureType : std::uint8_t {
  ed25519 = 0x01,      ///< over the note's text
  cosignature = 0x04,  ///< a witness's, dated: tlog-cosignature v1
};

struct NoteSignature {
  std::string name;
  std::uint32_t key_hash = 0;
  Bytes signature;  ///< what follows the key hash; its form depends on the type
  bool operator==(const NoteSignature&) const = default;
};

struct SignedNote {
  std::string text;  ///< with its last newline: what is signed
  std::vector<NoteSignature> signatures;
};

/// First 4 bytes, big-endian, of SHA-256(name ‖ "\n" ‖ type ‖ public key).
std::uint32_t key_hash(std::string_view name, SignatureType type, const crypto::PublicKey& key);
/// True unless it is empty, is no UTF-8 or holds a space, a plus or a control character.
bool is_key_name(std::string_view name);
/// "— name base64(key hash ‖ signature)" and a newline.
std::string signature_line(const NoteSignature& signature);
/// Errors: invalid_input (no note: says which rule it breaks).
Result<SignedNote> parse_note(std::string_view note);
/// Reads signature lines alone, as a witness answers: one to max_note_signatures of them.
/// Errors: invalid_input.
Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines);

}  // namespace sigilo::ledger
