// SPDX-License-Identifier: Apache-2.0
#include "vault/persons.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

const std::string old_number = "+5491160000002", new_number = "+5491160000003";

/// A person who got an id, then another number, then another id.
struct OnePerson {
  OnePerson() {
    add({.id = "a", .name = "Ana"});
    add({.id = "b", .user_id = "AR.1", .name = "Ana P."});
    add({.id = "c",
         .type = "system",
         .details = R"({"system":{"type":"user_changed_number","wa_id":"5491160000003"}})"});
    add({.id = "d", .party = new_number, .name = "Ana P."});
    add({.id = "",
         .party = "",
         .kind = RecordKind::line,
         .type = "user_id_update",
         .user_id = "AR.2",
         .details = R"({"user_id":{"current":"AR.2","previous":"AR.1"}})"});
    add({.id = "e", .party = "", .user_id = "AR.2"});
    add({.id = "f", .line = "+5491150000002", .party = new_number});
    add({.id = "x", .party = "+5491160000009", .name = "Otra"});
  }
  void add(const TestMessage& message) {
    vault.ingest(delivery_of(message));
    vault.clock.advance(std::chrono::minutes(1));
  }
  TestVault vault;
};

std::string ids(const std::vector<vault::MessageRow>& rows) {
  std::string all;
  for (const auto& row : rows) all += row.stored.event.provider_id;
  return all;
}

}  // namespace

TEST_CASE("what one person says is found under each of the names") {
  const OnePerson one;
  for (const auto& name : {old_number, new_number, std::string("AR.1"), std::string("AR.2")})
    CHECK(ids(must(one.vault.reader().messages({.party = name}))) == "abcdef");
  CHECK(ids(must(one.vault.reader().messages(
            {.line = E164("+5491150000001"), .party = "AR.1", .limit = 3}))) == "cde");
}

TEST_CASE("around a message stands what the same person said under other names") {
  const OnePerson one;
  auto reader = one.vault.reader();
  const auto d = must(reader.messages({.party = new_number})).at(3).seq;
  CHECK(ids(must(reader.around(d, 2, 5))) == "bcde");
  CHECK(ids(must(reader.around(d, 9, 0))) == "abcd");
}

TEST_CASE("a person's names have their grounds, and the ways it was called their times") {
  const OnePerson one;
  const auto person = must(one.vault.reader().person(new_number));
  CHECK(person.names.size() == 4);
  CHECK(person.names[0] == new_number);
  REQUIRE(person.links.size() == 3);
  CHECK(person.links[0].how == "given beside it");
  CHECK(person.links[0].record == Seq(2));
  CHECK(person.links[1].how == "user changed number");
  CHECK(person.links[1].record == Seq(3));
  CHECK(person.links[1].time - person.links[0].time == std::chrono::minutes(1));
  CHECK(person.links[2].how == "user id update");
  REQUIRE(person.called.size() == 2);
  CHECK(person.called[0].name == "Ana P.");
  CHECK(person.called[0].last - person.called[0].first == std::chrono::minutes(2));
  CHECK(person.called[1].name == "Ana");
  CHECK_FALSE(person.truncated);
  const auto nobody = must(one.vault.reader().person("+5491100000000"));
  CHECK(nobody.names.size() == 1);
  CHECK(nobody.links.empty());
  CHECK(nobody.called.empty());
}

TEST_CASE("of a person with very many messages the newest are looked at") {
  TestVault vault;
  std::vector<TestMessage> messages{{.id = "first", .name = "Antes"}};
  for (std::size_t i = 0; i < vault::max_messages_of_person; ++i)
    messages.push_back({.id = std::to_string(i), .name = "Ana"});
  vault.ingest(delivery_of_many(messages));
  const auto person = must(vault.reader().person(old_number));
  CHECK(person.truncated);
  REQUIRE(person.called.size() == 1);
  CHECK(person.called[0].name == "Ana");
}

TEST_CASE("names that a transaction linked and that was undone are linked by the next") {
  TestVault vault;
  const TestMessage both{.id = "b", .user_id = "AR.1"};
  CHECK_FALSE(vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY_DO(transaction.ingest(delivery_of(both)));
    return fail(ErrorCode::refused, "no");
  }));
  vault.ingest(delivery_of(both));
  CHECK(must(vault.reader().person("AR.1")).names.size() == 2);
}
