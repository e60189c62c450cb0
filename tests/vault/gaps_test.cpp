// SPDX-License-Identifier: Apache-2.0
#include "vault/gaps.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

/// Looks through everything from the beginning and records what it finds; "how id" of each.
std::string look(TestVault& vault, std::int64_t first = 0) {
  auto reader = vault.reader();
  const auto page = must(reader.unseen(first, vault.clock.now() + std::chrono::hours(1)));
  must(vault.run(
      [&](vault::WriteTransaction& transaction) { return transaction.unseen(page, first); }));
  std::string all;
  for (const auto& one : page.found) all += one.how + " " + one.provider_id + "; ";
  return all;
}

std::string gaps(const TestVault& vault) {
  std::string all;
  for (const auto& gap : must(vault.reader().gaps(100))) all += gap.filled ? "filled " : "open ";
  return all;
}

TestMessage chunk(int phase, int order, int progress, std::string type = "history:progress") {
  return {.id = "",
          .text = fmt::format("{} {}", phase, order),
          .party = "",
          .sent = 0,
          .kind = RecordKind::line,
          .type = std::move(type),
          .details = fmt::format(R"({{"chunk_order":"{}","phase":"{}","progress":"{}"}})", order,
                                 phase, progress),
          .via = message::Via::history};
}

}  // namespace

TEST_CASE("what is spoken of and never came is one gap, however often it is spoken of") {
  TestVault vault;
  vault.ingest(delivery_of({.id = "a", .reply_to = "q"}));
  vault.ingest(delivery_of({.id = "b", .reply_to = "q"}));
  vault.ingest(delivery_of({.id = "s", .kind = RecordKind::status}));
  vault.ingest(delivery_of({.id = "e", .kind = RecordKind::edit, .about = "x"}));
  vault.ingest(delivery_of({.id = "v", .kind = RecordKind::revoke, .about = "y"}));
  vault.ingest(delivery_of({.id = "r", .type = "reaction", .about = "z"}));
  vault.ingest(delivery_of({.id = "c", .reply_to = "a"}));
  CHECK(look(vault) == "reply q; state s; edit x; revocation y; reaction z; ");
  CHECK(look(vault).empty());
  CHECK(gaps(vault) == "open open open open open ");
  CHECK(must(vault.reader().summary()).counters.at("unseen") == 5);
}

TEST_CASE("what came late, before it was looked for, is no gap") {
  TestVault vault;
  vault.ingest(delivery_of({.id = "a", .kind = RecordKind::status}));
  vault.ingest(delivery_of({.id = "a", .direction = Direction::out}));
  CHECK(look(vault).empty());
}

TEST_CASE("what is too young is not looked at yet, and the look goes on there") {
  TestVault vault;
  vault.ingest(delivery_of({.id = "a", .reply_to = "q"}));
  const auto before = vault.clock.now() + std::chrono::minutes(1);
  vault.clock.advance(std::chrono::hours(1));
  vault.ingest(delivery_of({.id = "b", .reply_to = "p"}));
  auto reader = vault.reader();
  const auto page = must(reader.unseen(0, before));
  CHECK(page.found.size() == 1);
  CHECK(page.next == 2);
  const auto rest = must(reader.unseen(page.next, before + std::chrono::hours(2)));
  CHECK(rest.found.size() == 1);
  CHECK(rest.next == 3);
  REQUIRE(vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY_DO(transaction.unseen(page, 0));
    return transaction.unseen(rest, page.next);
  }));
  CHECK(must(reader.summary()).counters.at(std::string(vault::searched_counter)) == 3);
}

TEST_CASE("a gap stays a record and is shown as filled once the message comes") {
  TestVault vault;
  vault.ingest(delivery_of({.id = "a", .reply_to = "q"}));
  vault.ingest(delivery_of({.id = "b", .reply_to = "p"}));
  look(vault);
  const auto records = must(vault.reader().summary()).records;
  vault.ingest(delivery_of({.id = "q", .via = message::Via::history}));
  CHECK(gaps(vault) == "filled open ");
  CHECK(must(vault.reader().summary()).records == records + 1);
}

TEST_CASE("what came and was not understood did come, a state alone did not") {
  TestVault vault;
  vault.ingest(
      delivery_of({.id = "q", .kind = RecordKind::unrecognised, .type = "messages:hologram"}));
  vault.ingest(delivery_of({.id = "a", .reply_to = "q"}));
  vault.ingest(
      delivery_of({.id = "p", .kind = RecordKind::unrecognised, .type = "statuses:teleported"}));
  vault.ingest(delivery_of({.id = "b", .reply_to = "p"}));
  CHECK(look(vault) == "reply p; ");
}

TEST_CASE("chunks of a history that did not come are known when it is complete") {
  TestVault vault;
  auto reader = vault.reader();
  for (const int order : {4, 1, 2}) vault.ingest(delivery_of(chunk(0, order, 40)));
  vault.ingest(delivery_of(chunk(1, 7, 90)));
  auto states = must(reader.histories());
  REQUIRE(states.size() == 1);
  CHECK(states[0].phase == 1);
  CHECK(states[0].progress == 90);
  CHECK(states[0].missing.empty());
  vault.ingest(delivery_of(chunk(1, 8, 100)));
  states = must(reader.histories());
  REQUIRE(states[0].missing.size() == 1);
  CHECK(states[0].missing[0].phase == 0);
  CHECK(states[0].missing[0].chunk == 3);
  for (int round = 0; round < 2; ++round)  // recorded once
    REQUIRE(vault.run([&](vault::WriteTransaction& transaction) {
      return transaction.missing_chunks(states[0].missing);
    }));
  CHECK(gaps(vault) == "open ");
  vault.ingest(delivery_of(chunk(0, 3, 100)));
  CHECK(must(reader.histories())[0].missing.empty());
  CHECK(gaps(vault) == "filled ");
}

TEST_CASE("a history that was refused says why") {
  TestVault vault;
  auto refused = chunk(0, 0, 0, "history:declined");
  refused.details = R"({"errors":[{"code":"2593109","title":"History sync is turned off"}]})";
  vault.ingest(delivery_of(refused));
  const auto states = must(vault.reader().histories());
  REQUIRE(states.size() == 1);
  CHECK(states[0].declined == "History sync is turned off");
  CHECK(states[0].phase == -1);
}
