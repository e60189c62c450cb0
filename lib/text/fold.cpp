// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "base/check.hpp"
#include "text/unicode.hpp"
#include "text/utf8_impl.hpp"

namespace sigilo::text {
namespace {

/// Longest folding of one character: U+FDFA, 18 Arabic letters and spaces (33 bytes); a test tries
/// all of Unicode.
constexpr std::size_t max_folding = 64;
/// ASCII, Latin-1 and Latin Extended-A: all letters of Spanish, Portuguese and English.
constexpr UChar32 table_size = 0x180;
/// Bytes of plain ASCII taken at once; the compiler makes vector instructions of them.
constexpr std::size_t block = 16;

/// One folding in UTF-8. The longest in the table has 5 bytes ("¼" becomes "1⁄4").
struct Entry {
  char bytes[7];
  std::uint8_t size;
};
using Table = std::array<Entry, table_size>;

bool is_dropped(UChar32 c) {
  constexpr auto invisible = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CC_MASK | U_GC_CF_MASK;
  return (U_MASK(u_charType(c)) & invisible) != 0 || u_getCombiningClass(c) != 0;
}

/// Writes what `c` becomes; answers the number of bytes. Since every character with a combining
/// class is dropped, the order of marks never matters, and folding character by character is
/// folding the whole.
std::size_t fold_by_icu(UChar32 c, char* out) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* casefold = unorm2_getNFKCCasefoldInstance(&status);
  std::array<UChar, max_folding> units{};
  // For this instance the decomposition of a character is its case fold and full decomposition in
  // one.
  std::int32_t length = unorm2_getDecomposition(casefold, c, units.data(), max_folding, &status);
  SIGILO_CHECK(U_SUCCESS(status), "ICU has no NFKC_Casefold data");
  if (length < 0) {
    length = 0;
    U16_APPEND_UNSAFE(units.data(), length, c);
  }
  std::size_t written = 0;
  for (std::int32_t i = 0; i < length;) {
    UChar32 part = 0;
    U16_NEXT_UNSAFE(units.data(), i, part);
    if (u_isUWhiteSpace(part)) {
      part = ' ';
    } else if (is_dropped(part)) {
      continue;
    }
    SIGILO_CHECK(written + U8_MAX_LENGTH <= max_folding, "a character folds to more than is known");
    U8_APPEND_UNSAFE(out, written, part);
  }
  return written;
}

Table make_table() {
  Table table{};
  for (UChar32 c = 0; c < table_size; ++c) {
    std::array<char, max_folding> bytes{};
    Entry& entry = table[static_cast<std::size_t>(c)];
    const std::size_t size = fold_by_icu(c, bytes.data());
    SIGILO_CHECK(size <= sizeof entry.bytes, "a Latin letter folds to more than is known");
    std::copy_n(bytes.data(), size, entry.bytes);
    entry.size = static_cast<std::uint8_t>(size);
  }
  return table;
}

const Table& latin() {
  static const Table table = make_table();
  return table;
}

/// Whether all bytes of a block are printable ASCII.
bool is_plain(const char* in) {
  bool plain = true;
  for (std::size_t i = 0; i < block; ++i) {
    const auto byte = static_cast<std::uint8_t>(in[i]);
    plain &= byte >= 0x20 && byte < 0x7f;
  }
  return plain;
}

void lower(const char* in, char* out) {
  for (std::size_t i = 0; i < block; ++i) {
    const auto byte = static_cast<std::uint8_t>(in[i]);
    const bool upper = byte >= 'A' && byte <= 'Z';
    out[i] = static_cast<char>(byte + (upper ? 0x20 : 0));
  }
}

/// Folds one character at `read`, which moves on. Answers the number of bytes written; `out` has
/// max_folding.
std::size_t fold_one(std::string_view text, std::size_t& read, const Table& table, char* out) {
  UChar32 c = next_character(text, read);
  if (c < 0) c = 0xFFFD;
  if (c >= table_size) return fold_by_icu(c, out);
  const Entry& entry = table[static_cast<std::size_t>(c)];
  std::copy_n(entry.bytes, sizeof entry.bytes, out);
  return entry.size;
}

/// The one loop behind fold() and fold_into(); `origin` is null where the way back is not wanted.
void fold_all(std::string_view text, std::string& out, std::vector<std::uint32_t>* origin) {
  SIGILO_CHECK(text.size() < std::numeric_limits<std::uint32_t>::max(), "text of 4 GiB");
  const Table& table = latin();
  std::size_t read = 0;
  std::size_t written = 0;
  const auto make_room = [&] {
    if (out.size() - written >= max_folding) return;
    out.resize(std::max(2 * out.size(), text.size() + max_folding));
    if (origin) origin->resize(out.size() + 1);
  };
  const auto note_origin = [&](std::size_t from, std::size_t bytes, std::size_t step) {
    if (!origin) return;
    for (std::size_t i = 0; i < bytes; ++i)
      (*origin)[written + i] = static_cast<std::uint32_t>(from + i * step);
  };
  out.resize(text.size() + max_folding);
  if (origin) origin->resize(out.size() + 1);
  while (read < text.size()) {
    make_room();
    if (text.size() - read >= block && is_plain(text.data() + read)) {
      lower(text.data() + read, out.data() + written);
      note_origin(read, block, 1);
      read += block;
      written += block;
      continue;
    }
    for (const std::size_t until = std::min(read + block, text.size()); read < until;) {
      make_room();
      const std::size_t from = read;
      const std::size_t bytes = fold_one(text, read, table, out.data() + written);
      note_origin(from, bytes, 0);
      written += bytes;
    }
  }
  out.resize(written);
  if (origin) {
    origin->resize(written + 1);
    origin->back() = static_cast<std::uint32_t>(text.size());
  }
}

}  // namespace

Folded fold(std::string_view text) {
  Folded folded;
  fold_all(text, folded.text, &folded.origin);
  return folded;
}

void fold_into(std::string_view text, std::string& folded) {
  fold_all(text, folded, nullptr);
}

}  // namespace sigilo::text
