// SPDX-License-Identifier: Apache-2.0
// A page for people: headings, fields and quoted texts, wrapped so that it reads on any terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sigilo::cli {

/// Columns of a page.
inline constexpr std::size_t page_columns = 100;

/// Untrusted text in harmless lines of at most `columns` columns (at least 2), broken at spaces
/// where that is possible; a line feed begins a new line. At least one line.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

/// An empty line, then the heading.
void print_heading(std::string_view heading);

/// `head`, which is cut nowhere, then the text; its further lines stand below its first.
void print_item(std::string_view head, std::string_view text);

/// print_item with the name in a column of its own; nothing where the value is empty.
void print_field(std::string_view name, std::string_view value);

/// What somebody wrote: each line behind `indent` spaces and a bar, so that it can't pretend to be
/// part of the page.
void print_quoted(std::size_t indent, std::string_view text);

}  // namespace sigilo::cli
