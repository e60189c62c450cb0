// SPDX-License-Identifier: Apache-2.0
// Private to json: the next byte of a kind, eight bytes at a time. Most bytes of a delivery stand
// inside strings and have no meaning there; looking at each alone took a tenth of a work thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sigilo::json {

using EightBytes = std::uint64_t;
static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");

inline constexpr EightBytes each = 0x0101010101010101;
inline constexpr EightBytes top_bits = 0x80 * each;

/// The lowest byte below `limit` (at most 0x80) gets its top bit set, and none below it; 0 where no
/// byte is.
constexpr EightBytes mark_less(EightBytes bytes, std::uint8_t limit) {
  return (bytes - limit * each) & ~bytes & top_bits;
}
/// The same for the lowest byte that is `c`.
constexpr EightBytes mark_equal(EightBytes bytes, char c) {
  return mark_less(bytes ^ (static_cast<std::uint8_t>(c) * each), 1);
}

/// First position in [at, end) whose byte `mark` marks among eight, or `end`. `mark` may set more
/// bits above the first.
template <class Mark>
std::size_t find_byte(std::string_view text, std::size_t at, std::size_t end, Mark mark) {
  EightBytes bytes = 0;
  for (; end - at >= sizeof bytes; at += sizeof bytes) {
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    if (const EightBytes marked = mark(bytes); marked != 0)
      return at + static_cast<std::size_t>(std::countr_zero(marked)) / 8;
  }
  if (at == end) return end;
  bytes = 0;  // zeros behind the end may be marked, but above what is there
  std::memcpy(&bytes, text.data() + at, end - at);
  const EightBytes marked = mark(bytes);
  if (marked == 0) return end;
  const std::size_t found = at + static_cast<std::size_t>(std::countr_zero(marked)) / 8;
  return found < end ? found : end;
}

}  // namespace sigilo::json
