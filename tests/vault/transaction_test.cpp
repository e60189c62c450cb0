// SPDX-License-Identifier: Apache-2.0
#include "vault/transaction.hpp"

#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "ledger/checkpoint.hpp"
#include "support/sqlcipher.hpp"
#include "support/vault.hpp"
#include "vault/delivery.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

std::vector<vault::RawRecord> records_of(const TestVault& vault) {
  std::vector<vault::RawRecord> records;
  must(vault.audit().each_record(0, [&](vault::RawRecord&& record) {
    records.push_back(std::move(record));
    return true;
  }));
  return records;
}

std::vector<vault::RawDelivery> deliveries_of(const TestVault& vault) {
  std::vector<vault::RawDelivery> deliveries;
  must(vault.audit().each_delivery([&](vault::RawDelivery&& delivery) {
    deliveries.push_back(std::move(delivery));
    return true;
  }));
  return deliveries;
}

crypto::PublicKey public_key_of(const TestVault& vault) {
  const auto records = records_of(vault);
  const auto body = must(json::parse(*records.front().body)).as_object();
  return must(crypto::PublicKey::from(must(crypto::from_hex(*json::text_at(body, "public_key")))));
}

std::uint64_t counter(const TestVault& vault, const std::string& name) {
  return must(vault.reader().summary()).counters[name];
}

bool hashes_to_digest(const vault::RawDelivery& delivery) {
  return crypto::sha256(as_bytes(*delivery.raw)).view().size() == delivery.digest->size() &&
         as_text(crypto::sha256(as_bytes(*delivery.raw)).view()) == *delivery.digest;
}

vault::Ingest alarming(const std::string& id = "wamid.1") {
  auto delivery = delivery_of({.id = id, .text = "hablemos de la coima"});
  delivery.events[0].alerts = {alert_about(15, 20)};
  delivery.events[0].mails = {{"compliance@estudio.example", Language::es, "litigios"},
                              {"socia@estudio.example", Language::pt, "litigios"}};
  return delivery;
}

Result<> finish_mail(TestVault& vault, std::int64_t id, vault::MailState state,
                     const std::string& reply) {
  return vault.run([&](vault::WriteTransaction& transaction) {
    return transaction.mail_outcome(
        {id, state, vault.clock.now() + std::chrono::minutes(5), reply});
  });
}

}  // namespace

TEST_CASE("a message becomes one record whose body is what was given") {
  TestVault vault;
  const auto delivery = delivery_of(TestMessage{});
  const auto result = vault.ingest(delivery);
  CHECK(result.stored == 1);
  CHECK(result.seqs == std::vector<Seq>{Seq(1)});
  const auto records = records_of(vault);
  REQUIRE(records.size() == 2);
  CHECK(records[1].kind == "message");
  CHECK(records[1].body == delivery.events[0].body);
  CHECK(records[1].time == vault.clock.now().micros());
  CHECK(counter(vault, "messages") == 1);
}

TEST_CASE("a repeat becomes no second record", "[duplicates]") {
  TestVault vault;
  const TestMessage message;
  const TestMessage other{.id = "wamid.2", .text = "otra cosa"};
  SECTION("alone") {
    vault.ingest(delivery_of(message));
    CHECK(vault.ingest(delivery_of(message)).duplicates == 1);
  }
  SECTION("twice in one delivery") {
    const auto result = vault.ingest(delivery_of_many({message, message}));
    CHECK(result.stored == 1);
    CHECK(result.duplicates == 1);
  }
  SECTION("in another batch with something new") {
    vault.ingest(delivery_of(message));
    const auto result = vault.ingest(delivery_of_many({other, message}));
    CHECK(result.stored == 1);
    CHECK(result.duplicates == 1);
    CHECK(deliveries_of(vault).size() == 2);
  }
  SECTION("after a restart") {
    vault.ingest(delivery_of(message));
    vault.close();
    vault.open();
    CHECK(vault.ingest(delivery_of(message)).duplicates == 1);
  }
  SECTION("in two deliveries of one transaction") {
    REQUIRE(vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.ingest(delivery_of(message)));
      SIGILO_TRY(const auto again, transaction.ingest(delivery_of(message)));
      CHECK(again.duplicates == 1);
      return {};
    }));
  }
  CHECK(counter(vault, "duplicates") == 1);
  CHECK(must(vault.reader().messages({})).size() == counter(vault, "messages"));
}

