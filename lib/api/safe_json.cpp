// SPDX-License-Identifier: Apache-2.0
#include "api/safe_json.hpp"

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "json/canonical.hpp"
#include "text/terminal.hpp"
#include "text/unicode.hpp"

namespace sigilo::api {
namespace {

void make_well_formed(json::Value& value) {
  if (auto* text = value.if_string()) {
    if (!text::is_utf8(*text)) *text = text::to_utf8(*text);
  } else if (auto* array = value.if_array()) {
    for (auto& element : *array) make_well_formed(element);
  } else if (auto* object = value.if_object()) {
    for (auto& member : *object) make_well_formed(member.value());
  }
}

/// Bytes of the well-formed UTF-8 character that begins with `lead`.
std::size_t length_of(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

std::uint32_t code_point(std::string_view character) {
  const auto lead = static_cast<std::uint8_t>(character.front());
  if (character.size() == 1) return lead;
  std::uint32_t code = lead & (0x7FU >> character.size());
  for (const char c : character.substr(1))
    code = code << 6 | (static_cast<std::uint8_t>(c) & 0x3FU);
  return code;
}

/// RFC 8259, section 7: beyond the first plane as a surrogate pair.
std::string escaped(std::uint32_t code) {
  if (code < 0x10000) return fmt::format("\\u{:04x}", code);
  code -= 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF));
}

}  // namespace

std::string safe_json(json::Value value) {
  make_well_formed(value);
  const std::string plain = json::canonical(value);
  std::string out;
  out.reserve(plain.size());
  for (std::size_t at = 0; at < plain.size();) {
    const auto lead = static_cast<std::uint8_t>(plain[at]);
    const auto character = std::string_view(plain).substr(at, length_of(lead));
    at += character.size();
    // In canonical JSON whatever is not printable ASCII stands inside of a text.
    const bool harmless = lead < 0x80 ? lead != 0x7F : text::for_terminal(character) == character;
    if (harmless)
      out += character;
    else
      out += escaped(code_point(character));
  }
  return out;
}

}  // namespace sigilo::api
