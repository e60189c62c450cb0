// SPDX-License-Identifier: Apache-2.0
#include "vault/related.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/sqlcipher.hpp"
#include "support/vault.hpp"
#include "vault/event_id.hpp"
#include "vault/files.hpp"
#include "vault/schema.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

TestMessage state(std::string type, std::string id = "w") {
  return {.id = std::move(id),
          .text = "",
          .sent = 1'795'521'010,
          .kind = RecordKind::status,
          .direction = Direction::out,
          .type = std::move(type)};
}

TestMessage edit(std::string id, std::string text, std::int64_t sent = 1'795'521'060) {
  return {.id = std::move(id),
          .text = std::move(text),
          .sent = sent,
          .kind = RecordKind::edit,
          .about = "w"};
}

TestMessage revocation(std::string about = "w") {
  return {.id = "wr",
          .text = "",
          .sent = 1'795'521'120,
          .kind = RecordKind::revoke,
          .type = "revoke",
          .about = std::move(about)};
}

vault::MessageRow only_message(const TestVault& vault) {
  const auto rows = must(vault.reader().messages({}));
  REQUIRE(rows.size() == 1);
  return rows[0];
}

/// Kind and type of each, with the seconds after sending.
std::string life(const TestVault& vault) {
  auto reader = vault.reader();
  const auto rows = must(reader.messages({}));
  std::string all;
  for (const auto& row : must(reader.life_of(rows.at(0)))) {
    const auto& event = row.stored.event;
    all += fmt::format("{}:{}", to_string(event.kind), event.type);
    if (row.after) all += fmt::format("+{}", row.after->count() / 1'000'000);
    all += ' ';
  }
  return all;
}

}  // namespace

TEST_CASE("a message's state is the latest it reached, in whatever order states came") {
  TestVault vault;
  const auto last = [&](const std::vector<std::string>& states) {
    for (const auto& one : states) vault.ingest(delivery_of(state(one)));
    return only_message(vault).state;
  };
  SECTION("read before delivered before sent, and all before the message") {
    for (const auto* one : {"read", "delivered", "sent"}) vault.ingest(delivery_of(state(one)));
    vault.ingest(delivery_of({.id = "w", .direction = Direction::out}));
    CHECK(only_message(vault).state == "read");
  }
  SECTION("as they happen") {
    vault.ingest(delivery_of({.id = "w", .direction = Direction::out}));
    CHECK(only_message(vault).state.empty());
    CHECK(last({"sent"}) == "sent");
    CHECK(last({"played", "delivered"}) == "played");
    CHECK(last({"failed"}) == "failed");
  }
  SECTION("a state that is none of a message's progress changes nothing") {
    vault.ingest(delivery_of({.id = "w", .direction = Direction::out}));
    CHECK(last({"sent", "warning", "told:app"}) == "sent");
  }
  SECTION("a state of another line's message is another's") {
    vault.ingest(delivery_of({.id = "w", .direction = Direction::out}));
    auto other = state("read");
    other.line = "+5491150000002";
    vault.ingest(delivery_of(other));
    CHECK(only_message(vault).state.empty());
  }
}

