// SPDX-License-Identifier: Apache-2.0
// Untrusted text made harmless before it reaches a header, a page or a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sigilo::mail {

/// What stands in the place of a character that could act instead of being read (U+FFFD).
inline constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Valid UTF-8 in which only new lines are left of what controls: NUL and the other C0 and C1
/// controls, the bidirectional controls (Unicode UAX #9: they show a text in another order than it
/// is stored) and line and paragraph separators each become U+FFFD; a tab becomes a space, CR LF
/// and CR a new line. Runs on: any.
std::string harmless(std::string_view text);

/// The same on one line, white space collapsed, at most `limit` characters ("…" where it was cut)
/// of at most most_bytes_a_character on average (one character may carry any number of combining
/// marks): for names, subjects and header fields.
inline constexpr std::size_t most_bytes_a_character = 16;
std::string one_line(std::string_view text, std::size_t limit);

/// A part of a message's text; `marked` where it is words that matched.
struct Piece {
  std::string text;
  bool marked = false;
  bool operator==(const Piece&) const = default;
};

using Spans = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// How much of a text is shown, in characters (code points).
struct Cut {
  static constexpr std::size_t everything = static_cast<std::size_t>(-1);
  std::size_t around = everything;  ///< before and after each marked piece; the rest becomes "…"
  std::size_t longest_mark = everything;  ///< of one marked piece
  std::size_t most_marks = everything;    ///< marked pieces; later ones are cut like the rest
};

/// Cuts a message at the spans (bytes of `text`, any order; an end outside of the text or inside of
/// a character is moved to the next good place). Each piece is harmless().
std::vector<Piece> pieces(std::string_view text, const Spans& spans, const Cut& cut);

}  // namespace sigilo::mail
