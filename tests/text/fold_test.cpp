// SPDX-License-Identifier: Apache-2.0
// fold() of text/unicode.hpp: what it makes of text, the way back, and agreement with Python's own
// tables.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "text/unicode.hpp"

using namespace sigilo::text;
using namespace std::string_literals;

namespace {

std::string utf8(char32_t c) {
  std::string out;
  const auto put = [&](char32_t byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return out;
}

bool is_scalar(char32_t c) {
  return c < 0xD800 || c > 0xDFFF;
}

/// What every folding must keep to.
void check_sound(std::string_view text) {
  const Folded folded = fold(text);
  REQUIRE(is_utf8(folded.text));
  REQUIRE(folded.origin.size() == folded.text.size() + 1);
  REQUIRE(folded.origin.back() == text.size());
  for (std::size_t i = 0; i < folded.text.size(); ++i) {
    REQUIRE(folded.origin[i] <= folded.origin[i + 1]);
    REQUIRE(folded.origin[i] < text.size());
  }
  std::string plain = "left from before";
  fold_into(text, plain);
  REQUIRE(plain == folded.text);
}

/// Runs the reference over all texts. Its answers are in the same order, "unknown" where it can't
/// say.
std::vector<std::string> reference(const std::vector<std::string>& texts) {
  // Tests run side by side: each process has a file of its own.
  const auto path =
      std::filesystem::path(SIGILO_BINARY_DIR) / fmt::format("fold-reference-{}.txt", ::getpid());
  {
    std::ofstream file(path);
    for (const auto& text : texts) {
      for (const char c : text) file << fmt::format("{:02x}", static_cast<unsigned char>(c));
      file << '\n';
    }
  }
  const std::string command =
      "/usr/bin/python3 " SIGILO_SOURCE_DIR "/tests/text/reference_fold.py < " + path.string();
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  char buffer[65536];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  REQUIRE(::pclose(pipe) == 0);
  std::filesystem::remove(path);
  std::vector<std::string> answers;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = output.find('\n', at);
    answers.push_back(output.substr(at, end - at));
    at = end + 1;
  }
  REQUIRE(answers.size() == texts.size());
  return answers;
}

std::string hex(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

/// Compares fold() with the reference; answers how many texts the reference knew.
std::size_t compare(const std::vector<std::string>& texts) {
  const auto answers = reference(texts);
  std::size_t known = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (answers[i] == "unknown") continue;
    ++known;
    if (hex(fold(texts[i]).text) != answers[i])
      FAIL("differs from the reference: " << hex(texts[i]));
  }
  return known;
}

}  // namespace

TEST_CASE("case, accents and compatibility forms fold to plain letters") {
  CHECK(fold("").text == "");
  CHECK(fold("COIMA").text == "coima");
  CHECK(fold("Señoría, ¿cuánto?").text == "senoria, ¿cuanto?");
  CHECK(fold("CORRUPÇÃO não é ação").text == "corrupcao nao e acao");
  CHECK(fold("ｃｏｉｍａ").text == "coima");                     // full-width
  CHECK(fold("𝓬𝓸𝓲𝓶𝓪 𝐜𝐨𝐢𝐦𝐚 ⓒⓞⓘⓜⓐ").text == "coima coima coima");  // mathematical, circled
  CHECK(fold("ﬁn Straße Nº 1ª ½ …").text == "fin strasse no 1a 1⁄2 ...");
  CHECK(fold("İstanbul ΣΑΣ").text == "istanbul σασ");
}

TEST_CASE("characters that nobody sees are removed") {
  CHECK(fold("co\u200Bi\u200Dm\u2060a\uFEFF").text == "coima");
  CHECK(fold("\u202Ecoima\u202C \u2066x\u2069\u200F").text == "coima x");
  CHECK(fold("co\u00ADima").text == "coima");  // soft hyphen
  CHECK(fold("c\u0338o\u0301\u0301i\u20DDma").text ==
        "coima");                         // strokes, piled accents, enclosing circle
  CHECK(fold("❤️ x").text == "❤ x");  // variation selector
  CHECK(fold("co\0i\x07m\x7F"
             "a"s)
            .text == "coima");
}

