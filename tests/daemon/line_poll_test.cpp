// SPDX-License-Identifier: Apache-2.0
#include "line_poll.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fmt/format.h>

#include "evidence/verify.hpp"
#include "provider.hpp"
#include "support/daemon.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

/// What the provider would answer.
struct Answers {
  std::vector<std::string> pages;
  std::optional<graph::Failure> failure;
  int asked = 0;
  int made = 0;
};

class ScriptedApi final : public graph::Api {
 public:
  explicit ScriptedApi(Answers& answers) : answers_(answers) { ++answers_.made; }
  graph::Answer<graph::MediaInfo> media(std::string_view, std::string_view) override {
    return tl::unexpected(graph::Failure());
  }
  graph::Answer<graph::Downloaded> download(std::string_view, std::uint64_t,
                                            const graph::Sink&) override {
    return tl::unexpected(graph::Failure());
  }
  graph::Answer<std::vector<std::string>> phone_numbers(std::string_view) override {
    ++answers_.asked;
    if (answers_.failure) return tl::unexpected(*answers_.failure);
    return answers_.pages;
  }
  graph::Answer<std::string> request_sync(std::string_view, graph::SyncType) override {
    return tl::unexpected(graph::Failure());
  }

 private:
  Answers& answers_;
};

std::string page(std::string_view quality, std::string_view more = "") {
  return fmt::format(
      R"({{"data":[{{"id":"106540352242922","display_phone_number":"+54 9 11 5000-0001",)"
      R"("verified_name":"Estudio","quality_rating":"{}"{}}},)"
      R"({{"id":"999","display_phone_number":"+54 9 11 9999-9999","verified_name":"Ajeno"}}]}})",
      quality, more);
}

std::shared_ptr<const Rules> rules_with_account() {
  auto config = firm(std::string(SIGILO_SOURCE_DIR) + "/etc/policies.d");
  config.meta.emplace();
  config.meta->accounts = {"102"};
  std::vector<config::Problem> problems;
  return Rules::make(std::move(config), problems);
}

struct Polled {
  TestVault vault;
  CurrentRules rules{rules_with_account()};
  Answers answers;
  LinePoll poll{vault.reader(),
                rules,
                *vault.store,
                [this](const std::stop_token&) { return std::make_unique<ScriptedApi>(answers); },
                vault.clock,
                vault.random,
                vault.log};
  std::stop_source stop;

  Duration step(std::string answer) {
    answers.pages = {std::move(answer)};
    vault.clock.advance(std::chrono::minutes(1));
    return poll.step(stop.get_token());
  }
  [[nodiscard]] std::size_t profiles() const {
    return must(vault.reader().line_profiles_history(E164("+5491150000001"), 100)).size();
  }
};

}  // namespace

TEST_CASE("a profile is kept when it changed, also back, and not at each poll") {
  Polled polled;
  CHECK(polled.step(page("GREEN")) == std::chrono::minutes(1));
  CHECK(polled.profiles() == 1);
  polled.step(page("GREEN"));
  CHECK(polled.profiles() == 1);
  polled.step(page("RED"));
  CHECK(polled.profiles() == 2);
  polled.step(page("GREEN"));
  CHECK(polled.profiles() == 3);
  CHECK(polled.answers.asked == 4);
  CHECK(polled.answers.made == 1);
  polled.poll.renew();
  polled.step(page("GREEN"));
  CHECK(polled.answers.made == 2);

  const auto summary = must(polled.vault.reader().summary());
  CHECK_FALSE(summary.counters.contains("not_monitored"));
  const auto report = must(evidence::verify(polled.vault.directory(), polled.vault.key, {}));
  CHECK(report.ok);
}

TEST_CASE("what the provider refuses or says in an unknown form is told until it is over") {
  Polled polled;
  polled.answers.failure.emplace();
  polled.answers.failure->what = "the token has expired";
  polled.answers.failure->remedy = "make a new one";
  polled.step("");
  REQUIRE(polled.poll.troubles().size() == 1);
  CHECK(polled.poll.troubles()[0].find("the token has expired; make a new one") !=
        std::string::npos);
  polled.answers.failure->remedy.clear();
  polled.step("");
  CHECK(polled.poll.troubles().at(0).find("tried again by itself") != std::string::npos);
  polled.answers.failure.reset();
  polled.step("<html>");
  REQUIRE(polled.poll.troubles().size() == 1);
  CHECK(polled.poll.troubles()[0].find("unknown form") != std::string::npos);
  CHECK(polled.profiles() == 0);
  polled.step(page("GREEN"));
  CHECK(polled.poll.troubles().empty());
}

TEST_CASE("a file that is lost is recorded and told to the line's team in one transaction") {
  TestVault vault;
  const auto rules = rules_with_our_policies();
  auto delivery = delivery_of({.id = "w1"});
  auto& event = delivery.events[0].event;
  event.type = "image";
  event.details = R"({"media":{"id":"900","mime_type":"image/jpeg"}})";
  delivery.events[0].body = message::make_body(event, delivery.provenance, delivery.raw);
  vault.ingest(delivery);
  vault::MediaOutcome outcome{.message = Seq(1),
                              .state = vault::MediaState::lost,
                              .next = {},
                              .reason = "too late",
                              .declared = {},
                              .sniffed = {},
                              .file = {}};
  vault::MediaJob job;
  job.message = Seq(1);
  job.line = E164("+5491150000001");
  const bool history = GENERATE(false, true);
  job.history = history;
  must(vault.run([&](vault::WriteTransaction& transaction) {
    return write_media_outcome(transaction, outcome, job, *rules);
  }));
  auto reader = vault.reader();
  CHECK(must(reader.media_of(Seq(1)))->state == vault::MediaState::lost);
  const auto alerts = must(reader.alerts_of(Seq(1)));
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].category == "media-lost");
  CHECK(alerts[0].rule == "sigilo.media-lost");
  CHECK(alerts[0].severity == Severity::medium);
  CHECK(alerts[0].team == "litigios");
  CHECK(alerts[0].words.empty());
  // A phone's old files may be lost by the thousand: no mail for each.
  CHECK(must(reader.mails_of(Seq(1))).size() == (history ? 0 : 1));
  const auto report = must(evidence::verify(vault.directory(), vault.key, {}));
  CHECK(report.ok);
}