TEST_CASE("a delivery with nothing new is not stored again, and has no second alert or mail",
          "[duplicates]") {
  TestVault vault;
  vault.ingest(alarming());
  const auto records = records_of(vault).size();
  const auto again = vault.ingest(alarming());
  CHECK(again.seqs.empty());
  CHECK(again.mails == 0);
  CHECK(records_of(vault).size() == records);
  CHECK(deliveries_of(vault).size() == 1);
  CHECK(must(vault.reader().due_mail(vault.clock.now(), 10)).size() == 2);
}

TEST_CASE("the same provider id with other content is kept beside the first", "[duplicates]") {
  TestVault vault;
  vault.ingest(delivery_of({.text = "unavailable"}));
  CHECK(vault.ingest(delivery_of({.text = "the real text"})).stored == 1);
  CHECK(must(vault.reader().messages({})).size() == 2);
}

TEST_CASE("a delivery comes back byte for byte though its slices are stored only in the bodies") {
  TestVault vault;
  const TestMessage known{.id = "wamid.0", .text = "ya estaba"};
  vault.ingest(delivery_of(known));
  const auto batch =
      delivery_of_many({{.id = "wamid.1"}, known, {.id = "wamid.2", .text = "ñandú"}});
  vault.ingest(batch);
  const auto deliveries = deliveries_of(vault);
  REQUIRE(deliveries.size() == 2);
  CHECK(deliveries[1].raw == batch.raw);
  CHECK(hashes_to_digest(deliveries[1]));
  CHECK(!deliveries[1].partial);
  CHECK(deliveries[1].signature == batch.signature);
  CHECK(deliveries[1].source == "meta");
  vault.close();
  const auto rest =
      sqlcipher(vault.directory() / "vault.db",
                key_lines() + "SELECT CAST(rest AS TEXT) FROM delivery ORDER BY id DESC LIMIT 1;");
  CHECK(rest.output.find("wamid.0") !=
        std::string::npos);  // the repeat's slice is in no body of this delivery
  CHECK(rest.output.find("wamid.1") == std::string::npos);
  CHECK(rest.output.find("wamid.2") == std::string::npos);
}

TEST_CASE("bytes that are no UTF-8 come back too") {
  TestVault vault;
  auto delivery = delivery_of(TestMessage{});
  delivery.raw = "\xff\xfe\x00 not JSON \x80";
  auto& event = delivery.events[0].event;
  event.kind = RecordKind::unrecognised;
  event.offset = 0;
  event.length = delivery.raw.size();
  delivery.provenance.delivery = crypto::sha256(as_bytes(delivery.raw));
  delivery.events[0].body = message::make_body(event, delivery.provenance, delivery.raw);
  vault.ingest(delivery);
  CHECK(deliveries_of(vault).at(0).raw == delivery.raw);
  CHECK(counter(vault, "unrecognised") == 1);
}

TEST_CASE("slices about numbers that are not monitored are blanked before storing") {
  TestVault vault;
  auto delivery =
      delivery_of_many({{.id = "wamid.1"}, {.id = "wamid.2", .text = "ajeno y secreto"}});
  const auto foreign = delivery.events[1].event;
  delivery.events.pop_back();
  delivery.foreign = {{foreign.offset, foreign.length}};
  delivery.not_monitored = 1;
  vault.ingest(delivery);
  const auto stored = deliveries_of(vault).at(0);
  CHECK(stored.raw->find("secreto") == std::string::npos);
  CHECK(stored.raw->size() == delivery.raw.size());
  CHECK(stored.partial);
  CHECK(counter(vault, "not_monitored") == 1);
}

TEST_CASE("a delivery about other numbers only is counted and not stored") {
  TestVault vault;
  vault::Ingest delivery = delivery_of(TestMessage{});
  delivery.events.clear();
  delivery.not_monitored = 3;
  vault.ingest(delivery);
  CHECK(counter(vault, "not_monitored") == 3);
  CHECK(deliveries_of(vault).empty());
  CHECK(vault.opened->records() == 1);
}

