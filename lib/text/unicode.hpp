// SPDX-License-Identifier: Apache-2.0
// Unicode by ICU: valid text, folding for the scanner, and cutting by what a reader sees as a
// character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sigilo::text {

/// Whether `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

/// Well-formed UTF-8 out of anything: each malformed sequence (maximal subpart, Unicode 3.9)
/// becomes U+FFFD.
std::string to_utf8(std::string_view bytes);

/// A text made comparable, with the way back. `origin[i]` is the byte in the original text where
/// the character begins from which byte i of `text` came; it has one entry more, the original's
/// length. It never decreases. What was dropped (marks, zero-width characters) belongs to the
/// character before it.
struct Folded {
  std::string text;
  std::vector<std::uint32_t> origin;
};

/// Unicode's NFKC case fold, decomposed, then: marks removed (á → a, ç → c, ñ → n), zero-width and
/// bidirectional controls and control characters removed, every kind of white space to one space
/// each. A malformed sequence is taken as U+FFFD, so that the result is always UTF-8. ASCII and
/// Latin letters go through a table, the rest through ICU. Folds character by character: fold(a +
/// b) = fold(a) + fold(b). Input must be less than 4 GiB. Runs on: any.
Folded fold(std::string_view text);

/// The same without the way back, into a string whose memory is used again: for texts that mostly
/// hold nothing.
void fold_into(std::string_view text, std::string& folded);

/// At most `limit` user-perceived characters, the last of them "…" where something was cut. A text
/// whose characters are piled up from many code points is cut earlier, so that the result has at
/// most limit × 64 bytes, plus "…".
std::string shorten(std::string_view text, std::size_t limit);

}  // namespace sigilo::text
