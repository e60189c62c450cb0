// SPDX-License-Identifier: Apache-2.0
// Unicode by ICU: valid text, folding for the scanner, and cutting by what a reader sees as a character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sigilo::text {

/// Whether `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

/// Well-formed UTF-8 out of anything: each malformed sequence becomes U+FFFD.
std::string to_utf8(std::string_view bytes);

/// A text made comparable, with the way back. `origin[i]` is the byte in the original text from which byte i of
/// `text` came; it has one entry more, the original's length, so that [origin[a], origin[b]) is the original of [a, b).
struct Folded {
  std::string text;
  std::vector<std::uint32_t> origin;
};

/// NFKC case fold, then marks removed (á → a, ç → c, ñ → n), zero-width and bidirectional controls removed,
/// every kind of white space to one space each. ASCII and Latin letters go through a table, the rest through ICU.
/// Input must be UTF-8 of less than 4 GiB. Runs on: any.
Folded fold(std::string_view text);

/// At most `limit` user-perceived characters, with "…" where something was cut.
std::string shorten(std::string_view text, std::size_t limit);

}  // namespace sigilo::text
