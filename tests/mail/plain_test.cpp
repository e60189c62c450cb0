// SPDX-License-Identifier: Apache-2.0
#include "mail/plain.hpp"

#include <catch2/catch_test_macros.hpp>

#include "text/unicode.hpp"

using namespace sigilo::mail;
using namespace std::string_literals;

namespace {

std::string joined(const std::vector<Piece>& pieces) {
  std::string result;
  for (const auto& piece : pieces) result += piece.marked ? "{" + piece.text + "}" : piece.text;
  return result;
}

std::string shown(std::string_view text, const Spans& spans, std::size_t around) {
  return joined(pieces(text, spans, {.around = around, .longest_mark = 200, .most_marks = 20}));
}

}  // namespace

TEST_CASE("ordinary text of any script and emoji stays as it is") {
  for (const std::string text : {"¿Cuánto sale?\n\nSegún él, $5.000…", "שלום עולם", "مرحبا",
                                 "👩‍👩‍👧 👍🏽 🇦🇷", "日本語", "a\xC2\xA0z"}) {
    CHECK(harmless(text) == text);
  }
}

TEST_CASE("NUL and other controls become a visible replacement") {
  CHECK(harmless("a\0b"s) == "a\uFFFDb");
  CHECK(harmless("\x1b[31mred\x07\x7f") == "\uFFFD[31mred\uFFFD\uFFFD");
  CHECK(harmless("a\u0085b\u009Fc") == "a\uFFFDb\uFFFDc");
}

TEST_CASE("every bidirectional control becomes a visible replacement") {
  for (const std::string control :
       {"\u061C", "\u200E", "\u200F", "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066",
        "\u2067", "\u2068", "\u2069", "\u2028", "\u2029"}) {
    CHECK(harmless("a" + control + "b") == "a\uFFFDb");
  }
}

TEST_CASE("characters beside the controls are left alone") {
  for (const std::string neighbour : {"\u061B", "\u061D", "\u200D", "\u2010", "\u2027", "\u202F",
                                      "\u2065", "\u206A", "\u00A0", "\u00A9"}) {
    CHECK(harmless(neighbour) == neighbour);
  }
}

TEST_CASE("line ends become one new line each, tabs a space") {
  CHECK(harmless("a\r\nb\rc\nd\te\r") == "a\nb\nc\nd e\n");
}

TEST_CASE("what is not UTF-8 becomes valid and keeps the rest") {
  for (const auto& broken : {"a\xFFz"s, "a\xED\xA0\x80z"s, "a\xC0\x80z"s, "a\xE2\x82"s, "\x80"s}) {
    CHECK(sigilo::text::is_utf8(harmless(broken)));
  }
  CHECK(harmless("a\xFFz") == "a\uFFFDz");
}

TEST_CASE("one line has no line ends, no doubled spaces and an end") {
  CHECK(one_line("  Juan\r\nBcc: x@evil.example\t\t \n", 80) == "Juan Bcc: x@evil.example");
  CHECK(one_line(" \n\t ", 80).empty());
  CHECK(one_line("abcdefghij", 4).size() <= 4 + 3);
}

TEST_CASE("a name made of combining marks does not become a long one") {
  std::string name = "Z";
  for (int i = 0; i < 10'000; ++i) name += "\u0301";
  const auto line = one_line(name, 80);
  CHECK(line.size() <= 80 * most_bytes_a_character + 3);
  CHECK(sigilo::text::is_utf8(line));
}

TEST_CASE("the words that matched are marked where they stand") {
  CHECK(joined(pieces("pasame la coima hoy", {{10, 15}}, {})) == "pasame la {coima} hoy");
  CHECK(joined(pieces("coima", {{0, 5}}, {})) == "{coima}");
  CHECK(joined(pieces("sin nada", {}, {})) == "sin nada");
  CHECK(pieces("", {}, {}).empty());
}

TEST_CASE("several, unordered, equal and overlapping spans mark each byte once") {
  CHECK(joined(pieces("0123456789", {{7, 9}, {1, 4}, {3, 5}, {1, 4}}, {})) == "0{123}{4}56{78}9");
}

TEST_CASE("spans outside of the text or inside of a character do no harm") {
  CHECK(joined(pieces("añb", {{2, 3}}, {})) == "añb");  // inside of ñ
  CHECK(joined(pieces("añb", {{0, 2}}, {})) == "{añ}b");
  CHECK(joined(pieces("abc", {{1, 4'000'000'000U}}, {})) == "a{bc}");
  CHECK(joined(pieces("abc", {{50, 60}}, {})) == "abc");
  CHECK(joined(pieces("abc", {{2, 1}, {1, 1}}, {})) == "abc");
}

TEST_CASE("an excerpt keeps only what stands around the words") {
  const std::string text =
      std::string(200, 'a') + "COIMA" + std::string(200, 'b') + "FALLO" + std::string(200, 'c');
  const auto excerpt = shown(text, {{200, 205}, {405, 410}}, 10);
  CHECK(excerpt == "…aaaaaaaaaa{COIMA}bbbbbbbbbb…bbbbbbbbbb{FALLO}cccccccccc…");
}

TEST_CASE("an excerpt of a short text is the text") {
  CHECK(shown("pasame la coima hoy", {{10, 15}}, 60) == "pasame la {coima} hoy");
}

TEST_CASE("an excerpt counts characters, not bytes") {
  CHECK(shown("ñññññxñññññ", {{10, 11}}, 2) == "…ññ{x}ññ…");
}

TEST_CASE("an excerpt of many or long matches stays short") {
  std::string text;
  Spans spans;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    text += "coima y tambien otra cosa ";
    spans.emplace_back(i * 26, i * 26 + 5);
  }
  CHECK(shown(text, spans, 60).size() < 21 * 150);
  CHECK(shown(std::string(65'536, 'x'), {{0, 65'536}}, 60).size() < 300);
}
