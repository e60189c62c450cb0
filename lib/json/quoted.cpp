// SPDX-License-Identifier: Apache-2.0
#include "json/quoted.hpp"

#include <cstddef>

#include "json/find_byte_impl.hpp"

namespace sigilo::json {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

bool within(unsigned byte, unsigned low, unsigned high) {
  return byte >= low && byte <= high;
}

/// Length of the well-formed multi-byte sequence at `at`, 0 where there is none (Unicode 15, table
/// 3-7).
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  const unsigned second = byte_at(text, at + 1);
  if (within(first, 0xc2, 0xdf)) return within(second, 0x80, 0xbf) ? 2 : 0;
  const bool third = within(byte_at(text, at + 2), 0x80, 0xbf);
  if (within(first, 0xe0, 0xef)) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return within(second, low, high) && third ? 3 : 0;
  }
  if (within(first, 0xf0, 0xf4)) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
    const bool fourth = within(byte_at(text, at + 3), 0x80, 0xbf);
    return within(second, low, high) && third && fourth ? 4 : 0;
  }
  return 0;
}

/// RFC 8785, 3.2.2.2: the two-character escapes where there is one, else \u00xx in lower case.
void append_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4U];
      out += digits[static_cast<unsigned char>(c) & 0xfU];
  }
}

/// What can't be copied as it is without a look: controls, quotes, backslashes, all but ASCII.
EightBytes mark_special(EightBytes bytes) {
  return mark_less(bytes, 0x20) | mark_equal(bytes, '"') | mark_equal(bytes, '\\') |
         (bytes & top_bits);
}

}  // namespace

bool append_quoted(std::string& out, std::string_view text) {
  const std::size_t before = out.size();
  out += '"';
  std::size_t run = 0;  // begin of what can be copied as it is
  std::size_t at = 0;
  while ((at = find_byte(text, at, text.size(), mark_special)) < text.size()) {
    if (byte_at(text, at) >= 0x80) {
      const std::size_t length = sequence_length(text, at);
      if (length == 0) {
        out.resize(before);
        return false;
      }
      at += length;
    } else {
      out.append(text.substr(run, at - run));
      append_escape(out, text[at]);
      run = ++at;
    }
  }
  out.append(text.substr(run));
  out += '"';
  return true;
}

}  // namespace sigilo::json
