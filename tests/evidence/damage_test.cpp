// SPDX-License-Identifier: Apache-2.0
// The catalogue of damage: each done by somebody who has the key and the stock `sqlcipher`; each
// found, and named alike, by both verifiers.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

struct Damage {
  std::string name;
  std::string sql;
  Problems problems;  ///< at full depth
};

using S = SampleVault;

std::string update(std::string_view table, std::string_view change, int seq) {
  return fmt::format("UPDATE {} SET {} WHERE {} = {};", table, change,
                     table == "alert" || table == "delivery" || table == "tile" ? "id" : "seq",
                     seq);
}

/// As the writer does when many events have come: no damage.
const std::string put_into_index =
    "INSERT INTO event_content SELECT sent, content, seq FROM event;"
    "INSERT INTO event_conversation SELECT seq >> 13, conversation, seq FROM event;"
    "INSERT INTO event_id SELECT seq >> 16, id, seq FROM event WHERE id <> 0;"
    "UPDATE event_indexed SET upto = 21;";

std::vector<Damage> damage_to_records() {
  const int m = S::first_message;
  return {
      {"time altered", update("record", "time = time + 1", m), {{m, "record-altered"}}},
      {"kind altered", update("record", "kind = 'status'", m), {{m, "record-altered"}}},
      {"kind of no version", update("record", "kind = 'telepathy'", m), {{m, "unknown-kind"}}},
      {"epoch altered", update("record", "epoch = 1", m), {{m, "record-altered"}}},
      {"root altered", update("record", "root = randomblob(32)", m), {{m, "record-altered"}}},
      {"root of another size", update("record", "root = x'00'", m), {{m, "record-altered"}}},
      {"commitment altered",
       update("record", "commitment = randomblob(32)", m),
       {{m, "record-altered"}}},
      {"signature altered",
       update("record", "signature = randomblob(64)", m),
       {{m, "record-altered"}}},
      {"signature of another record",
       update("record", "signature = (SELECT signature FROM record WHERE seq = 3)", m),
       {{m, "record-altered"}}},
      {"salt altered", update("record", "salt = randomblob(32)", m), {{m, "body-altered"}}},
      {"salt removed", update("record", "salt = NULL", m), {{m, "body-missing"}}},
      {"body altered",
       update("record", "body = replace(body, 'Buen', 'Mal ')", m),
       {{m, "body-altered"}}},
      {"body removed", update("record", "body = NULL", m), {{m, "body-missing"}}},
      {"body and salt destroyed",
       update("record", "body = NULL, salt = NULL", m),
       {{m, "body-missing"}}},
      {"body replaced with salt and commitment",
       update(
           "record",
           "(body, salt, commitment) = (SELECT body, salt, commitment FROM record WHERE seq = 3)",
           m),
       {{m, "record-altered"}}},
      {"the whole content replaced by another record's",
       update("record",
              "(time, kind, epoch, root, commitment, signature, salt, body) = (SELECT time, kind, "
              "epoch, root,"
              " commitment, signature, salt, body FROM record WHERE seq = 3)",
              m),
       {{m, "record-altered"}}},
      {"a message with an alert altered",
       update("record", "body = replace(body, 'coima', 'torta')", S::with_alert),
       {{S::with_alert, "body-altered"}}},
      {"genesis altered", update("record", "time = time - 1", 0), {{0, "record-altered"}}},
      {"genesis body altered",
       update("record", "body = replace(body, 'Ejemplo', 'Otro')", 0),
       {{0, "body-altered"}, {0, "key-unknown"}}},
      {"key record altered",
       update("record", "time = time + 1", S::key_record),
       {{S::key_record, "record-altered"}, {S::key_record + 1, "key-unknown"}}},
      {"key record's body altered",
       update("record", "body = replace(body, 'a', 'b')", S::key_record),
       {{S::key_record, "body-altered"}, {S::key_record + 1, "key-unknown"}}},
      {"key record removed",
       "DELETE FROM record WHERE seq = 11;",
       {{S::key_record, "record-missing"}, {S::key_record + 1, "key-unknown"}}},
      {"last record altered",
       update("record", "time = time + 1", S::last_checkpoint),
       {{S::last_checkpoint, "record-altered"}}},
      {"a record in the middle removed",
       "DELETE FROM record WHERE seq = 4;",
       {{4, "record-missing"}}},
      {"a record removed with its index row",
       "DELETE FROM record WHERE seq = 4; DELETE FROM event WHERE seq = 4;",
       {{4, "record-missing"}}},
      {"three records removed",
       "DELETE FROM record WHERE seq BETWEEN 3 AND 5;",
       {{3, "record-missing"}}},
      {"genesis removed",
       "DELETE FROM record WHERE seq = 0;",
       {{0, "record-missing"}, {1, "key-unknown"}}},
      {"tail cut", "DELETE FROM record WHERE seq >= 18;", {{18, "record-missing"}}},
      {"everything removed", "DELETE FROM record;", {{-1, "empty-vault"}}},
      {"two records swapped",
       "UPDATE record SET seq = -9 WHERE seq = 3; UPDATE record SET seq = 3 WHERE seq = 4;"
       "UPDATE record SET seq = 4 WHERE seq = -9;",
       {{3, "record-altered"}, {4, "record-altered"}}},
      {"a record moved to the end",
       "UPDATE record SET seq = 21 WHERE seq = 4;",
       {{4, "record-missing"}, {21, "signature-invalid"}}},
      {"a record doubled at the end",
       "INSERT INTO record SELECT 21, time, kind, epoch, root, commitment, signature, salt, body "
       "FROM record"
       " WHERE seq = 20;",
       {{21, "signature-invalid"}}},
      {"a record before the first",
       "INSERT INTO record SELECT -1, time, kind, epoch, root, commitment, signature, salt, body "
       "FROM record"
       " WHERE seq = 20;",
       {{-1, "record-surplus"}}},
      {"a record far beyond the end",
       "INSERT INTO record SELECT 9223372036854775807, time, kind, epoch, root, commitment, "
       "signature, salt, body"
       " FROM record WHERE seq = 20;",
       {{21, "record-missing"}, {9223372036854775807, "record-altered"}}},
  };
}

