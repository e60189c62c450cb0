// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "support/process.hpp"

using sigilo::cli::Table;

TEST_CASE("columns stand under their titles, numbers to the right, and no line ends in spaces") {
  Table table({{"N", 0, true}, {"NAME"}, {"TEXT"}});
  table.add({"7", "Ana", "uno"});
  table.add({"1234", "", ""});
  CHECK(table.text() ==
        "   N  NAME  TEXT\n"
        "   7  Ana   uno\n"
        "1234\n");
  CHECK(table.rows() == 2);
}

TEST_CASE("columns are counted as a terminal shows them") {
  Table table({{"A"}, {"B"}});
  table.add({"日本", "x"});      // two columns each
  table.add({"e\u0301é", "x"});  // a combining mark takes none
  table.add({"abcd", "x"});
  CHECK(table.text() ==
        "A     B\n"
        "日本  x\n"
        "e\u0301é    x\n"
        "abcd  x\n");
}

TEST_CASE("a cell is cut where the column ends and says so") {
  Table table({{"TEXT", 5}, {"X"}});
  table.add({"123456", "x"});
  table.add({"12345", "x"});
  table.add({"日本語語", "x"});
  CHECK(table.text() ==
        "TEXT   X\n"
        "1234…  x\n"
        "12345  x\n"
        "日本…  x\n");
}

TEST_CASE("a cell can neither break its line nor act on the terminal") {
  Table table({{"TEXT"}, {"X"}});
  table.add({"a\nb\x1b[2J\u202ec\r\td\xff", "x"});
  const auto text = table.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  for (const auto* bad : {"\x1b", "\r", "\t", "\u202e", "\xff"})
    CHECK(text.find(bad) == std::string::npos);
}

TEST_CASE("a table without rows is its title") {
  CHECK(Table({{"A"}, {"B"}}).text() == "A  B\n");
  CHECK(Table({{"A"}}).rows() == 0);
}

TEST_CASE("a row with another number of cells is a mistake of the program") {
  CHECK(sigilo::test::aborts([] { Table({{"A"}, {"B"}}).add({"one"}); }));
}