TEST_CASE("edits and a revocation are known of their message, also where they came before it") {
  TestVault vault;
  const bool before = GENERATE(true, false);
  if (!before) vault.ingest(delivery_of({.id = "w", .text = "uno"}));
  vault.ingest(delivery_of(edit("e1", "dos")));
  vault.ingest(delivery_of(edit("e2", "tres", 1'795'521'090)));
  vault.ingest(delivery_of(revocation()));
  if (before) vault.ingest(delivery_of({.id = "w", .text = "uno"}));
  const auto row = only_message(vault);
  CHECK(row.edited);
  CHECK(row.revoked);
  CHECK(row.stored.event.text == "uno");
  CHECK(life(vault) == (before ? "edit:text+60 edit:text+90 revoke:revoke+120 message:text+0 "
                               : "message:text+0 edit:text+60 edit:text+90 revoke:revoke+120 "));
}

TEST_CASE("the revocation of what never came is kept and changes nothing") {
  TestVault vault;
  vault.ingest(delivery_of({.id = "w"}));
  vault.ingest(delivery_of(revocation("never")));
  CHECK_FALSE(only_message(vault).revoked);
  auto reader = vault.reader();
  const auto revoked = must(reader.messages({.kind = RecordKind::revoke}));
  REQUIRE(revoked.size() == 1);
  CHECK(must(reader.life_of(revoked[0])).size() == 1);
}

TEST_CASE("a message's life holds reactions and states, also of what changed it, but no replies") {
  TestVault vault;
  vault.ingest(delivery_of({.id = "w", .direction = Direction::out}));
  vault.ingest(delivery_of(state("sent")));
  vault.ingest(delivery_of(
      {.id = "r", .text = "👍", .sent = 1'795'521'030, .type = "reaction", .about = "w"}));
  vault.ingest(delivery_of({.id = "a", .text = "sí", .reply_to = "w"}));
  vault.ingest(delivery_of(edit("e1", "dos")));
  vault.ingest(delivery_of(state("delivered", "e1")));
  vault.ingest(delivery_of({.id = "w", .direction = Direction::out, .via = message::Via::app}));
  CHECK(life(vault) ==
        "message:text+0 status:sent+10 message:reaction+30 edit:text+60 status:delivered+10 "
        "status:told:app+" +
            std::to_string((vault.clock.now() - Timestamp::from_seconds(1'795'521'000)).count() /
                           1'000'000) +
            " ");
}

TEST_CASE("two ids that meet in the short key are told apart") {
  TestVault vault;
  vault.ingest(delivery_of({.id = "w"}));
  vault.ingest(delivery_of(revocation("other")));
  vault.close();
  const auto set = fmt::format("UPDATE event SET about = {} WHERE about <> 0;", vault::id_key("w"));
  REQUIRE(sqlcipher(vault.directory() / "vault.db", key_lines() + set).code == 0);
  auto reader = vault.reader();
  const auto row = must(reader.messages({}))[0];
  CHECK_FALSE(row.revoked);
  CHECK(must(reader.life_of(row)).size() == 1);
}

TEST_CASE("what became of many messages is found in few steps, across the blocks of the index") {
  TestVault vault;
  constexpr int many = 70'000;  // a block of 65,536 records, and a part of the next
  vault.ingest(delivery_of(state("read", "0")));
  for (int begin = 0; begin < many; begin += 2500) {
    std::vector<TestMessage> messages;
    for (int i = begin; i < begin + 2500; ++i) messages.push_back({.id = std::to_string(i)});
    vault.ingest(delivery_of_many(messages));
  }
  vault.ingest(delivery_of(edit("e", "otro")));
  auto last = revocation("5");
  vault.ingest(delivery_of(last));
  // The first message's state came before it; the sixth one's revocation a block after it.
  const auto rows = must(vault.reader().messages({.limit = vault::max_rows}));
  REQUIRE(rows.size() == many);
  CHECK(rows[0].state == "read");
  CHECK(rows[5].revoked);
  CHECK(rows[5].stored.payload.empty());
  CHECK_FALSE(rows[6].revoked);

  auto database = must(vault::Database::open(vault::database_file(vault.directory()), vault.key,
                                             vault::Access::read));
  const auto steps_for = [&](std::size_t count) {
    std::vector<vault::MessageRow> some(rows.begin(),
                                        rows.begin() + static_cast<std::ptrdiff_t>(count));
    auto related = must(vault::Related::prepare(database));
    must(related.mark(some));
    return related.steps();
  };
  // A search in each of two blocks finds the message itself and ends: three steps, and one or two
  // for what is found.
  CHECK(steps_for(50) <= 50 * 3 + 4);
  // All of them: each entry of both blocks once.
  CHECK(steps_for(many) <= many + 8);
}