std::vector<Damage> damage_to_the_tree() {
  return {
      {"a stored leaf altered",
       "UPDATE tile SET hashes = CAST(substr(hashes, 1, 64) || randomblob(32) || substr(hashes, "
       "97) AS BLOB);",
       {{2, "tile-altered"}}},
      {"all stored leaves altered",
       "UPDATE tile SET hashes = randomblob(length(hashes));",
       {{0, "tile-altered"}}},
      {"tile cut short",
       "UPDATE tile SET hashes = substr(hashes, 1, 320);",
       {{10, "tile-missing"}}},
      {"tile longer than the records",
       "UPDATE tile SET hashes = CAST(hashes || randomblob(32) AS BLOB);",
       {{21, "record-missing"}}},
      {"tile removed", "DELETE FROM tile;", {{0, "tile-missing"}}},
      {"a tile too many", "INSERT INTO tile VALUES (77, randomblob(32));", {{-1, "tile-surplus"}}},
      {"record and its leaf removed at the end",
       "DELETE FROM record WHERE seq = 20; UPDATE tile SET hashes = substr(hashes, 1, 640);",
       {{20, "checkpoint-surplus"}}},
      {"tail and tree cut to the same length",
       "DELETE FROM record WHERE seq >= 14; UPDATE tile SET hashes = substr(hashes, 1, 448);",
       {{-1, "epoch-surplus"},
        {14, "delivery-surplus"},
        {14, "event-surplus"},
        {20, "checkpoint-surplus"}}},
  };
}

