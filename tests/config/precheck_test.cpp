// SPDX-License-Identifier: Apache-2.0
#include "config/precheck.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

namespace sigilo::config {

TEST_CASE("letters of every language stand in texts and comments") {
  for (const auto* text : {
           "",
           "a = 'é'",
           "a = \"é\"",
           "# é",
           "a = 1 # é\nb = 2",
           "a = '' # é",
           "a = \"\" # é",
           "a = ''''é'''",
           "a = \"\"\"é\n\"é\"\"é\"\"\"",
           "a = '''é\n'é''é'''",
           "a = \"\\\"é\"",
           "a = \"\\\\\" # é",
           "a = '\\' # é",
           "a = \"\"\"\\\"\"\"é\"\"\"",
           "a = '''\\''' # é",
           "a = \"\"\"x\"\"\"\"\" # é",
           "a = '''x'''''\nb = 'é'",
           "a = ['é', \"é\"]",
           "'é' = 1",
           "[\"é\".a]",
           "\xEF\xBB\xBF"
           "a = 1",
           "a = \"'\" # é",
           "a = '\"' # é",
           "# 'é\na = 'é'",
       }) {
    CAPTURE(text);
    CHECK_FALSE(find_unfit(text));
  }
}

TEST_CASE("a letter beyond ASCII outside of them is found with its line") {
  for (const auto* text : {"\né", "\na = é", "\n[ñ]", "\na = 1 é", "\na = 'x' é", "\na = '''x''' é",
                           "#'\na = é", "a = '\né", "a = '''\n''' é", "a = \"\"\"\n\"\"\"\"\" é",
                           "\n\xEF\xBB\xBF", "\n\xff", "# é\n\x80"}) {
    CAPTURE(text);
    const auto unfit = find_unfit(text);
    REQUIRE(unfit);
    CHECK(unfit->line == 2);
    CHECK(unfit->what == "a character beyond ASCII outside of quotation marks");
  }
}

TEST_CASE("dots are counted in a line, outside of texts and comments") {
  const std::string dots(101, '.');
  CHECK(find_unfit("\n" + dots)->line == 2);
  CHECK_FALSE(find_unfit(dots.substr(1) + "\n" + dots.substr(1)));
  CHECK_FALSE(find_unfit("a = '" + dots + "' # " + dots));
  CHECK(find_unfit("a = '''\n'''" + dots)->line == 2);
}

TEST_CASE("texts that do not end are no way around") {
  for (const auto* text : {"'", "\"", "'''", "\"\"\"", "\"\\", "\"\"\"\\", "''", "\"\"\"\"",
                           "a = '''x''", "#", "\\"}) {
    CAPTURE(text);
    CHECK_FALSE(find_unfit(text));
  }
}

}  // namespace sigilo::config
