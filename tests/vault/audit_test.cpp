// SPDX-License-Identifier: Apache-2.0
#include "vault/audit.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "support/sqlcipher.hpp"
#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

template <class Row, class Each>
std::vector<Row> all_of(Each each) {
  std::vector<Row> rows;
  must(each([&](Row&& row) {
    rows.push_back(std::move(row));
    return true;
  }));
  return rows;
}

void attack(TestVault& vault, const std::string& sql) {
  vault.close();
  const auto done = sqlcipher(vault.directory() / "vault.db", key_lines() + sql);
  INFO(done.output);
  REQUIRE(done.code == 0);
}

}  // namespace

TEST_CASE("rows are given as they are stored") {
  TestVault vault;
  auto delivery = delivery_of({.text = "la coima"});
  delivery.events[0].alerts = {alert_about(3, 8)};
  vault.ingest(delivery);
  auto audit = vault.audit();
  CHECK(audit.uuid() == vault.created.uuid);
  CHECK(must(audit.record_count()) == 3);
  CHECK(must(audit.last_seq()) == 2);

  const auto events = all_of<vault::RawEvent>([&](auto visit) { return audit.each_event(visit); });
  REQUIRE(events.size() == 1);
  CHECK(events[0].seq == 1);
  CHECK(events[0].sent == 1'795'521'000);
  CHECK(events[0].content == as_text(delivery.events[0].event.content.view().first(16)));
  CHECK(events[0].line == "+5491150000001");
  CHECK(events[0].party == "+5491160000002");
  CHECK(events[0].delivery == 1);

  const auto alerts = all_of<vault::RawAlert>([&](auto visit) { return audit.each_alert(visit); });
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].id == 2);
  CHECK(alerts[0].message == 1);
  CHECK(alerts[0].severity == "high");
  const auto tile = must(audit.tile(0, 0));
  REQUIRE(tile);
  CHECK(tile->hashes.size() == 3 * 32);
  CHECK(!must(audit.tile(0, 1)));
  CHECK(must(audit.tile_count()) == 1);
  CHECK(must(audit.file_problems()).empty());
}

TEST_CASE("a visitor may begin anywhere and stop early") {
  TestVault vault;
  for (int i = 0; i < 5; ++i) vault.ingest(delivery_of({.id = std::to_string(i)}));
  std::vector<std::int64_t> seen;
  REQUIRE(vault.audit().each_record(2, [&](vault::RawRecord&& record) {
    seen.push_back(record.seq);
    return seen.size() < 3;
  }));
  CHECK(seen == std::vector<std::int64_t>{2, 3, 4});
}

TEST_CASE("whatever an attacker with the key put there is handed on, not believed") {
  TestVault vault;
  vault.ingest(delivery_of(TestMessage{}));
  attack(vault,
         "UPDATE record SET kind = 'nonsense', root = x'00', body = '{' WHERE seq = 1;"
         "UPDATE event SET conversation = 77, content = x'';"
         // Tables that take any type, in the place of ours.
         "CREATE TABLE loose AS SELECT * FROM record; DROP TABLE record;"
         "CREATE TABLE record (seq INTEGER PRIMARY KEY, time, kind, epoch, root, commitment, "
         "signature, salt, body);"
         "INSERT INTO record SELECT * FROM loose; UPDATE record SET time = 'yesterday', salt = 5 "
         "WHERE seq = 1;");
  auto audit = vault.audit();
  const auto records =
      all_of<vault::RawRecord>([&](auto visit) { return audit.each_record(1, visit); });
  REQUIRE(records.size() == 1);
  CHECK(records[0].kind == "nonsense");
  CHECK(records[0].root == std::string(1, '\0'));
  CHECK(!records[0].time);
  CHECK(!records[0].salt);
  const auto events = all_of<vault::RawEvent>([&](auto visit) { return audit.each_event(visit); });
  REQUIRE(events.size() == 1);
  CHECK(!events[0].line);
  CHECK(events[0].content == "");
  CHECK(all_of<vault::RawDelivery>([&](auto visit) { return audit.each_delivery(visit); }).size() ==
        1);
}

TEST_CASE("an altered body makes its delivery hash to something else") {
  TestVault vault;
  const auto delivery = delivery_of({.text = "pagame"});
  vault.ingest(delivery);
  attack(vault, "UPDATE record SET body = replace(body, 'pagame', 'negame') WHERE seq = 1;");
  auto audit = vault.audit();
  const auto rows =
      all_of<vault::RawDelivery>([&](auto visit) { return audit.each_delivery(visit); });
  REQUIRE(rows.size() == 1);
  CHECK(!rows[0].partial);
  CHECK(rows[0].raw != delivery.raw);
  CHECK(rows[0].raw->size() == delivery.raw.size());
}

TEST_CASE("an erased body leaves its delivery partial, and its words nowhere") {
  TestVault vault;
  vault.ingest(delivery_of_many({{.id = "wamid.1", .text = "para borrar"}, {.id = "wamid.2"}}));
  attack(vault, "UPDATE record SET body = NULL, salt = NULL WHERE seq = 1;");
  auto audit = vault.audit();
  const auto rows =
      all_of<vault::RawDelivery>([&](auto visit) { return audit.each_delivery(visit); });
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].partial);
  CHECK(rows[0].raw->find("para borrar") == std::string::npos);
}

TEST_CASE("a damaged page is corrupt for the reader of it and named by the file's check") {
  TestVault vault;
  for (int i = 0; i < 60; ++i)
    vault.ingest(delivery_of({.id = std::to_string(i), .text = std::string(3000, 'x')}));
  vault.close();
  const auto file = vault.directory() / "vault.db";
  const auto middle =
      static_cast<std::streamoff>(std::filesystem::file_size(file) / 8192 / 2 * 8192 + 4000);
  std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
  damaged.seekp(middle);
  damaged.put('\x55').put('\x66');
  damaged.close();
  auto audit = vault.audit();
  const auto problems = must(audit.file_problems());
  REQUIRE(!problems.empty());
  const auto read = audit.each_record(0, [](vault::RawRecord&&) { return true; });
  REQUIRE(!read);
  CHECK(read.error().code == ErrorCode::corrupt);
}