std::vector<Damage> damage_to_the_index() {
  return {
      {"event: sent", update("event", "sent = sent + 1", 3), {{3, "event-altered"}}},
      {"event: content", update("event", "content = randomblob(16)", 3), {{3, "event-altered"}}},
      {"event: conversation", update("event", "conversation = 99", 3), {{3, "event-altered"}}},
      {"event: delivery", update("event", "delivery = 2", 4), {{4, "event-altered"}}},
      {"event: number",
       update("event", "seq = 8", 4),
       {{4, "event-missing"}, {8, "event-surplus"}}},
      {"event of a message with an alert",
       update("event", "sent = 0", S::with_alert),
       {{S::with_alert, "event-altered"}}},
      {"event row removed", "DELETE FROM event WHERE seq = 4;", {{4, "event-missing"}}},
      {"event row put in",
       "INSERT INTO event VALUES (1, 0, x'00', 1, 1, 0, 0);",
       {{1, "event-surplus"}}},
      {"event rows beyond the end",
       "INSERT INTO event VALUES (30, 0, x'00', 1, 1, 0, 0), (31, 0, x'01', 1, 1, 0, 0);",
       {{30, "event-surplus"}}},
      {"conversation: party",
       "UPDATE conversation SET party = '+5491199999999' WHERE id = 2;",
       {{10, "event-altered"}}},
      {"conversation: line",
       "UPDATE conversation SET line = '+5491199999999' WHERE id = 2;",
       {{10, "event-altered"}}},
      {"index: row removed",
       put_into_index + "DELETE FROM event_content WHERE seq = 4;",
       {{4, "index-missing"}}},
      {"index: rows removed from both tables",
       put_into_index +
           "DELETE FROM event_content WHERE seq >= 4; DELETE FROM event_conversation WHERE seq >= "
           "3;",
       {{3, "index-missing"}, {4, "index-missing"}}},
      {"index: row of another second",
       put_into_index + update("event_content", "sent = sent + 1", 4),
       {{4, "index-missing"}, {4, "index-surplus"}}},
      {"index: row in another conversation",
       put_into_index + update("event_conversation", "conversation = 99", 4),
       {{4, "index-missing"}, {4, "index-surplus"}}},
      {"index: row in another block",
       put_into_index + update("event_conversation", "block = 1", 4),
       {{4, "index-missing"}, {4, "index-surplus"}}},
      {"index: a message that is to come made a repeat",
       "INSERT INTO event_content VALUES (1795530000, randomblob(16), 3);",
       {{3, "index-surplus"}}},
      {"index: the same with a number that no record has",
       put_into_index + "INSERT INTO event_content VALUES (1795530000, randomblob(16), 99);",
       {{99, "index-surplus"}}},
      {"index: the same with the number of a record that is no event",
       put_into_index + "INSERT INTO event_content VALUES (1795530000, randomblob(16), -1);",
       {{-1, "index-surplus"}}},
      {"index: said to reach further than it does",
       "UPDATE event_indexed SET upto = 21;",
       {{2, "index-missing"}}},
      {"index: said to reach beyond the end",
       put_into_index + "UPDATE event_indexed SET upto = 22;",
       {{-1, "index-altered"}}},
      {"index: said to reach less far",
       put_into_index + "UPDATE event_indexed SET upto = 5;",
       {{5, "index-surplus"}}},
      {"index: what says how far it reaches removed",
       "DELETE FROM event_indexed;",
       {{-1, "index-altered"}}},
      {"index row removed with its event",
       put_into_index + "DELETE FROM event_content WHERE seq = 4; DELETE FROM event WHERE seq = 4;",
       {{4, "event-missing"}}},
      {"event altered that is in the index",
       put_into_index + update("event", "sent = sent + 1", 4),
       {{4, "event-altered"}}},
      {"alert: message", update("alert", "message = 2", S::alert), {{S::alert, "alert-altered"}}},
      {"alert: category",
       update("alert", "category = 'abuse'", S::alert),
       {{S::alert, "alert-altered"}}},
      {"alert: severity",
       update("alert", "severity = 'low'", S::alert),
       {{S::alert, "alert-altered"}}},
      {"alert: rule", update("alert", "rule = 'x'", S::alert), {{S::alert, "alert-altered"}}},
      {"alert: team", update("alert", "team = 'x'", S::alert), {{S::alert, "alert-altered"}}},
      {"alert: state",
       update("alert", "state = 'closed'", S::alert),
       {{S::alert, "alert-altered"}}},
      {"alert row removed", "DELETE FROM alert;", {{S::alert, "alert-missing"}}},
      {"alert row put in",
       "INSERT INTO alert VALUES (3, 2, 'abuse', 'low', 'x', 'y', 'open');",
       {{3, "alert-surplus"}}},
      {"checkpoint: note",
       update("checkpoint", "note = replace(note, '9', '8')", S::first_checkpoint),
       {{S::first_checkpoint, "checkpoint-altered"}}},
      {"checkpoint: size",
       update("checkpoint", "size = size - 1", S::first_checkpoint),
       {{S::first_checkpoint, "checkpoint-altered"}}},
      {"checkpoint row removed",
       "DELETE FROM checkpoint WHERE seq = 9;",
       {{S::first_checkpoint, "checkpoint-missing"}}},
      {"checkpoint row put in",
       "INSERT INTO checkpoint VALUES (4, 4, 'x');",
       {{4, "checkpoint-surplus"}}},
  };
}