TEST_CASE("slices are cut and put back whatever their order, overlap or bounds") {
  const std::string raw = "0123456789";
  CHECK(vault::without_slices(raw, {{6, 2}, {1, 3}}, {}) == "04589");
  CHECK(vault::with_slices("04589", {{6, "67"}, {1, "123"}}) == raw);
  CHECK(vault::without_slices(raw, {{1, 4}, {2, 1}, {1, 2}, {4, 3}}, {}) == "056789");
  CHECK(vault::with_slices("056789", {{4, "456"}, {2, "2"}, {1, "12"}, {1, "1234"}}) == raw);
  CHECK(vault::without_slices(raw, {{0, 10}}, {}).empty());
  CHECK(vault::with_slices("", {{0, raw}}) == raw);
  CHECK(vault::without_slices(raw, {{8, 3}, {11, 0}, {~std::size_t{0}, 5}}, {}) == raw);
  CHECK(vault::without_slices(raw, {}, {{8, 50}, {1, 2}, {40, 2}}) == "00 345670 ");
  CHECK(vault::with_slices("ab", {{~std::size_t{0}, "x"}, {5, "y"}}) == "ab");
}

TEST_CASE("an alert is a record of its own, with the words and the message it is about") {
  TestVault vault;
  const auto delivery = alarming();
  const auto result = vault.ingest(delivery);
  CHECK(result.mails == 2);
  const auto records = records_of(vault);
  REQUIRE(records.size() == 3);
  CHECK(records[2].kind == "alert");
  CHECK(json::is_canonical(*records[2].body));
  const auto body = must(json::parse(*records[2].body)).as_object();
  CHECK(json::integer_at(body, "message") == 1);
  CHECK(json::text_at(body, "content") == delivery.events[0].event.content.hex());
  CHECK(json::text_at(body, "rule") == "bribery.coima");
  CHECK(json::array_at(body, "words")->at(0).as_string() == "coima");
  CHECK(json::array_at(body, "recipients")->size() == 2);

  auto reader = vault.reader();
  const auto alerts = must(reader.alerts(true));
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].id == Seq(2));
  CHECK(alerts[0].message == Seq(1));
  CHECK(alerts[0].words == std::vector<std::string>{"coima"});
  CHECK(alerts[0].spans == delivery.events[0].alerts[0].spans);
  CHECK(alerts[0].policy == "Sobornos y dádivas");
  CHECK(alerts[0].line == "+5491150000001");
  CHECK(alerts[0].party == "+5491160000002");
  CHECK(alerts[0].state == "open");
  CHECK(alerts[0].mail == vault::MailState::queued);
  CHECK(must(reader.alerts_of(Seq(1))).size() == 1);
  CHECK(must(reader.alerts_of(Seq(2))).empty());
  CHECK(counter(vault, "alerts") == 1);
}

