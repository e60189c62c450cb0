// SPDX-License-Identifier: Apache-2.0
#include "vault/reader.hpp"

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include "support/sqlcipher.hpp"
#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

std::string ids(const std::vector<vault::MessageRow>& rows) {
  std::string all;
  for (const auto& row : rows) all += row.stored.event.provider_id;
  return all;
}

std::string find(const TestVault& vault, const vault::MessageFilter& filter) {
  return ids(must(vault.reader().messages(filter)));
}

/// Messages a … h, one a minute; two lines, two parties; a status and an unrecognised one among
/// them.
struct Conversations {
  Conversations() {
    begin = vault.clock.now();
    const std::string l1 = "+5491150000001", l2 = "+5491150000002", p1 = "+5491160000001",
                      p2 = "AR.123";
    add({.id = "a", .line = l1, .party = p1});
    add({.id = "b", .line = l1, .party = p2});
    add({.id = "c", .line = l2, .party = p1});
    add({.id = "S", .line = l1, .party = p1, .kind = RecordKind::status});
    add({.id = "d", .line = l1, .party = p1});
    add({.id = "U", .line = "", .party = "", .kind = RecordKind::unrecognised});
    add({.id = "e", .line = l2, .party = p2});
    add({.id = "f", .line = l1, .party = p1});
  }
  void add(const TestMessage& message) {
    vault.ingest(delivery_of(message));
    vault.clock.advance(std::chrono::minutes(1));
  }
  [[nodiscard]] Timestamp minute(int n) const { return begin + std::chrono::minutes(n); }
  TestVault vault;
  Timestamp begin;
};

}  // namespace

TEST_CASE("messages are found by line, party, time and kind, oldest first") {
  const Conversations all;
  const auto& vault = all.vault;
  CHECK(find(vault, {}) == "abcdef");
  CHECK(find(vault, {.line = E164("+5491150000001")}) == "abdf");
  CHECK(find(vault, {.party = "+5491160000001"}) == "acdf");
  CHECK(find(vault, {.party = "AR.123"}) == "be");
  CHECK(find(vault, {.line = E164("+5491150000002"), .party = "AR.123"}) == "e");
  CHECK(find(vault, {.party = "+5491199999999"}).empty());
  CHECK(find(vault, {.since = all.minute(2)}) == "cdef");
  CHECK(find(vault, {.until = all.minute(2)}) == "ab");
  CHECK(find(vault, {.since = all.minute(1), .until = all.minute(5)}) == "bcd");
  CHECK(find(vault, {.since = all.minute(5), .until = all.minute(1)}).empty());
  CHECK(find(vault, {.since = all.minute(90)}).empty());
  CHECK(find(vault, {.until = all.minute(-90)}).empty());
  CHECK(find(vault, {.party = "+5491160000001", .since = all.minute(1), .until = all.minute(7)}) ==
        "cd");
  CHECK(find(vault, {.kind = RecordKind::status}) == "S");
  CHECK(find(vault, {.kind = RecordKind::unrecognised}) == "U");
  CHECK(find(vault, {.kind = RecordKind::alert}).empty());
}

TEST_CASE("a limit takes the newest") {
  const Conversations all;
  CHECK(find(all.vault, {.limit = 2}) == "ef");
  CHECK(find(all.vault, {.party = "+5491160000001", .limit = 2}) == "df");
  CHECK(find(all.vault, {.limit = 0}).empty());
  CHECK(find(all.vault, {.limit = ~std::size_t{0}}) == "abcdef");
}

TEST_CASE("around a message stands its own conversation and no other") {
  const Conversations all;
  auto reader = all.vault.reader();
  const auto rows = must(reader.messages({.party = "+5491160000001"}));
  const Seq d = rows[2].seq;
  CHECK(rows[2].stored.event.provider_id == "d");
  CHECK(ids(must(reader.around(d, 5, 5))) == "adf");
  CHECK(ids(must(reader.around(d, 0, 1))) == "df");
  CHECK(ids(must(reader.around(d, 0, 0))) == "d");
  CHECK(must(reader.around(Seq(0), 5, 5)).empty());
  CHECK(must(reader.around(Seq(9999), 5, 5)).empty());
}