std::vector<Damage> damage_to_deliveries() {
  return {
      {"delivery: a row between others removed",
       "DELETE FROM delivery WHERE id = 6;",
       {{S::with_alert, "delivery-missing"}}},
      {"delivery: bytes",
       update("delivery",
              "rest = CAST(replace(CAST(rest AS TEXT), 'whatsapp', 'whatsupp') AS BLOB)", 3),
       {{3, "delivery-altered"}}},
      {"delivery: emptied", update("delivery", "rest = x''", 3), {{3, "delivery-altered"}}},
      {"delivery: digest",
       update("delivery", "digest = randomblob(32)", 3),
       {{3, "delivery-altered"}}},
      {"delivery: received",
       update("delivery", "received = received + 1", 3),
       {{3, "delivery-altered"}}},
      {"delivery: source", update("delivery", "source = 'import'", 3), {{3, "delivery-altered"}}},
      {"delivery: signature",
       update("delivery", "signature = 'sha256=none'", 3),
       {{3, "delivery-altered"}}},
      {"delivery: marked as partly blanked",
       update("delivery", "partial = 1", 3),
       {{3, "delivery-altered"}}},
      {"delivery: marked as whole",
       update("delivery", "partial = 0", 14),
       {{14, "delivery-altered"}}},
      {"delivery removed", "DELETE FROM delivery WHERE id = 3;", {{3, "delivery-missing"}}},
      {"delivery given another number",
       "UPDATE delivery SET id = 4 WHERE id = 3;",
       {{3, "delivery-missing"}, {4, "delivery-surplus"}}},
      {"delivery put in",
       "INSERT INTO delivery SELECT 1, received, source, digest, signature, rest, partial FROM "
       "delivery"
       " WHERE id = 3;",
       {{1, "delivery-surplus"}}},
  };
}

std::vector<Damage> damage_to_what_begins_and_signs() {
  const int k = S::key_record, second_key = 17;
  return {
      {"vault: uuid", "UPDATE vault SET uuid = replace(uuid, '-', '+');", {{-1, "vault-altered"}}},
      {"vault: uuid that is no text",
       "UPDATE vault SET uuid = CAST(x'ff22' AS TEXT);",
       {{-1, "vault-altered"}}},
      {"vault: created", "UPDATE vault SET created = created - 1;", {{-1, "vault-altered"}}},
      {"vault: fingerprint",
       "UPDATE vault SET fingerprint = randomblob(32);",
       {{-1, "vault-altered"}}},
      {"vault: fingerprint emptied",
       "UPDATE vault SET fingerprint = x'';",
       {{-1, "vault-altered"}}},
      {"vault: row removed", "DELETE FROM vault;", {{-1, "vault-altered"}}},
      {"vault: row doubled", "INSERT INTO vault SELECT * FROM vault;", {{-1, "vault-altered"}}},
      {"vault: row of another put in behind",
       "INSERT INTO vault VALUES ('6b8f2c1e-0000-4000-8000-000000000000', 0, randomblob(32));",
       {{-1, "vault-altered"}}},
      {"epoch: first key",
       "UPDATE epoch SET public_key = randomblob(32) WHERE number = 0;",
       {{0, "epoch-altered"}}},
      {"epoch: key of another epoch",
       "UPDATE epoch SET public_key = (SELECT public_key FROM epoch WHERE number = 0)"
       " WHERE number = 1;",
       {{k, "epoch-altered"}}},
      {"epoch: key cut short",
       "UPDATE epoch SET public_key = substr(public_key, 1, 31) WHERE number = 1;",
       {{k, "epoch-altered"}}},
      {"epoch: present key",
       "UPDATE epoch SET public_key = randomblob(32) WHERE number = 2;",
       {{second_key, "epoch-altered"}}},
      {"epoch: first", "UPDATE epoch SET first = 3 WHERE number = 1;", {{k, "epoch-altered"}}},
      {"epoch: number",
       "UPDATE epoch SET number = 9 WHERE number = 1;",
       {{k, "epoch-missing"}, {-1, "epoch-surplus"}}},
      {"epoch: two rows swapped",
       "UPDATE epoch SET number = 9 WHERE number = 1; UPDATE epoch SET number = 1 WHERE number = "
       "2;"
       "UPDATE epoch SET number = 2 WHERE number = 9;",
       {{k, "epoch-altered"}, {second_key, "epoch-altered"}}},
      {"epoch: row removed", "DELETE FROM epoch WHERE number = 1;", {{k, "epoch-missing"}}},
      {"epoch: all rows removed",
       "DELETE FROM epoch;",
       {{0, "epoch-missing"}, {k, "epoch-missing"}, {second_key, "epoch-missing"}}},
      {"epoch: rows put in",
       "INSERT INTO epoch VALUES (3, randomblob(32), 20), (4, randomblob(32), 99);",
       {{-1, "epoch-surplus"}}},
      {"epoch: row before the first",
       "INSERT INTO epoch VALUES (-1, randomblob(32), -1);",
       {{-1, "epoch-surplus"}}},
      {"epoch: row altered together with its record",
       "UPDATE epoch SET public_key = randomblob(32) WHERE number = 1;" +
           update("record", "time = time + 1", k),
       {{k, "record-altered"}, {k + 1, "key-unknown"}}},
      {"epoch: row altered of a record whose body was destroyed",
       "UPDATE epoch SET public_key = randomblob(32) WHERE number = 0;" +
           update("record", "body = NULL", 0),
       {{0, "body-missing"}, {0, "key-unknown"}}},
  };
}

