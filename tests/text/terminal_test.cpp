// SPDX-License-Identifier: Apache-2.0
#include "text/terminal.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sigilo::text;

TEST_CASE("an escape sequence does not reach a terminal alive") {
  CHECK(for_terminal("a\x1b[31mb\x07") == "a\uFFFD[31mb\uFFFD");
  CHECK(for_terminal("\x9b"
                     "31m") == "\uFFFD31m");
  CHECK(for_terminal("\u009b31m") == "\uFFFD31m");
}

TEST_CASE("a text stays one line and cannot turn it round") {
  CHECK(for_terminal("uno\ndos\tres") == "uno⏎dos res");
  CHECK(for_terminal("a\u202eb\u2066c\u200bd\u2028e") == "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe");
}

TEST_CASE("malformed UTF-8 becomes a replacement character each") {
  CHECK(for_terminal("ok\xff\xfeñ") == "ok\uFFFD\uFFFDñ");
}

TEST_CASE("ordinary text of our languages is left as it is") {
  CHECK(for_terminal("Señor, ¿ação? “sí” — 👍") == "Señor, ¿ação? “sí” — 👍");
}

TEST_CASE("width counts columns, not bytes") {
  CHECK(display_width("ñandú") == 5);
  CHECK(display_width("n\u0303") == 1);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("👍") == 2);
  CHECK(display_width("") == 0);
}

TEST_CASE("a text is cut to its columns, never inside a character") {
  CHECK(fit("corto", 5) == "corto");
  CHECK(fit("demasiado largo", 6) == "demas…");
  CHECK(fit("日本語", 5) == "日本…");
  CHECK(display_width(fit("日本語日本語", 6)) <= 6);
}