TEST_CASE("one record is given as people see it, and other kinds are not messages") {
  const Conversations all;
  auto reader = all.vault.reader();
  const auto row = must(reader.message(Seq(1)));
  REQUIRE(row);
  CHECK(row->seq == Seq(1));
  CHECK(row->time == all.begin);
  CHECK(row->stored.event.text == "Buen día");
  CHECK(row->stored.provenance.source == "meta");
  CHECK(!must(reader.message(Seq(0))));
  CHECK(!must(reader.message(Seq(99))));
  CHECK(!must(reader.message(Seq(~std::uint64_t{0}))));
}

TEST_CASE("a conversation is found across the blocks of its index") {
  TestVault vault;
  constexpr int many = 17'000;  // three blocks of 8,192 records
  for (int begin = 0; begin < many; begin += 1000) {
    std::vector<TestMessage> messages;
    for (int i = begin; i < begin + 1000; ++i)
      messages.push_back(
          {.id = std::to_string(i), .party = i % 4000 == 0 ? "+5491160000009" : "+5491160000001"});
    vault.ingest(delivery_of_many(messages));
  }
  auto reader = vault.reader();
  CHECK(ids(must(reader.messages({.party = "+5491160000009"}))) == "0400080001200016000");
  CHECK(ids(must(reader.messages({.party = "+5491160000009", .limit = 2}))) == "1200016000");
  const auto middle = must(reader.messages({.party = "+5491160000009"})).at(2).seq;
  CHECK(ids(must(reader.around(middle, 1, 1))) == "4000800012000");
  CHECK(ids(must(reader.around(middle, 9, 9))) == "0400080001200016000");
}

TEST_CASE("queries use the indexes that were made for them") {
  TestVault vault;
  vault.close();
  const auto plan = [&](const std::string& sql) {
    return sqlcipher(vault.directory() / "vault.db", key_lines() + "EXPLAIN QUERY PLAN " + sql)
        .output;
  };
  CHECK(plan("SELECT seq FROM event_conversation WHERE block = 1 AND conversation = 2 AND seq >= 3"
             " AND seq < 4 ORDER BY seq DESC;")
            .find("PRIMARY KEY (block=? AND conversation=? AND seq>? AND seq<?)") !=
        std::string::npos);
  CHECK(plan("SELECT 1 FROM event_content WHERE sent = 1 AND content = x'00';")
            .find("PRIMARY KEY (sent=? AND content=?)") != std::string::npos);
}

TEST_CASE("the summary counts records, lines and what did not become a record") {
  const Conversations all;
  const auto summary = must(all.vault.reader().summary());
  CHECK(summary.records == 9);
  CHECK(summary.counters.at("messages") == 6);
  CHECK(summary.counters.at("statuses") == 1);
  CHECK(summary.counters.at("unrecognised") == 1);
  REQUIRE(summary.lines.size() == 2);
  CHECK(summary.lines.at("+5491150000001").events == 5);
  CHECK(summary.lines.at("+5491150000001").last == all.minute(7));
  CHECK(summary.outbox_queued == 0);
  CHECK(!summary.last_checkpoint);
}

TEST_CASE("a copy without a daemon is read, also where nothing can be written") {
  TestVault vault;
  vault.ingest(delivery_of(TestMessage{}));
  vault.close();
  TemporaryDirectory copy;
  std::filesystem::copy(vault.directory() / "vault.db", copy.path() / "vault.db");
  {
    auto reader = must(vault::Reader::open(copy.path(), vault.key));
    CHECK(must(reader.messages({})).size() == 1);
  }
  CHECK(!std::filesystem::exists(copy.path() / "vault.lock"));
  if (::geteuid() == 0) SKIP("root may write everywhere");
  std::filesystem::permissions(copy.path(), std::filesystem::perms(0500));
  {
    auto reader = must(vault::Reader::open(copy.path(), vault.key));
    CHECK(must(reader.messages({})).size() == 1);
  }
  std::filesystem::permissions(copy.path(), std::filesystem::perms(0700));
}

TEST_CASE("a reader refuses what the writer refuses") {
  TestVault vault;
  vault.close();
  const auto wrong = must(vault::parse_vault_key(as_bytes(std::string(64, 'e'))));
  CHECK(vault::Reader::open(vault.directory(), wrong).error().code == ErrorCode::wrong_key);
  CHECK(vault::Reader::open(vault.directory() / "none", vault.key).error().code ==
        ErrorCode::not_found);
  REQUIRE(
      sqlcipher(vault.directory() / "vault.db", key_lines() + "PRAGMA user_version = 2;").code ==
      0);
  CHECK(vault::Reader::open(vault.directory(), vault.key).error().code == ErrorCode::newer_version);
}
