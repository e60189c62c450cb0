// SPDX-License-Identifier: Apache-2.0
#include "vault/rereading.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/sqlcipher.hpp"
#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

const TestMessage known{.id = "a"};
const TestMessage later{.id = "b", .text = "un tipo nuevo"};
TestMessage unknown() {
  TestMessage message = later;
  message.kind = RecordKind::unrecognised;
  message.type = "messages:novelty";
  return message;
}

/// The delivery as a later version understands it.
vault::Ingest again(const vault::UnreadDelivery& unread, const std::vector<TestMessage>& messages) {
  auto delivery = delivery_of_many(messages);
  delivery.raw = unread.raw;
  delivery.signature = unread.signature;
  delivery.provenance = unread.provenance;
  delivery.partial = unread.partial;
  for (auto& item : delivery.events)
    item.body = message::make_body(item.event, delivery.provenance, delivery.raw);
  return delivery;
}

vault::Ingested read_again(TestVault& vault, const vault::Ingest& delivery,
                           const std::vector<Seq>& read) {
  vault::Ingested ingested;
  must(vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY(ingested, transaction.reread(delivery, read, "0.2.0"));
    return {};
  }));
  return ingested;
}

std::string body_of(const TestVault& vault, std::int64_t seq) {
  std::string body;
  must(vault.audit().each_record(seq, [&](vault::RawRecord&& record) {
    body = record.body.value_or("");
    return false;
  }));
  return body;
}

}  // namespace

TEST_CASE("what was not recognised becomes a message with its original time of receipt") {
  TestVault vault;
  vault.ingest(delivery_of_many({known, unknown()}));
  vault.clock.advance(std::chrono::hours(24 * 30));
  auto reader = vault.reader();
  const auto unread = must(reader.unread(0, 10));
  REQUIRE(unread.size() == 1);
  CHECK(unread[0].number == 1);
  REQUIRE(unread[0].records.size() == 1);
  CHECK(unread[0].records[0].seq == Seq(2));
  CHECK(crypto::sha256(as_bytes(unread[0].raw)) == unread[0].provenance.delivery);
  CHECK(must(reader.summary()).unread == 1);
  const auto last = must(reader.summary()).lines.at("+5491150000001");

  const auto ingested = read_again(vault, again(unread[0], {known, later}), {Seq(2)});
  CHECK(ingested.seqs == std::vector<Seq>{Seq(4)});
  CHECK(body_of(vault, 3) ==
        R"({"delivery":1,"event":"reread","records":[2],"v":1,"version":"0.2.0"})");
  const auto rows = must(reader.messages({}));
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].stored.event.text == "un tipo nuevo");
  CHECK(rows[1].stored.provenance.received == rows[0].stored.provenance.received);
  CHECK(rows[1].time == vault.clock.now());
  CHECK(must(reader.unread(0, 10)).empty());
  const auto summary = must(reader.summary());
  CHECK(summary.unread == 0);
  CHECK(summary.counters.at("unrecognised") == 1);
  CHECK(!summary.counters.contains("duplicates"));
  CHECK(summary.lines.at("+5491150000001").last == last.last);
}

TEST_CASE("what still is not recognised is neither stored again nor marked") {
  TestVault vault;
  auto other = unknown();
  other.id = "c";
  vault.ingest(delivery_of_many({unknown(), other}));
  const auto unread = must(vault.reader().unread(0, 10));
  REQUIRE(unread.at(0).records.size() == 2);
  CHECK(read_again(vault, again(unread[0], {later, other}), {Seq(1)}).stored == 1);
  const auto rest = must(vault.reader().unread(0, 10));
  REQUIRE(rest.size() == 1);
  REQUIRE(rest[0].records.size() == 1);
  CHECK(rest[0].records[0].seq == Seq(2));
  CHECK(rest[0].raw == unread[0].raw);
}

TEST_CASE("where nothing is understood now nothing is written") {
  TestVault vault;
  vault.ingest(delivery_of(unknown()));
  const auto unread = must(vault.reader().unread(0, 10));
  CHECK(read_again(vault, again(unread.at(0), {unknown()}), {}).stored == 0);
  CHECK(must(vault.reader().summary()).records == 2);
}

TEST_CASE("a record is read again once, and only one that was not recognised") {
  TestVault vault;
  vault.ingest(delivery_of_many({known, unknown()}));
  const auto delivery = again(must(vault.reader().unread(0, 10)).at(0), {known, later});
  const auto refused = [&](Seq seq) {
    const auto result = vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.reread(delivery, {seq}, "0.2.0"));
      return {};
    });
    return !result && result.error().code == ErrorCode::refused;
  };
  CHECK(refused(Seq(1)));
  CHECK(refused(Seq(77)));
  CHECK(read_again(vault, delivery, {Seq(2)}).stored == 1);
  CHECK(refused(Seq(2)));
  CHECK(must(vault.reader().messages({})).size() == 2);
}

TEST_CASE("a delivery that was blanked in parts is read again, and stays so") {
  TestVault vault;
  auto delivery = delivery_of_many({unknown(), {.id = "f", .text = "ajeno"}});
  const auto& foreign = delivery.events[1].event;
  delivery.foreign = {{foreign.offset, foreign.length}};
  delivery.not_monitored = 1;
  delivery.events.pop_back();
  vault.ingest(delivery);
  const auto unread = must(vault.reader().unread(0, 10));
  REQUIRE(unread.size() == 1);
  CHECK(unread[0].partial);
  CHECK(unread[0].raw.find("ajeno") == std::string::npos);
  read_again(vault, again(unread[0], {later}), {Seq(1)});
  CHECK(must(vault.reader().summary()).counters.at("not_monitored") == 1);
  std::vector<bool> partial;
  must(vault.audit().each_delivery([&](vault::RawDelivery&& row) {
    partial.push_back(row.partial);
    return true;
  }));
  CHECK(partial == std::vector<bool>{true, true});
}

TEST_CASE("a delivery with a body that was erased is not read again") {
  TestVault vault;
  vault.ingest(delivery_of_many({known, unknown()}));
  vault.close();
  REQUIRE(sqlcipher(vault.directory() / "vault.db",
                    key_lines() + "UPDATE record SET body = NULL, salt = NULL WHERE seq = 1;")
              .code == 0);
  CHECK(must(vault.reader().unread(0, 10)).empty());
}

TEST_CASE("unread deliveries are given page by page") {
  TestVault vault;
  for (int i = 0; i < 5; ++i) {
    auto message = unknown();
    message.id = std::to_string(i);
    vault.ingest(delivery_of(message));
  }
  auto reader = vault.reader();
  const auto first = must(reader.unread(0, 2));
  REQUIRE(first.size() == 2);
  CHECK(must(reader.unread(first[1].number, 9)).size() == 3);
}
