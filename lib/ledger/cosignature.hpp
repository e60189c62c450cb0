// SPDX-License-Identifier: Apache-2.0
// What a witness says of a checkpoint: C2SP tlog-cosignature, cosignature/v1 with Ed25519
// (https://c2sp.org/tlog-cosignature). "At this time the largest consistent tree that I have seen
// of this log has this size and root."
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/sign.hpp"
#include "ledger/note.hpp"

namespace sigilo::ledger {

/// A witness that somebody decided to trust.
struct WitnessKey {
  std::string name;
  crypto::PublicKey key;
  bool operator==(const WitnessKey&) const = default;
};

/// Reads a verifier key as witnesses publish it: "name+8 hex digits+base64(type ‖ public key)".
/// The type is 0x04, or 0x01 as many witnesses publish the same Ed25519 key; its cosignatures are
/// of type 0x04 in both cases. Errors: invalid_input (says which part is wrong).
Result<WitnessKey> parse_witness_key(std::string_view text);

/// The bytes that a witness signs: two lines, then the note's text.
std::string cosigned_message(std::string_view note_text, std::uint64_t seconds);

struct Cosignature {
  std::string witness;  ///< its name
  Timestamp time;       ///< whole seconds, by the witness' clock
  bool operator==(const Cosignature&) const = default;
};

/// The cosignatures that the `known` witnesses made on the note, in its order; of several by one
/// witness the first. Lines of other names and keys are passed over: anybody can add those.
/// Errors: invalid_input (no note), crypto (a line under a known name and key hash doesn't hold:
/// the note isn't to be believed at all, as signed-note demands).
Result<std::vector<Cosignature>> cosignatures_on(std::string_view note,
                                                 const std::vector<WitnessKey>& known);

/// The note with a witness' answer to it: of `lines` those that hold, in front of nothing and
/// behind all that the note bears. A witness that the note bears already keeps its line: the
/// earlier date says more. Errors: invalid_input (no note, no lines, too many), crypto (no line of
/// a known witness is there, or one doesn't hold or is dated after `latest`; the note is to be kept
/// as it was).
Result<std::string> add_cosignatures(std::string_view note, std::string_view lines,
                                     const std::vector<WitnessKey>& known, Timestamp latest);

}  // namespace sigilo::ledger
