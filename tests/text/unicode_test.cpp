// SPDX-License-Identifier: Apache-2.0
#include "text/unicode.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sigilo::text;
using namespace std::string_literals;

TEST_CASE("well-formed text is told from malformed") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("coima \xC3\xA1 \xE2\x82\xAC \xF0\x9F\x92\xB0"));
  CHECK(is_utf8("nul \0 inside"s));
  CHECK(is_utf8("\xF4\x8F\xBF\xBF"));  // U+10FFFF
  for (const auto& bad : {"\x80"s, "\xC3"s, "\xC3("s, "\xC0\xAF"s, "\xE0\x80\xAF"s, "\xED\xA0\x80"s,
                          "\xF4\x90\x80\x80"s, "\xF0\x9F\x92"s, "\xFF"s, "good then \xE2\x82"s}) {
    CAPTURE(bad.size());
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("each malformed sequence becomes one replacement character") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(to_utf8("") == "");
  CHECK(to_utf8("coima á\0b"s) == "coima á\0b"s);
  CHECK(to_utf8("a\xFF"
                "b") == "a" + r + "b");
  CHECK(to_utf8("\xE2\x82") == r);  // a truncated character is one sequence
  CHECK(to_utf8("\xE2\x82x") == r + "x");
  CHECK(to_utf8("\xED\xA0\x80") == r + r + r);  // a surrogate has no well-formed beginning
  CHECK(to_utf8("\xC0\xAF") == r + r);
  CHECK(is_utf8(to_utf8("\xF0\x9F\x92\xF0\x9F\x92\xB0\xFE")));
}

TEST_CASE("a short text is not cut") {
  CHECK(shorten("", 5) == "");
  CHECK(shorten("hola", 4) == "hola");
  CHECK(shorten("señor", 5) == "señor");
  CHECK(shorten("👨‍👩‍👧‍👦", 1) == "👨‍👩‍👧‍👦");
}

TEST_CASE("a text is cut between characters as a reader sees them") {
  CHECK(shorten("hola", 3) == "ho…");
  CHECK(shorten("hola", 1) == "…");
  CHECK(shorten("hola", 0) == "");
  CHECK(shorten("👨‍👩‍👧‍👦👍🏽🇦🇷x", 3) ==
        "👨‍👩‍👧‍👦👍🏽…");
  CHECK(shorten("an\u0303o nuevo", 4) == "an\u0303o…");
  CHECK(shorten("a\r\nb", 2) == "a…");
}

TEST_CASE("a character piled up from thousands of marks does not pass the limit") {
  std::string pile = "a";
  for (int i = 0; i < 65536; ++i) pile += "\u0301";
  const std::string cut = shorten(pile, 40);
  CHECK(cut.size() <= 40 * 64 + 3);
  CHECK(is_utf8(cut));
  CHECK(shorten(std::string(1 << 20, 'x'), 10) == "xxxxxxxxx…");
}

TEST_CASE("cutting a text with malformed bytes stays inside it") {
  CHECK(shorten("ab\xFF\xFE"
                "cdef",
                3)
            .size() <= 8);
  CHECK(shorten(std::string(100000, '\x80'), 3).size() <= 3 * 64 + 3);
}
