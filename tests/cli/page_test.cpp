// SPDX-License-Identifier: Apache-2.0
#include "cli/page.hpp"

#include <catch2/catch_test_macros.hpp>

#include "cli/answer.hpp"
#include "text/terminal.hpp"

using sigilo::cli::span_text;
using sigilo::cli::wrapped;
using Lines = std::vector<std::string>;

TEST_CASE("text is broken at spaces, and where there is none at the last column") {
  CHECK(wrapped("uno dos tres", 8) == Lines{"uno dos", "tres"});
  CHECK(wrapped("uno dos", 7) == Lines{"uno dos"});
  CHECK(wrapped("abcdefgh", 3) == Lines{"abc", "def", "gh"});
  CHECK(wrapped("", 10) == Lines{""});
  CHECK(wrapped("uno\n\ndos", 10) == Lines{"uno", "", "dos"});
}

TEST_CASE("columns are counted as a terminal shows them, and no character is cut") {
  CHECK(wrapped("日本日本", 5) == Lines{"日本", "日本"});
  CHECK(wrapped("日本", 2) == Lines{"日", "本"});
  CHECK(wrapped("e\u0301e\u0301e\u0301", 2) == Lines{"e\u0301e\u0301", "e\u0301"});
}

TEST_CASE("whatever stands in a text, its lines are harmless and fit") {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  all += "\u202e\u2066\u200b\u2028\x1b[2J 👍🏽 日本 ñ";
  for (std::size_t columns = 2; columns < 40; ++columns) {
    for (const auto& line : wrapped(all, columns)) {
      CHECK(sigilo::text::for_terminal(line) == line);
      CHECK(sigilo::text::display_width(line) <= columns);
    }
  }
}

TEST_CASE("how long after is said in two units") {
  CHECK(span_text(0) == "0 s");
  CHECK(span_text(243) == "4 min 3 s");
  CHECK(span_text(7'500) == "2 h 5 min");
  CHECK(span_text(273'600) == "3 d 4 h");
  CHECK(span_text(-61) == "-1 min 1 s");
  CHECK(span_text(INT64_MIN).starts_with("-"));
}
