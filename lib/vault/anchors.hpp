// SPDX-License-Identifier: Apache-2.0
// Checkpoints that were remembered outside of this machine, and what came back: each is a `service`
// record "anchored" (docs/evidence-format.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/digest.hpp"

namespace sigilo::vault {

/// A checkpoint as it was made.
struct KeptCheckpoint {
  Seq seq;           ///< of its record; it covers as many records
  Timestamp time;    ///< of its record
  std::string note;  ///< C2SP signed note
};

enum class AnchorKind { directory, rfc3161, witness, mail };
std::string_view to_string(AnchorKind kind);
std::optional<AnchorKind> parse_anchor_kind(std::string_view text);

/// Who remembers which checkpoint.
struct Anchor {
  AnchorKind kind = AnchorKind::directory;
  Seq checkpoint;              ///< number of the checkpoint's record
  crypto::Digest note_sha256;  ///< of its note, byte for byte
  std::string where;           ///< directory, URL, verifier key of the witness, addresses
  /// rfc3161: the token in base64; witness: its signature line with its line feed; else "".
  std::string proof;
};

/// {"anchor","checkpoint","event":"anchored","note_sha256","proof","v":1,"where"}.
std::string anchor_body(const Anchor& anchor);
/// Errors: corrupt.
Result<Anchor> read_anchor_body(std::string_view body);

struct AnchorRow {
  Seq seq;
  Timestamp time;  ///< when it was recorded
  Anchor anchor;
  std::string note;  ///< of the checkpoint
};
/// Given at once. One a day and place: those of nearly a year with three places.
inline constexpr std::size_t max_anchors = 1000;

}  // namespace sigilo::vault
