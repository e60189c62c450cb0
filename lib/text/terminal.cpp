// SPDX-License-Identifier: Apache-2.0
#include "text/terminal.hpp"

#include <cstdint>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace sigilo::text {
namespace {

/// Calls `visit(code point, bytes)`; a malformed sequence comes as U+FFFD. Stops when visit says
/// false.
template <class Visit>
void each_character(std::string_view text, Visit visit) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < length;) {
    const std::int32_t begin = at;
    UChar32 character = 0;
    U8_NEXT(bytes, at, length, character);
    const auto slice =
        text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
    if (!visit(character < 0 ? UChar32{0xFFFD} : character, slice)) return;
  }
}

bool is_harmless(UChar32 character) {
  if (character == 0xFFFD) return false;
  switch (u_charType(character)) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_SURROGATE:
    case U_PRIVATE_USE_CHAR:
    case U_UNASSIGNED:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
      return false;
    default:
      return true;
  }
}

std::size_t width_of(UChar32 character) {
  switch (u_charType(character)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
    case U_CONTROL_CHAR:
      return 0;
    default:
      break;
  }
  const auto width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  const bool wide = width == U_EA_WIDE || width == U_EA_FULLWIDTH ||
                    u_hasBinaryProperty(character, UCHAR_EMOJI_PRESENTATION) != 0;
  return wide ? 2 : 1;
}

}  // namespace

std::string for_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(text, [&](UChar32 character, std::string_view bytes) {
    if (character == '\n') {
      out += "⏎";
    } else if (character == '\t') {
      out += ' ';
    } else if (is_harmless(character)) {
      out += bytes;
    } else {
      out += "\uFFFD";
    }
    return true;
  });
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  each_character(text, [&](UChar32 character, std::string_view) {
    width += width_of(character);
    return true;
  });
  return width;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  std::string out;
  std::size_t width = 0;
  each_character(text, [&](UChar32 character, std::string_view bytes) {
    if (width + width_of(character) + 1 > columns) return false;
    width += width_of(character);
    out += bytes;
    return true;
  });
  return out + "…";
}

}  // namespace sigilo::text
