// SPDX-License-Identifier: Apache-2.0
// One step through UTF-8 by ICU, for the .cpp files of this room.
#pragma once

#include <cstddef>
#include <string_view>

#include <unicode/utf8.h>

namespace sigilo::text {

// ICU's macro narrows its own bytes.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
/// The character at `at`, which moves on by at least one byte; negative where it is malformed.
inline UChar32 next_character(std::string_view text, std::size_t& at) {
  UChar32 c = 0;
  U8_NEXT(text.data(), at, text.size(), c);
  return c;
}
#pragma GCC diagnostic pop

}  // namespace sigilo::text
