// SPDX-License-Identifier: Apache-2.0
// Untrusted text on paper: what acts instead of being read is shown, what piles up is counted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sigilo::paper {

/// Marks and joined characters that one letter may carry; the scripts of living languages need
/// fewer than half. More are left out and counted: they would print over the lines around.
inline constexpr std::size_t most_marks = 16;
/// Empty lines in a row. More are counted: a text of line ends alone would fill a ream.
inline constexpr std::size_t most_empty_lines = 8;
/// Bytes of one text that are printed, the provider's whole delivery (3 MiB) included.
inline constexpr std::size_t most_text = 4 * 1024 * 1024;

/// Well-formed UTF-8 in which nothing but new lines controls, and every replacement can be seen:
/// - a control, bidirectional override or embedding, invisible, private-use or unassigned
///   character becomes its name, "‹U+202E›"; joiners inside words and emoji stay;
/// - marks that never reorder a foreign text (U+200E, U+200F, U+061C, U+2068, U+2069; every mention
///   has two) are left out;
/// - what is over a limit becomes "‹+N›": N characters; N bytes at the end of a text over
///   most_text;
/// - CR LF, CR, and line and paragraph separators become new lines, a tab four spaces;
/// - each malformed byte becomes U+FFFD.
/// The printed text is a view; the bytes as they came stand in the record. Runs on: any.
std::string printable(std::string_view text);

/// The same on one line: new lines become "⏎".
std::string printable_line(std::string_view text);

/// For hashes and other strings without words: groups of `size` characters, a space between.
/// The text must be UTF-8.
std::string grouped(std::string_view text, std::size_t size);

}  // namespace sigilo::paper
