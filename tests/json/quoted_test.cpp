// SPDX-License-Identifier: Apache-2.0
#include "json/quoted.hpp"

#include <array>
#include <random>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "json/parse.hpp"

using namespace sigilo;
using json::append_quoted;

namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  REQUIRE(append_quoted(out, text));
  return out;
}

}  // namespace

TEST_CASE("strings are escaped as RFC 8785 says") {
  CHECK(in_quotes("") == R"("")");
  CHECK(in_quotes("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(in_quotes("\b\t\n\f\r") == R"("\b\t\n\f\r")");
  CHECK(in_quotes(std::string_view("\0\x01\x1f\x7f", 4)) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(in_quotes("ñ € 😀 \u202e") == "\"ñ € 😀 \u202e\"");
}

TEST_CASE("what is not UTF-8 is refused and leaves the output as it was") {
  constexpr std::array<std::string_view, 15> malformed{"\x80",
                                                       "\xc0\x80",
                                                       "\xc1\xbf",
                                                       "\xc3",
                                                       "\xc3(",
                                                       "\xe0\x80\x80",
                                                       "\xe2\x82",
                                                       "\xed\xa0\x80",
                                                       "\xed\xbf\xbf",
                                                       "\xef\xbf",
                                                       "\xf0\x80\x80\x80",
                                                       "\xf0\x9f\x98",
                                                       "\xf4\x90\x80\x80",
                                                       "\xf5\x80\x80\x80",
                                                       "\xff"};
  for (const std::string_view bytes : malformed) {
    for (const std::string& text : {std::string(bytes), "a\n" + std::string(bytes) + "b"}) {
      std::string out = "before";
      CHECK_FALSE(append_quoted(out, text));
      CHECK(out == "before");
    }
  }
}

TEST_CASE("UTF-8 is accepted exactly where the JSON parser accepts it") {
  std::mt19937 random(8785);  // NOLINT: the same bytes in each run
  constexpr std::array<unsigned char, 16> bytes{0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                                0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5};
  std::size_t accepted = 0;
  for (std::size_t round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = 0; i < 1 + round % 4; ++i)
      text += static_cast<char>(bytes[random() % bytes.size()]);
    std::string out;
    const bool ours = append_quoted(out, text);
    CHECK(ours == json::parse("\"" + text + "\"").has_value());
    accepted += ours ? 1U : 0U;
  }
  CHECK(accepted > 100);
}
