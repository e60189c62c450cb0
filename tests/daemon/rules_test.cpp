// SPDX-License-Identifier: Apache-2.0
#include "rules.hpp"

#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "support/daemon.hpp"

using namespace sigilo;
using namespace sigilo::test;

TEST_CASE("a line has its team, any other number has none") {
  const auto rules = rules_with_our_policies();
  REQUIRE(rules->team_of(E164("+5491150000001")) != nullptr);
  CHECK(rules->team_of(E164("+5491150000001"))->name == "litigios");
  CHECK(rules->team_of(E164("+5491150000002")) == nullptr);
  CHECK(rules->team_of(E164()) == nullptr);
}

TEST_CASE("lines are found as deliveries name them") {
  const auto rules = rules_with_our_policies();
  CHECK(rules->lines().find("106540352242922", "") == E164("+5491150000001"));
  CHECK(rules->lines().find("", "54 9 11 5000-0001") == E164("+5491150000001"));
  CHECK_FALSE(rules->lines().find("999", "5491199999999"));
}

TEST_CASE("one mistake in one policy file leaves no rules at all, and is named") {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() / "10-good.toml")
      << "[policy]\nname = 'a'\nlanguage = ['es']\n[[rule]]\nid = 'a.b'\ncategory = 'abuse'\n"
         "severity = 'low'\nany = ['x']\n";
  std::vector<config::Problem> problems;
  REQUIRE(Rules::make(firm(directory.path().string()), problems) != nullptr);
  CHECK(problems.empty());
  std::ofstream(directory.path() / "20-bad.toml") << "[policy]\nnam = 'b'\n";
  problems.push_back({"earlier", 1, "kept", ""});
  CHECK(Rules::make(firm(directory.path().string()), problems) == nullptr);
  REQUIRE(problems.size() >= 2);
  CHECK(problems[0].file == "earlier");
  CHECK(problems[1].file.ends_with("20-bad.toml"));
}

TEST_CASE("whoever began with the old rules ends with them") {
  CurrentRules current(rules_with_our_policies());
  const auto before = current.get();
  current.replace(rules_with_our_policies());
  CHECK(current.get() != before);
  CHECK(before->policies().scan("una coima", Direction::in).size() == 1);
}
