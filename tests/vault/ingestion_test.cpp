// SPDX-License-Identifier: Apache-2.0
#include "vault/ingestion.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/vault.hpp"
#include "vault/newest_events.hpp"

using namespace sigilo;
using namespace sigilo::test;
using message::Via;

namespace {

TestMessage by(Via via) {
  return {.id = "w", .text = "hablemos de la coima", .direction = Direction::out, .via = via};
}

std::string types(const TestVault& vault, RecordKind kind) {
  std::string all;
  for (const auto& row : must(vault.reader().messages({.kind = kind})))
    all += row.stored.event.type + " ";
  return all;
}

std::uint64_t counter(const TestVault& vault, const std::string& name) {
  return must(vault.reader().summary()).counters[name];
}

vault::Ingest with_alert(const TestMessage& message) {
  auto delivery = delivery_of(message);
  delivery.events[0].alerts = {alert_about(15, 20)};
  delivery.events[0].mails = {{"compliance@estudio.example", Language::es, "litigios"}};
  return delivery;
}

vault::Ingest of_foreign_lines(std::vector<message::ForeignLine> lines) {
  vault::Ingest delivery;
  delivery.raw = "{}";
  delivery.provenance = {"meta", crypto::sha256(as_bytes(delivery.raw)),
                         Timestamp::from_seconds(1'795'521'600)};
  for (const auto& line : lines) delivery.not_monitored += line.things;
  delivery.foreign_lines = std::move(lines);
  return delivery;
}

}  // namespace

TEST_CASE("a message that is told in three ways is one record, and each other way is told once") {
  TestVault vault;
  const auto order = GENERATE(std::vector{Via::api, Via::app, Via::history},
                              std::vector{Via::history, Via::api, Via::app},
                              std::vector{Via::app, Via::history, Via::api});
  for (int round = 0; round < 2; ++round)
    for (const auto via : order) vault.ingest(delivery_of(by(via)));
  const auto rows = must(vault.reader().messages({}));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].stored.event.via == order[0]);
  CHECK(types(vault, RecordKind::status) ==
        fmt::format("told:{} told:{} ", to_string(order[1]), to_string(order[2])));
  CHECK(counter(vault, "messages") == 1);
  CHECK(counter(vault, "duplicates") == 5);
}

TEST_CASE("a message whose time differs with the way that it came is one record all the same") {
  TestVault vault;
  const auto at = [](Via via) {
    TestMessage message = by(via);
    message.sent += via == Via::history ? 7 : via == Via::app ? 2 : 0;  // by the phone's clock
    return delivery_of(message);
  };
  const auto order = GENERATE(std::vector{Via::api, Via::app, Via::history},
                              std::vector{Via::history, Via::api, Via::app},
                              std::vector{Via::app, Via::history, Via::api});
  const bool indexed = GENERATE(false, true);
  const bool restarted = GENERATE(false, true);
  for (int round = 0; round < 2; ++round) {
    for (const auto via : order) {
      vault.ingest(at(via));
      if (indexed) {  // more than the newest events hold
        std::vector<TestMessage> others(vault::NewestEvents::limit);
        for (auto& other : others) other.party = "+5491160000009";
        for (std::size_t i = 0; i < others.size(); ++i)
          others[i].id = fmt::format("{}-{}-{}", round, to_string(via), i);
        vault.ingest(delivery_of_many(others));
      }
      if (restarted) {
        vault.close();
        vault.open();
      }
    }
  }
  const auto rows = must(vault.reader().messages({.party = "+5491160000002"}));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].stored.event.via == order[0]);
  CHECK(types(vault, RecordKind::status) ==
        fmt::format("told:{} told:{} ", to_string(order[1]), to_string(order[2])));
  CHECK(counter(vault, "duplicates") == 5);
}

TEST_CASE("what has one id and says two things is two records, also where a history tells it") {
  TestVault vault;
  TestMessage placeholder = by(Via::history);
  placeholder.text = "unavailable";
  vault.ingest(delivery_of(placeholder));
  TestMessage later = by(Via::history);
  later.sent += 1;
  vault.ingest(delivery_of(later));
  CHECK(must(vault.reader().messages({})).size() == 2);
  CHECK(counter(vault, "duplicates") == 0);
}

TEST_CASE("what a phone told in a transaction that was undone is new when it comes again") {
  TestVault vault;
  const auto undone = vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY_DO(transaction.ingest(delivery_of(by(Via::history))));
    return fail(ErrorCode::io, "the disk is full");
  });
  CHECK_FALSE(undone);
  TestMessage again = by(Via::api);
  again.sent += 3;
  CHECK(vault.ingest(delivery_of(again)).stored == 1);
  CHECK(counter(vault, "duplicates") == 0);
}

TEST_CASE("a state that comes again is a repeat, whichever way it comes") {
  TestVault vault;
  TestMessage read{.id = "w", .kind = RecordKind::status};
  vault.ingest(delivery_of(read));
  CHECK(vault.ingest(delivery_of(read)).stored == 0);
}