TEST_CASE("a span beyond the text does no harm") {
  TestVault vault;
  auto delivery = delivery_of({.text = "corto"});
  delivery.events[0].alerts = {alert_about(3, 4'000'000'000), alert_about(9, 2)};
  vault.ingest(delivery);
  const auto alerts = must(vault.reader().alerts(true));
  REQUIRE(alerts.size() == 2);
  CHECK(alerts[0].words == std::vector<std::string>{"to"});
  CHECK(alerts[1].words == std::vector<std::string>{""});
}

TEST_CASE("a mail goes from queued over deferred to sent, and each step that matters is a record") {
  TestVault vault;
  vault.ingest(alarming());
  auto due = must(vault.reader().due_mail(vault.clock.now(), 10));
  REQUIRE(due.size() == 2);
  CHECK(due[0].recipient == "compliance@estudio.example");
  CHECK(due[0].language == Language::es);
  CHECK(due[1].language == Language::pt);
  CHECK(due[0].message_id != due[1].message_id);
  CHECK(due[0].attempts == 0);

  REQUIRE(finish_mail(vault, due[0].id, vault::MailState::deferred, "451 greylisted"));
  CHECK(must(vault.reader().due_mail(vault.clock.now(), 10)).size() == 1);
  CHECK(must(vault.reader().next_mail_due()) == due[1].next);
  REQUIRE(finish_mail(vault, due[0].id, vault::MailState::deferred, "451 still greylisted"));
  REQUIRE(finish_mail(vault, due[1].id, vault::MailState::failed, "550 no such user"));
  auto summary = must(vault.reader().summary());
  CHECK(summary.outbox_queued == 0);
  CHECK(summary.outbox_deferred == 1);
  CHECK(summary.outbox_failed == 1);
  CHECK(summary.last_mail_error == "550 no such user");
  CHECK(must(vault.reader().alerts(true)).at(0).mail == vault::MailState::failed);
  CHECK(must(vault.reader().next_mail_due()) == vault.clock.now() + std::chrono::minutes(5));

  vault.clock.advance(std::chrono::minutes(5));
  const auto again = must(vault.reader().due_mail(vault.clock.now(), 10));
  REQUIRE(again.size() == 1);
  CHECK(again[0].message_id == due[0].message_id);
  CHECK(again[0].attempts == 2);
  CHECK(again[0].reply == "451 still greylisted");
  REQUIRE(finish_mail(vault, again[0].id, vault::MailState::sent, "250 ok"));
  CHECK(!must(vault.reader().next_mail_due()));

  std::vector<std::string> outcomes;
  for (const auto& record : records_of(vault)) {
    if (record.kind != "mail") continue;
    const auto body = must(json::parse(*record.body)).as_object();
    CHECK(json::array_at(body, "alerts")->at(0).as_int64() == 2);
    outcomes.emplace_back(*json::text_at(body, "outcome"));
  }
  CHECK(outcomes == std::vector<std::string>{"deferred", "failed", "sent"});
}

TEST_CASE("a finished mail cannot be finished again, nor one that is not there") {
  TestVault vault;
  vault.ingest(alarming());
  REQUIRE(finish_mail(vault, 1, vault::MailState::sent, "250 ok"));
  const auto again = finish_mail(vault, 1, vault::MailState::sent, "250 ok");
  REQUIRE(!again);
  CHECK(again.error().code == ErrorCode::refused);
  CHECK(finish_mail(vault, 77, vault::MailState::sent, "").error().code == ErrorCode::not_found);
}

TEST_CASE("a checkpoint covers all records before its own and is signed by the present key") {
  TestVault vault;
  vault.ingest(delivery_of(TestMessage{}));
  std::string note;
  REQUIRE(vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY(note, transaction.checkpoint());
    return {};
  }));
  const auto checkpoint = must(ledger::open_checkpoint(note, public_key_of(vault)));
  CHECK(checkpoint.size == 2);
  CHECK(checkpoint.origin == "sigilo/" + vault.opened->uuid());
  const auto records = records_of(vault);
  CHECK(records.back().kind == "checkpoint");
  CHECK(as_text(checkpoint.root.view()) == *records.back().root);
  const auto summary = must(vault.reader().summary());
  CHECK(summary.last_checkpoint == vault.clock.now());
  CHECK(summary.last_checkpoint_size == 2);
}

TEST_CASE("a clock that goes back is recorded once an episode, and record times stay in order") {
  TestVault vault;
  const auto begin = vault.clock.now();
  const auto store = [&](const char* id) { vault.ingest(delivery_of({.id = id})); };
  vault.clock.set(begin - std::chrono::hours(1));
  store("a");
  store("b");
  vault.clock.set(begin + std::chrono::hours(1));
  store("c");
  vault.clock.set(begin);
  store("d");
  std::vector<std::string> kinds;
  std::int64_t last = 0;
  for (const auto& record : records_of(vault)) {
    kinds.push_back(*record.kind);
    CHECK(*record.time >= last);
    last = *record.time;
    if (record.kind == "clock")
      CHECK(record.body->find(R"("behind_us":3600000000)") != std::string::npos);
  }
  CHECK(kinds == std::vector<std::string>{"genesis", "clock", "message", "message", "message",
                                          "clock", "message"});
}
