// SPDX-License-Identifier: Apache-2.0
#include "config/precheck.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sigilo::config {
namespace {

/// Each part of a dotted key is one table in the other; they are taken down by recursion.
constexpr int max_dots_in_a_line = 100;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Length of the text that begins with a quotation mark at the front of `rest`, up to the end of
/// the line for one that is not closed.
std::size_t text_length(std::string_view rest) {
  const char mark = rest.front();
  const bool escapes = mark == '"';
  const std::string three(3, mark);
  const bool multi_line = rest.starts_with(three);
  std::size_t i = multi_line ? 3 : 1;
  while (i < rest.size()) {
    if (escapes && rest[i] == '\\') {
      i += 2;
    } else if (multi_line && rest.substr(i).starts_with(three)) {
      i += 3;
      // Two more marks at the end still belong to the text (TOML 1.0.0, "String").
      for (int more = 0; more < 2 && i < rest.size() && rest[i] == mark; ++more) ++i;
      return i;
    } else if (!multi_line && rest[i] == mark) {
      return i + 1;
    } else if (!multi_line && rest[i] == '\n') {
      return i;
    } else {
      ++i;
    }
  }
  return rest.size();
}

}  // namespace

std::optional<Unfit> find_unfit(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  int line = 1;
  int dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
      dots = 0;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == '"' || c == '\'') {
      const auto inside = text.substr(i, text_length(text.substr(i)));
      line += static_cast<int>(std::count(inside.begin(), inside.end(), '\n'));
      i += inside.size() - 1;
    } else if (c == '.' && ++dots > max_dots_in_a_line) {
      return Unfit{line,
                   fmt::format("more than {} dots outside of quotation marks", max_dots_in_a_line),
                   "write shorter keys"};
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return Unfit{line, "a character beyond ASCII outside of quotation marks",
                   "put quotation marks around the text; keys and numbers have none"};
    }
  }
  return std::nullopt;
}

}  // namespace sigilo::config