TEST_CASE("every kind of white space becomes one space") {
  CHECK(fold("a\tb\nc\r\nd\u00A0e\u2003f\u3000g\u2028h\u0085i").text == "a b c  d e f g h i");
}

TEST_CASE("the way back names the character that a folded byte came from") {
  const Folded folded = fold("n\u0303ß…x");
  CHECK(folded.text == "nss...x");
  CHECK(folded.origin == std::vector<std::uint32_t>{0, 3, 3, 5, 5, 5, 8, 9});
  // A zero-width character at the front belongs to nothing; one at the end to the last letter.
  CHECK(fold("\u200Ba\u200B").origin == std::vector<std::uint32_t>{3, 7});
  CHECK(fold("\u200B").origin == std::vector<std::uint32_t>{3});
  CHECK(fold("").origin == std::vector<std::uint32_t>{0});
}

TEST_CASE("text of all lengths around a block of plain ASCII folds alike") {
  for (std::size_t length = 0; length < 70; ++length) {
    for (std::size_t at = 0; at <= length; ++at) {
      std::string text(length, 'X');
      text.insert(at, "É");
      const Folded folded = fold(text);
      std::string expected(length, 'x');
      expected.insert(at, "e");
      REQUIRE(folded.text == expected);
      for (std::size_t i = 0; i <= expected.size(); ++i)
        REQUIRE(folded.origin[i] == i + (i > at ? 1 : 0));
    }
  }
}

TEST_CASE("malformed bytes fold as replacement characters") {
  CHECK(fold("A\xFF"
             "B")
            .text ==
        "a\uFFFD"
        "b");
  CHECK(fold("\xE2\x82").text == "\uFFFD");
  CHECK(fold("\xED\xA0\x80").text == "\uFFFD\uFFFD\uFFFD");
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes(random() % 60, '\0');
    for (char& c : bytes)
      c = static_cast<char>(random() % 4 == 0 ? 'A' + random() % 26 : random() % 256);
    check_sound(bytes);
    REQUIRE(fold(bytes).text == fold(to_utf8(bytes)).text);
  }
}

TEST_CASE("a text that grows elevenfold fits") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "\uFDFA";
  check_sound(text);
  CHECK(fold(text).text.size() == 5000 * 33);
}

TEST_CASE(
    "each character of Unicode folds as Python's tables say, and folding twice changes nothing") {
  std::vector<std::string> texts;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    // Planes 4 to 13 hold nothing, 15 and 16 private use only.
    if (!is_scalar(c) || (c >= 0x40000 && c < 0xE0000) || c >= 0xF0000) continue;
    texts.push_back(utf8(c));
    const std::string once = fold(texts.back()).text;
    if (fold(once).text != once) FAIL("not stable: " << hex(texts.back()));
  }
  CHECK(compare(texts) > 140000);
}

TEST_CASE("random strings fold as Python's tables say") {
  const std::vector<std::pair<char32_t, char32_t>> ranges{
      {0, 0x7F},        {0x20, 0x7E},       {0xA0, 0x24F},      {0x300, 0x36F},    {0x370, 0x52F},
      {0x591, 0x6FF},   {0x900, 0xD7F},     {0x1100, 0x11FF},   {0x1E00, 0x1FFF},  {0x2000, 0x206F},
      {0x2070, 0x218F}, {0x3000, 0x30FF},   {0x302A, 0x302F},   {0xAC00, 0xD7A3},  {0xFB00, 0xFDFF},
      {0xFE00, 0xFFEF}, {0x1D15E, 0x1D7FF}, {0x1F100, 0x1F6FF}, {0xE0000, 0xE01EF}};
  std::mt19937 random(7);
  std::vector<std::string> texts;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto left = random() % 40; left > 0; --left) {
      const auto& [first, last] = ranges[random() % ranges.size()];
      text += utf8(first + static_cast<char32_t>(random() % (last - first + 1)));
    }
    check_sound(text);
    texts.push_back(std::move(text));
  }
  CHECK(compare(texts) > 5000);
}
