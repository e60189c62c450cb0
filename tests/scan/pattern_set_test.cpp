// SPDX-License-Identifier: Apache-2.0
#include "scan/pattern_set.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

using namespace sigilo;
using namespace sigilo::scan;

namespace {
PatternSet set_of(const std::vector<std::string>& patterns) {
  PatternSet set;
  for (const auto& pattern : patterns) REQUIRE(set.add(pattern).has_value());
  REQUIRE(set.compile().has_value());
  return set;
}
std::string refusal(const std::string& pattern) {
  PatternSet set;
  const auto added = set.add(pattern);
  return added ? "accepted" : added.error().message();
}
}  // namespace

TEST_CASE("a text is told which patterns it holds and where") {
  const PatternSet set = set_of({"juez", R"(\bpag\w*)", "nadie"});
  CHECK(set.found_in("").empty());
  CHECK(set.found_in("buen dia").empty());
  CHECK(set.found_in("le pagamos al juez") == std::vector<std::size_t>{0, 1});
  CHECK(set.hits(0, "juez y juez") == std::vector<Hit>{{0, 4}, {7, 11}});
  CHECK(set.hits(2, "juez").empty());
  CHECK(set.hits(1, std::string("pago\0pago", 9)) == std::vector<Hit>{{0, 4}, {5, 9}});
}

TEST_CASE("an empty set finds nothing") {
  const PatternSet set = set_of({});
  CHECK(set.found_in("juez").empty());
}

TEST_CASE("hits of one pattern have a limit") {
  std::string text;
  for (std::size_t i = 0; i < max_hits + 50; ++i) text += "x ";
  CHECK(set_of({"x"}).hits(0, text).size() == max_hits);
}

TEST_CASE("patterns that are no use are refused in words") {
  CHECK(refusal("(a") == "missing ): (a; see the syntax of RE2");
  CHECK(refusal("(?!a)b") == "invalid perl operator: (?!; RE2 has no look-around; use unless");
  CHECK(refusal("a*") == "it matches where there is nothing; use + instead of *, or add a word");
  CHECK(refusal(R"(\b)") == "it matches where there is nothing; use + instead of *, or add a word");
  CHECK(refusal("(x?|y)") ==
        "it matches where there is nothing; use + instead of *, or add a word");
  CHECK(refusal("a{1001}") == "invalid repetition size: {1001}; see the syntax of RE2");
  CHECK(refusal(R"(((\pL{30}){30}){30})") != "accepted");
}

TEST_CASE("patterns too large together are refused instead of being slow") {
  PatternSet set;
  Result<std::size_t> added = 0;
  std::size_t count = 0;
  for (; added && count < 1000; ++count)
    added = set.add(fmt::format(R"(w{}\pL\pL\pL\pL\pL\pL\pL\pL)", count));
  REQUIRE_FALSE(added.has_value());
  CHECK(added.error().code == ErrorCode::no_space);
  CHECK(added.error().message() ==
        "all patterns together are too large; repeat less, or write fewer");
  CHECK(set.compile().has_value());  // what was accepted can be used
  CHECK(set.found_in("w7abcdefgh") == std::vector<std::size_t>{7});
  CHECK(refusal(R"(\pL{100})") == "pattern too large - compile failed; see the syntax of RE2");
}

TEST_CASE("a text that blows up the automaton is still answered rightly") {
  // Each of these needs a state for every subset of positions; the memory runs out and one by one
  // takes over.
  std::vector<std::string> patterns;
  for (char c = 'a'; c < 'i'; ++c) patterns.push_back(fmt::format("[{}x][a-x]{{28}}{}", c, c));
  const PatternSet set = set_of(patterns);
  std::string text;
  unsigned seed = 1;
  for (int i = 0; i < 50000; ++i) {
    seed = seed * 1664525U + 1013904223U;
    text += static_cast<char>('a' + (seed >> 24) % 24);
  }
  CHECK(set.found_in(text).size() == patterns.size());
  CHECK(set.found_in(std::string(200000, 'z')).empty());
}
