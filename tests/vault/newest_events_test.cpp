// SPDX-License-Identifier: Apache-2.0
// Events are put into the tables by which they are found by the thousand: neither before, nor at
// that moment, nor after it may a repeat or a search see a difference.
#include "vault/newest_events.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/sqlcipher.hpp"
#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;
using vault::NewestEvents;

namespace {

std::vector<TestMessage> messages(int first, int count) {
  std::vector<TestMessage> all;
  for (int i = first; i < first + count; ++i)
    all.push_back({.id = fmt::format("wamid.{}", i),
                   .party = fmt::format("+549116000{:04}", i % 7),
                   .sent = 1'795'521'000 + i / 100});
  return all;
}

constexpr int full = static_cast<int>(NewestEvents::limit);

std::string asked(TestVault& vault, const std::string& sql) {
  vault.close();
  const auto done = sqlcipher(vault.directory() / "vault.db", key_lines() + sql);
  vault.open();
  REQUIRE(done.code == 0);
  return done.output;
}

constexpr const char* reach =
    "SELECT 'reach', upto, (SELECT count(*) FROM event_content),"
    " (SELECT count(*) FROM event_conversation) FROM event_indexed;";

}  // namespace

TEST_CASE("what was added is known until the transaction that added it is undone") {
  const std::array<std::uint8_t, 16> a{1};
  const std::array<std::uint8_t, 16> b{2};
  NewestEvents newest;
  newest.add(5, NewestEvents::Content(a), 1, 7);
  newest.keep();
  newest.add(5, NewestEvents::Content(a), 1, 7);
  newest.add(5, NewestEvents::Content(b), 1, 7);
  newest.add(6, NewestEvents::Content(a), 2, 7);
  CHECK(newest.size() == 3);
  newest.undo();
  CHECK(newest.size() == 1);
  CHECK(newest.find(5, NewestEvents::Content(a)) == 7);
  CHECK_FALSE(newest.find(5, NewestEvents::Content(b)));
  CHECK_FALSE(newest.find(6, NewestEvents::Content(a)));
  CHECK(newest.find_by_id(1, NewestEvents::Content(a)) == 7);
  CHECK_FALSE(newest.find_by_id(1, NewestEvents::Content(b)));
  CHECK_FALSE(newest.find_by_id(2, NewestEvents::Content(a)));
  newest.clear();
  CHECK_FALSE(newest.find(5, NewestEvents::Content(a)));
}

TEST_CASE("events are put into the tables when enough have come, not before") {
  TestVault vault;
  vault.ingest(delivery_of_many(messages(0, full - 1)));
  CHECK(asked(vault, reach).find("reach|0|0|0") != std::string::npos);
  vault.ingest(delivery_of_many(messages(full - 1, 1)));
  CHECK(asked(vault, reach).find(fmt::format("reach|{}|{}|{}", full + 1, full, full)) !=
        std::string::npos);
}

TEST_CASE("a repeat is found whether its event is in the tables yet or not, also after a restart",
          "[duplicates]") {
  TestVault vault;
  const auto in_the_tables = delivery_of_many(messages(0, full));
  const auto not_yet = delivery_of_many(messages(full, 100));
  CHECK(vault.ingest(in_the_tables).stored == full);
  CHECK(vault.ingest(not_yet).stored == 100);
  for (int restart = 0; restart < 2; ++restart) {
    CHECK(vault.ingest(in_the_tables).duplicates == full);
    CHECK(vault.ingest(not_yet).duplicates == 100);
    vault.close();
    vault.open();
  }
  CHECK(vault.opened->records() == 1 + full + 100);
}

TEST_CASE("a conversation is read across what the tables hold and what they don't hold yet") {
  TestVault vault;
  vault.ingest(delivery_of_many(messages(0, full)));
  vault.ingest(delivery_of_many(messages(full, 20)));
  auto reader = vault.reader();
  const auto ids = [](const std::vector<vault::MessageRow>& rows) {
    std::vector<std::string> all;
    for (const auto& row : rows) all.push_back(row.stored.event.provider_id);
    return all;
  };
  const auto all = must(reader.messages({.party = "+5491160000003", .limit = 100'000}));
  std::vector<std::string> expected;
  for (int i = 3; i < full + 20; i += 7) expected.push_back(fmt::format("wamid.{}", i));
  CHECK(ids(all) == expected);
  const auto newest = must(reader.messages({.party = "+5491160000003", .limit = 5}));
  CHECK(ids(newest) == std::vector(expected.end() - 5, expected.end()));
  // From the last that the tables hold: one before, three after it.
  const auto at = static_cast<std::size_t>((full - 1 - 3) / 7);
  const auto around = must(reader.around(all.at(at).seq, 1, 2));
  CHECK(ids(around) == std::vector(expected.begin() + static_cast<std::ptrdiff_t>(at) - 1,
                                   expected.begin() + static_cast<std::ptrdiff_t>(at) + 3));
}

TEST_CASE("a large delivery that is undone leaves nothing behind, also in memory") {
  TestVault vault;
  const auto many = delivery_of_many(messages(0, full + 5));
  const auto failed = vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY_DO(transaction.ingest(many));
    return fail(ErrorCode::invalid_input, "no", "");
  });
  REQUIRE_FALSE(failed);
  CHECK(asked(vault, reach).find("reach|0|0|0") != std::string::npos);
  CHECK(vault.ingest(many).stored == full + 5);
  CHECK(vault.ingest(many).duplicates == full + 5);
}

TEST_CASE("tables that somebody altered don't stop the taking in") {
  TestVault vault;
  vault.ingest(delivery_of_many(messages(0, 3)));
  asked(vault,
        "INSERT INTO event_content SELECT sent, content, seq FROM event;"
        "INSERT INTO event_conversation SELECT 0, conversation, seq FROM event;"
        "UPDATE event SET content = x'00' WHERE seq = 2; DELETE FROM event_indexed;");
  CHECK(vault.ingest(delivery_of_many(messages(3, full))).stored == full);
  CHECK(vault.ingest(delivery_of_many(messages(0, 3))).duplicates == 3);
}
