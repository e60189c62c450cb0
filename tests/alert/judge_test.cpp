// SPDX-License-Identifier: Apache-2.0
#include "alert/judge.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sigilo;
using Spans = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

namespace {

message::Event a_message() {
  message::Event event;
  event.kind = RecordKind::message;
  event.line = E164("+5491150000001");
  event.type = "text";
  event.text = "pasame la coima por debajo de la mesa";
  return event;
}

config::Team a_team() {
  return {"litigios", {"ana@estudio.example", "luis@estudio.example"}, Language::pt};
}

scan::Match a_match(std::string rule, std::string category, Severity severity,
                    std::vector<scan::Span> spans = {{0, 1}}, std::string policy = "P") {
  return {std::move(rule), std::move(category), severity, std::move(policy), std::move(spans)};
}

crypto::Digest a_digest() {
  crypto::Digest digest;
  digest.bytes.fill(7);
  return digest;
}

alert::Verdict judged(const std::vector<scan::Match>& matches,
                      const config::Team& team = a_team()) {
  return alert::judge(a_message(), matches, team, a_digest(), true);
}

}  // namespace

TEST_CASE("a message without matches tells nobody") {
  const auto verdict = judged({});
  CHECK(verdict.alerts.empty());
  CHECK(verdict.mails.empty());
}

TEST_CASE("several rules of one category become one alert that names the gravest") {
  const auto verdict =
      judged({a_match("b.low", "bribery", Severity::low, {{0, 6}}, "low policy"),
              a_match("b.high", "bribery", Severity::high, {{10, 15}}, "high policy"),
              a_match("b.medium", "bribery", Severity::medium, {{20, 25}})});
  REQUIRE(verdict.alerts.size() == 1);
  const auto& alert = verdict.alerts.front();
  CHECK(alert.rule == "b.high");
  CHECK(alert.policy == "high policy");
  CHECK(alert.severity == Severity::high);
  CHECK(alert.rules == std::vector<std::string>{"b.low", "b.high", "b.medium"});
  CHECK(alert.spans == Spans{{0, 6}, {10, 15}, {20, 25}});
  CHECK(alert.team == "litigios");
  CHECK(alert.policies == a_digest());
}

TEST_CASE("of rules that weigh the same the first in file order is named") {
  const auto verdict = judged({a_match("b.one", "bribery", Severity::medium),
                               a_match("b.two", "bribery", Severity::medium)});
  REQUIRE(verdict.alerts.size() == 1);
  CHECK(verdict.alerts.front().rule == "b.one");
}

TEST_CASE("a rule of the lowest severity is named too") {
  const auto verdict = judged({a_match("b.low", "bribery", Severity::low)});
  REQUIRE(verdict.alerts.size() == 1);
  CHECK(verdict.alerts.front().rule == "b.low");
}

TEST_CASE("each category has its own alert, the gravest first") {
  const auto verdict =
      judged({a_match("t", "threat", Severity::low), a_match("b", "bribery", Severity::high),
              a_match("x", "honorarios", Severity::high)});
  REQUIRE(verdict.alerts.size() == 3);
  CHECK(verdict.alerts[0].category == "bribery");
  CHECK(verdict.alerts[1].category == "honorarios");
  CHECK(verdict.alerts[2].category == "threat");
  CHECK(verdict.mails.size() == 2);
}

TEST_CASE("overlapping, touching, equal and unordered words are merged") {
  const auto verdict = judged(
      {a_match("a", "bribery", Severity::low, {{10, 15}, {30, 40}}),
       a_match("b", "bribery", Severity::low, {{0, 3}, {12, 20}, {20, 22}, {32, 35}, {0, 3}})});
  REQUIRE(verdict.alerts.size() == 1);
  CHECK(verdict.alerts.front().spans == Spans{{0, 3}, {10, 22}, {30, 40}});
}

TEST_CASE("a rule that is given twice is named once") {
  const auto verdict =
      judged({a_match("a", "bribery", Severity::low), a_match("a", "bribery", Severity::low)});
  REQUIRE(verdict.alerts.size() == 1);
  CHECK(verdict.alerts.front().rules.size() == 1);
}

TEST_CASE("each manager of the team gets one mail in the team's language") {
  const auto verdict = judged({a_match("a", "bribery", Severity::low)});
  REQUIRE(verdict.mails.size() == 2);
  CHECK(verdict.mails[0].recipient == "ana@estudio.example");
  CHECK(verdict.mails[1].recipient == "luis@estudio.example");
  CHECK(verdict.mails[0].language == Language::pt);
  CHECK(verdict.mails[0].team == "litigios");
}

TEST_CASE("a manager listed twice is told once, but another local part is another person") {
  auto team = a_team();
  team.managers = {"ana@estudio.example", "ana@Estudio.Example", "Ana@estudio.example"};
  const auto verdict = judged({a_match("a", "bribery", Severity::low)}, team);
  REQUIRE(verdict.mails.size() == 2);
  CHECK(verdict.mails[0].recipient == "ana@estudio.example");
  CHECK(verdict.mails[1].recipient == "Ana@estudio.example");
}

TEST_CASE("without a mail relay the alert is kept and no mail is made") {
  const auto verdict = alert::judge(a_message(), {a_match("a", "bribery", Severity::low)}, a_team(),
                                    a_digest(), false);
  CHECK(verdict.alerts.size() == 1);
  CHECK(verdict.mails.empty());
}

TEST_CASE("statuses and unrecognised events never alert") {
  for (const auto kind : {RecordKind::status, RecordKind::unrecognised}) {
    auto event = a_message();
    event.kind = kind;
    const auto verdict =
        alert::judge(event, {a_match("a", "bribery", Severity::high)}, a_team(), a_digest(), true);
    CHECK(verdict.alerts.empty());
    CHECK(verdict.mails.empty());
  }
}
