// SPDX-License-Identifier: Apache-2.0
#include "text/unicode.hpp"

#include <algorithm>
#include <memory>

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "base/check.hpp"
#include "text/utf8_impl.hpp"

namespace sigilo::text {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";     // U+2026
/// The longest emoji in use (a family with skin tones) has about 41 bytes.
constexpr std::size_t max_character_bytes = 64;

/// The largest boundary of a character that is not after `at`.
std::size_t boundary(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && U8_IS_TRAIL(static_cast<std::uint8_t>(text[at]))) --at;
  return at;
}

/// Byte after the first `count` user-perceived characters (UAX #29), or the length where there are
/// fewer.
std::size_t after_characters(std::string_view text, std::size_t count) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UText, decltype(&utext_close)> view(
      utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status),
      &utext_close);
  const std::unique_ptr<UBreakIterator, decltype(&ubrk_close)> breaks(
      ubrk_open(UBRK_CHARACTER, "", nullptr, 0, &status), &ubrk_close);
  SIGILO_CHECK(U_SUCCESS(status), "ICU has no character breaks");
  ubrk_setUText(breaks.get(), view.get(), &status);
  SIGILO_CHECK(U_SUCCESS(status), "ICU does not read UTF-8");
  std::int32_t at = 0;
  for (std::size_t i = 0; i < count && at != UBRK_DONE; ++i) at = ubrk_next(breaks.get());
  return at == UBRK_DONE ? text.size() : static_cast<std::size_t>(at);
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (next_character(text, at) < 0) return false;
  return true;
}

std::string to_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t from = at;
    const bool well_formed = next_character(bytes, at) >= 0;
    out += well_formed ? bytes.substr(from, at - from) : replacement;
  }
  return out;
}

std::string shorten(std::string_view text, std::size_t limit) {
  if (limit == 0) return {};
  if (text.size() <= limit) return std::string(text);
  // ICU counts in 32 bits, and looks at no more than can be kept.
  constexpr std::size_t most = 1 << 20;
  const bool huge = text.size() / max_character_bytes >= std::min(limit, most);
  const std::string_view seen =
      huge ? text.substr(0, boundary(text, std::min(limit, most) * max_character_bytes)) : text;
  if (!huge && after_characters(seen, limit) == text.size()) return std::string(text);
  return std::string(seen.substr(0, after_characters(seen, limit - 1))) + std::string(ellipsis);
}

}  // namespace sigilo::text
