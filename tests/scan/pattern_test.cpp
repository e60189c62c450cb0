// SPDX-License-Identifier: Apache-2.0
#include "scan/pattern.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sigilo;
using namespace sigilo::scan;

namespace {
std::string folded(std::string_view pattern) {
  const auto result = fold_pattern(pattern);
  return result ? *result : "error: " + result.error().message();
}
}  // namespace

TEST_CASE("letters of a pattern fold as the text does") {
  CHECK(folded("") == "");
  CHECK(folded("Señoría ÇÃO") == "senoria cao");
  CHECK(folded("cafe\u0301s?") == "cafes?");
  CHECK(folded("ｃｏｉｍａ") == "coima");
  CHECK(folded("co\u200Bima") == "coima");
  CHECK(folded("a b\tc\nd") == "a b c d");
  CHECK(folded("💰+") == "💰+");
}

TEST_CASE("escapes keep their meaning") {
  CHECK(folded(R"(\bJUEZ\b\B\W\w\S\s\D\d\A\z)") == R"(\bjuez\b\B\W\w\S\s\D\d\A\z)");
  CHECK(folded(R"(\pL\PN\p{Lu}\P{Greek}\p{^L}X)") == R"(\pL\PN\p{Lu}\P{Greek}\p{^L}x)");
  CHECK(folded(R"(\.\*\\\(\Á)") == R"(\.\*\\\(\Á)");  // RE2 refuses the last
  CHECK(folded(R"(a\tb\nc\r\f\v)") == "a b c   ");
  CHECK(folded(R"(\Qa.Ñ)\E.É)") == R"(a\.n\).e)");
  CHECK(folded(R"(\Q\d)") == R"(\\d)");
  CHECK(folded("x\\") == "x\\");
}

TEST_CASE("groups keep flags and names") {
  CHECK(folded("(?P<Nombre>ÁRBOL)(?:Ñ)(?i)X(?U:Y)(?iU-s:Z)") ==
        "(?P<Nombre>arbol)(?:n)(?i)x(?U:y)(?iU-s:z)");
  CHECK(folded("(Á|É){2,3}?") == "(a|e){2,3}?");
  CHECK(folded("(?P<open") == "(?P<open");
}

TEST_CASE("classes fold member by member") {
  CHECK(folded("[AÁaá]") == "[aaaa]");
  CHECK(folded("[^Ñ]") == "[^n]");
  CHECK(folded("[A-Z0-9]") == "[a-z0-9]");
  CHECK(folded("[]Á]") == "[]a]");
  CHECK(folded("[^]Á]") == "[^]a]");
  CHECK(folded("[[:alpha:][:^Digit:]Á-]") == "[[:alpha:][:^Digit:]a-]");
  CHECK(folded(R"([\]\-\wÉ\t])") == R"([\]\-\we ])");
  CHECK(folded("[α-ω]") == "[α-ω]");
  CHECK(folded("[❤️💰]") == "[❤💰]");
  CHECK(folded("[abc") == "[abc");
}

TEST_CASE("a character that folds to several stands as a group, and punctuation is escaped") {
  CHECK(folded("Straße+") == "stra(?:ss)e+");
  CHECK(folded("…?") == R"((?:\.\.\.)?)");
  CHECK(folded("（ａ）") == R"(\(a\))");
  CHECK(folded("[］－]") == R"([\]\-])");
}

TEST_CASE("what can't be folded soundly is refused") {
  CHECK(folded(R"(\x41)") ==
        R"(error: \x names a character by its number or a group; write the character itself)");
  CHECK(folded(R"(\101)") ==
        R"(error: \1 names a character by its number or a group; write the character itself)");
  CHECK(folded(R"([\x{C1}])") ==
        R"(error: \x names a character by its number or a group; write the character itself)");
  CHECK(folded(R"(\C)") == R"(error: \C matches a part of a character; write . instead)");
  CHECK(folded("[à-ü]") ==
        "error: the range à-ü is not a range after folding; leave it out: case and accents are "
        "folded away, so that "
        "[a-z] is enough");
  CHECK(folded("[A-z]").starts_with("error: the range A-z"));
  CHECK(folded("[aß]") ==
        "error: 'ß' folds to 'ss', which can't stand in a [class]; write it outside, as (ss|...)");
  CHECK(
      folded("[\u200B]") ==
      "error: a [class] holds only characters that are removed from the text; leave the class out");
}