void check_all(const std::vector<Damage>& catalogue, bool at_any_depth = false) {
  const SampleVault sample;
  std::vector<std::filesystem::path> exports;
  std::vector<evidence::Report> reports;
  std::vector<evidence::Report> by_tree;
  for (const auto& one : catalogue) {
    const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
    damage(copy, one.sql);
    reports.push_back(verify(copy));
    if (at_any_depth) by_tree.push_back(verify(copy, {.depth = evidence::Depth::tree}));
    exports.push_back(export_plain(copy, sample.scratch(fmt::format("{}.db", exports.size()))));
  }
  const auto second = second_opinion(exports);
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    INFO(catalogue[i].name);
    CHECK(shown(problems_of(reports[i])) == shown(catalogue[i].problems));
    CHECK(shown(problems_of(second[i])) == shown(catalogue[i].problems));
    if (at_any_depth) CHECK(shown(problems_of(by_tree[i])) == shown(catalogue[i].problems));
    CHECK_FALSE(reports[i].ok);
  }
}

}  // namespace

TEST_CASE(
    "damage to any column of a record, or to their order, is found at that record by both "
    "verifiers") {
  check_all(damage_to_records());
}

TEST_CASE("damage to the stored tree is told from damage to records by both verifiers") {
  check_all(damage_to_the_tree());
}

TEST_CASE("events put into the tables by which they are found are no damage to either verifier") {
  const SampleVault sample;
  const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
  damage(copy, put_into_index);
  CHECK(shown(problems_of(verify(copy))).empty());
  CHECK(
      shown(problems_of(second_opinion({export_plain(copy, sample.scratch("0.db"))})[0])).empty());
}

TEST_CASE("damage to what searches and lists read is found at its record by both verifiers") {
  check_all(damage_to_the_index());
}

TEST_CASE("a row of the vault or of a key that differs from its record is found at any depth") {
  check_all(damage_to_what_begins_and_signs(), true);
}

TEST_CASE("damage to deliveries as received is found at their records by both verifiers") {
  check_all(damage_to_deliveries());
}

TEST_CASE("a table that can't be read is one problem, and the others are still compared") {
  const SampleVault sample;
  const std::string table = GENERATE("epoch", "checkpoint");
  const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
  damage(copy, "UPDATE alert SET team = 'x';");
  const auto asked = sqlcipher(
      copy / "vault.db",
      key_lines() + "SELECT 'page', rootpage FROM sqlite_master WHERE name = '" + table + "';");
  const auto place = asked.output.find("page|");
  REQUIRE(place != std::string::npos);
  std::fstream io(copy / "vault.db", std::ios::binary | std::ios::in | std::ios::out);
  io.seekp((std::stol(asked.output.substr(place + 5)) - 1) * 8192 + 100);
  io.write("\0\0\0\0", 4);
  io.close();
  CHECK(shown(problems_of(verify(copy, {.depth = evidence::Depth::tree}))) == "-1 page-damaged; ");
  CHECK(shown(problems_of(verify(copy))) == "-1 page-damaged; 7 alert-altered; ");
}
