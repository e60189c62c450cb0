// SPDX-License-Identifier: Apache-2.0
// Untrusted text on a terminal: nothing in it may move the cursor, turn the line round or pretend
// to be a column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sigilo::text {

/// One harmless line: line breaks and tabs become "⏎" and a space; other controls, bidirectional
/// and invisible format characters, private-use and unassigned ones become U+FFFD. Malformed UTF-8
/// too. Runs on: any.
std::string for_terminal(std::string_view text);

/// Columns that `text` takes: 2 for East Asian wide characters and emoji, 0 for combining marks
/// (UAX #11).
std::size_t display_width(std::string_view text);

/// At most `columns` columns of `text`, ending in "…" where something was cut.
std::string fit(std::string_view text, std::size_t columns);

}  // namespace sigilo::text