TEST_CASE("a message that came with a history first is judged when it comes live, once") {
  TestVault vault;
  vault.ingest(delivery_of(by(Via::history)));
  const auto live = vault.ingest(with_alert(by(Via::api)));
  CHECK(live.mails == 1);
  vault.ingest(with_alert(by(Via::api)));
  const auto alerts = must(vault.reader().alerts(true));
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].message == Seq(1));
  CHECK(alerts[0].words == std::vector<std::string>{"coima"});
  CHECK(must(vault.reader().summary()).outbox_queued == 1);
}

TEST_CASE("a message that was judged is not judged again when it is told in another way") {
  TestVault vault;
  vault.ingest(with_alert(by(Via::api)));
  CHECK(vault.ingest(with_alert(by(Via::app))).mails == 0);
  CHECK(must(vault.reader().alerts(true)).size() == 1);
}

TEST_CASE("neither a phone's past nor an event of the line itself makes it look alive") {
  TestVault vault;
  vault.ingest(delivery_of(by(Via::history)));
  vault.ingest(delivery_of({.id = "", .kind = RecordKind::line, .type = "profile"}));
  const auto line = [&] { return must(vault.reader().summary()).lines.at("+5491150000001"); };
  CHECK(line().events == 2);
  CHECK(line().last == Timestamp());
  vault.clock.advance(std::chrono::hours(1));
  vault.ingest(delivery_of({.id = "live"}));
  const auto heard = line().last;
  CHECK(heard > Timestamp());
  vault.clock.advance(std::chrono::hours(1));
  vault.ingest(delivery_of({.id = "", .kind = RecordKind::line, .type = "contacts"}));
  CHECK(line().last == heard);
}

TEST_CASE("numbers that are not monitored are counted each, though nothing is stored of them") {
  TestVault vault;
  vault.ingest(of_foreign_lines({{"+5491150000009", "77", 2}, {"", "88", 1}}));
  vault.clock.advance(std::chrono::hours(1));
  auto later = of_foreign_lines({{"+5491150000009", "", 3}});
  later.provenance.received = Timestamp::from_seconds(1'795'525'200);
  vault.ingest(later);
  const auto lines = must(vault.reader().unmonitored());
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].number == "+5491150000009");
  CHECK(lines[0].phone_number_id == "77");
  CHECK(lines[0].events == 5);
  CHECK(lines[0].first == Timestamp::from_seconds(1'795'521'600));
  CHECK(lines[0].last == Timestamp::from_seconds(1'795'525'200));
  CHECK(lines[1].number == "88");
  CHECK(counter(vault, "not_monitored") == 6);
  CHECK(must(vault.reader().summary()).records == 1);
}

TEST_CASE("only so many numbers are kept, and the others are in the total") {
  TestVault vault;
  for (int begin = 0; begin < 1200; begin += 400) {
    std::vector<message::ForeignLine> lines;
    for (int i = begin; i < begin + 400; ++i)
      lines.push_back({fmt::format("+54911{:08}", i), "", 1});
    vault.ingest(of_foreign_lines(std::move(lines)));
  }
  vault.ingest(of_foreign_lines({{"+5491100000000", "", 1}, {"+5491199999999", "", 1}}));
  const auto lines = must(vault.reader().unmonitored());
  CHECK(lines.size() == vault::max_unmonitored);
  CHECK(lines[0].number == "+5491100000000");
  CHECK(lines[0].events == 2);
  CHECK(counter(vault, "not_monitored") == 1202);
}

TEST_CASE("what was counted of a transaction that was undone is not counted") {
  TestVault vault;
  const auto result = vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY_DO(transaction.ingest(of_foreign_lines({{"+5491150000009", "", 1}})));
    return fail(ErrorCode::refused, "no");
  });
  CHECK_FALSE(result);
  vault.ingest(delivery_of(TestMessage{}));
  CHECK(must(vault.reader().unmonitored()).empty());
}

TEST_CASE("the newest profile of a line stands for it, and the earlier ones are kept with dates") {
  TestVault vault;
  const auto profile = [&](std::string name, std::string line, std::int64_t sent) {
    vault.ingest(delivery_of({.id = "",
                              .text = std::move(name),
                              .line = std::move(line),
                              .party = "",
                              .sent = sent,
                              .kind = RecordKind::line,
                              .type = "profile"}));
    vault.clock.advance(std::chrono::hours(1));
  };
  const E164 line("+5491150000001");
  CHECK(!must(vault.reader().line_profile(line)));
  profile("Estudio", line.value(), 1);
  profile("Otro", "+5491150000002", 2);
  profile("Estudio Ejemplo", line.value(), 3);
  vault.ingest(delivery_of({.id = "",
                            .text = "tipo profile",
                            .sent = 4,
                            .kind = RecordKind::line,
                            .type = "account_update"}));
  const auto newest = must(vault.reader().line_profile(line));
  REQUIRE(newest);
  CHECK(newest->stored.event.text == "Estudio Ejemplo");
  const auto all = must(vault.reader().line_profiles_history(line, 10));
  REQUIRE(all.size() == 2);
  CHECK(all[0].stored.event.text == "Estudio");
  CHECK(all[0].time < all[1].time);
  CHECK(must(vault.reader().line_profiles_history(line, 1))[0].stored.event.text ==
        "Estudio Ejemplo");
}
