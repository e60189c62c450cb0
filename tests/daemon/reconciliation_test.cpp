// SPDX-License-Identifier: Apache-2.0
#include "reconciliation.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "json/parse.hpp"
#include "message/interpret.hpp"
#include "support/broken_disk.hpp"
#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

struct Books {
  TestVault vault;
  Reconciliation reconciliation{vault.reader(), *vault.store, vault.clock, vault.log};

  void take(std::string_view field, std::string_view members) {
    const message::LineBook lines({{E164("+5491150000001"), PhoneNumberId("106540352242922")}});
    vault::Ingest delivery;
    delivery.raw = fmt::format(
        R"({{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"field":"{}",)"
        R"("value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":)"
        R"("5491150000001","phone_number_id":"106540352242922"}},{}}}}}]}}]}})",
        field, members);
    delivery.provenance = {"meta", crypto::sha256(as_bytes(delivery.raw)), vault.clock.now()};
    for (auto& event : message::interpret_meta(delivery.raw, lines).events) {
      auto body = message::make_body(event, delivery.provenance, delivery.raw);
      delivery.events.push_back(
          {.event = std::move(event), .body = std::move(body), .alerts = {}, .mails = {}});
    }
    vault.ingest(delivery);
  }
  void state_of(std::string_view id) {
    take("messages", fmt::format(R"("statuses":[{{"id":"{}","status":"delivered",)"
                                 R"("timestamp":"1795521000","recipient_id":"5491160000002"}}])",
                                 id));
  }
  void chunk(int number, int progress) {
    take("history", fmt::format(R"("history":[{{"metadata":{{"phase":0,"chunk_order":{},)"
                                R"("progress":{}}},"threads":[]}}])",
                                number, progress));
  }
  [[nodiscard]] std::vector<json::Object> gaps() const {
    std::vector<json::Object> found;
    for (const auto& row : must(vault.reader().gaps(1000)))
      found.push_back(must(json::parse(row.body)).as_object());
    return found;
  }
  /// Until it would rest.
  void run() {
    for (int steps = 0; steps < 100; ++steps)
      if (reconciliation.step() == gap_interval) return;
    FAIL("it never rests");
  }
};

}  // namespace

TEST_CASE("a message that only its state speaks of is a gap after the grace, and one time only") {
  Books books;
  books.state_of("w1");
  books.run();
  CHECK(books.gaps().empty());
  books.vault.clock.advance(gap_grace);
  books.run();
  CHECK(books.gaps().empty());  // not before the time has passed
  books.vault.clock.advance(std::chrono::seconds(1));
  books.run();
  REQUIRE(books.gaps().size() == 1);
  CHECK(books.gaps()[0].at("event").as_string() == "unseen");
  CHECK(books.gaps()[0].at("how").as_string() == "state");
  CHECK(books.gaps()[0].at("provider_id").as_string() == "w1");
  books.state_of("w1");
  books.vault.clock.advance(std::chrono::hours(1));
  books.run();
  books.run();
  CHECK(books.gaps().size() == 1);
  CHECK(books.vault.sink.has("1 messages are spoken of that never came"));
}

TEST_CASE("a message that comes within the grace is no gap, whatever the order") {
  Books books;
  books.state_of("w1");
  books.vault.clock.advance(gap_grace - std::chrono::seconds(1));
  books.run();
  books.take("smb_message_echoes",
             R"("message_echoes":[{"from":"5491150000001","to":"5491160000002","id":"w1",)"
             R"("timestamp":"1795521000","type":"text","text":{"body":"hola"}}])");
  books.vault.clock.advance(std::chrono::hours(1));
  books.run();
  CHECK(books.gaps().empty());
}

TEST_CASE("a part of a history that did not come is a gap once the rest is through") {
  Books books;
  books.chunk(1, 30);
  books.chunk(3, 100);
  books.run();
  CHECK(books.gaps().empty());
  books.vault.clock.advance(gap_grace + std::chrono::seconds(1));
  books.run();
  REQUIRE(books.gaps().size() == 1);
  CHECK(books.gaps()[0].at("event").as_string() == "history-chunk-missing");
  CHECK(books.gaps()[0].at("chunk").as_int64() == 2);
  books.run();
  CHECK(books.gaps().size() == 1);
}

TEST_CASE("while the disk is full nothing is found twice or lost") {
  Books books;
  books.state_of("w1");
  books.vault.clock.advance(std::chrono::hours(1));
  {
    const BrokenDisk broken;
    CHECK(books.reconciliation.step() == gap_interval);
  }
  CHECK(books.gaps().empty());
  books.run();
  CHECK(books.gaps().size() == 1);
}
