// SPDX-License-Identifier: Apache-2.0
#include "rereading.hpp"

#include <atomic>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/random.hpp"
#include "evidence/verify.hpp"
#include "json/parse.hpp"
#include "support/broken_disk.hpp"
#include "support/daemon.hpp"
#include "understand.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

const Timestamp long_ago = Timestamp::from_seconds(1'795'000'000);

std::string change(std::string_view field, std::string_view members) {
  return fmt::format(
      R"({{"field":"{}","value":{{"messaging_product":"whatsapp","metadata":{{)"
      R"("display_phone_number":"5491150000001","phone_number_id":"106540352242922"}},{}}}}})",
      field, members);
}

std::string envelope(std::string_view changes) {
  return fmt::format(
      R"({{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{}]}}]}})", changes);
}

std::string echo(std::string_view id, std::string_view text) {
  return change("smb_message_echoes",
                fmt::format(R"("message_echoes":[{{"from":"5491150000001","to":"5491160000002",)"
                            R"("id":"{}","timestamp":"1795000000","type":"text",)"
                            R"("text":{{"body":"{}"}}}}])",
                            id, text));
}

/// What a version that did not know these fields stored: each change an unrecognised record, the
/// delivery as it came.
vault::Ingest as_an_older_version_kept(std::string body, const std::vector<std::string>& changes,
                                       std::string_view source = "meta") {
  vault::Ingest delivery;
  delivery.provenance = {std::string(source), crypto::sha256(as_bytes(body)), long_ago};
  delivery.signature = "sha256=" + std::string(64, 'a');
  for (const auto& slice : changes) {
    message::Event event;
    event.kind = RecordKind::unrecognised;
    event.line = E164("+5491150000001");
    event.type = "smb_message_echoes";
    event.offset = body.find(slice);
    event.length = slice.size();
    event.content = crypto::sha256(as_bytes(slice));
    auto text = message::make_body(event, delivery.provenance, body);
    delivery.events.push_back(
        {.event = std::move(event), .body = std::move(text), .alerts = {}, .mails = {}});
  }
  delivery.raw = std::move(body);
  return delivery;
}

struct Upgraded {
  TestVault vault;
  CurrentRules rules{rules_with_our_policies()};
  crypto::SystemRandom random;
  int mail_woken = 0;
  int media_woken = 0;

  Rereading rereading() {
    return {vault.reader(),
            rules,
            *vault.store,
            random,
            {[this] { ++mail_woken; }, [this] { ++media_woken; }},
            vault.log};
  }
  void ingest(std::vector<std::string> changes) {
    std::string all;
    for (const auto& one : changes) all += (all.empty() ? "" : ",") + one;
    vault.ingest(as_an_older_version_kept(envelope(all), changes));
  }
  /// Until nothing is left to do.
  Duration run(Rereading& rereading) const {
    auto wait = rereading.step();
    for (int steps = 0; wait == rereading_pause && steps < 1000; ++steps) wait = rereading.step();
    return wait;
  }
  [[nodiscard]] std::vector<vault::UnreadDelivery> unread() const {
    return must(vault.reader().unread(-1, 1000));
  }
};

}  // namespace

TEST_CASE("what an older version could not read becomes messages with the time of their receipt") {
  Upgraded now;
  now.ingest({echo("w1", "le damos una coima al juez"), echo("w2", "buen día")});
  REQUIRE(now.unread().size() == 1);
  auto rereading = now.rereading();
  CHECK(now.run(rereading) == rereading_done);
  CHECK(rereading.read() == 2);
  CHECK(now.unread().empty());

  auto reader = now.vault.reader();
  const auto rows = must(reader.messages({}));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].stored.event.text == "le damos una coima al juez");
  CHECK(rows[0].stored.event.via == message::Via::app);
  CHECK(rows[0].stored.provenance.received == long_ago);
  CHECK(rows[0].time == now.vault.clock.now());
  const auto alerts = must(reader.alerts(true));
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].message == rows[0].seq);
  CHECK(must(reader.due_mail(now.vault.clock.now(), 10)).size() == 1);
  CHECK(now.mail_woken == 1);
  CHECK(now.media_woken == 1);
  CHECK(must(reader.summary()).counters["not_monitored"] == 0);

  const auto report = must(evidence::verify(now.vault.directory(), now.vault.key, {}));
  for (const auto& problem : report.problems)
    UNSCOPED_INFO(problem.problem << ": " << problem.found);
  CHECK(report.ok);
  // Nothing is left for another start.
  auto again = now.rereading();
  CHECK(again.step() == rereading_done);
  CHECK(must(now.vault.reader().messages({})).size() == 2);
}

TEST_CASE("what came again meanwhile, and was understood then, is not stored twice") {
  Upgraded now;
  const auto body = envelope(echo("w1", "hola"));
  now.ingest({echo("w1", "hola")});
  source::Delivery live;
  live.body = body;
  live.received = now.vault.clock.now();
  now.vault.ingest(understand(std::move(live), *now.rules.get(), now.random));
  auto rereading = now.rereading();
  now.run(rereading);
  CHECK(must(now.vault.reader().messages({})).size() == 1);
  CHECK(now.unread().empty());
}

TEST_CASE("what is still not understood, or only in part, waits for a later version") {
  Upgraded now;
  now.ingest({change("a_field_of_tomorrow", R"("x":1)")});
  now.ingest({change("smb_message_echoes",
                     R"("message_echoes":[{"from":"5491150000001","to":"5491160000002","id":"w1",)"
                     R"("timestamp":"1795000000","type":"text","text":{"body":"uno"}},"what"])")});
  auto rereading = now.rereading();
  CHECK(now.run(rereading) == rereading_done);
  CHECK(rereading.read() == 0);
  CHECK(now.unread().size() == 2);
  CHECK(must(now.vault.reader().messages({})).empty());
  CHECK(now.mail_woken + now.media_woken == 0);
}

TEST_CASE("pages that the provider was asked for are no webhooks") {
  Upgraded now;
  now.vault.ingest(
      as_an_older_version_kept(envelope(echo("w1", "hola")), {echo("w1", "hola")}, "graph"));
  auto rereading = now.rereading();
  CHECK(now.run(rereading) == rereading_done);
  CHECK(must(now.vault.reader().messages({})).empty());
}

TEST_CASE("many deliveries are read in steps, and a disk that is full delays and loses nothing") {
  constexpr std::size_t many = deliveries_per_step * 2 + 3;
  Upgraded now;
  for (std::size_t i = 0; i < many; ++i)
    now.ingest({echo(fmt::format("w{}", i), fmt::format("texto {}", i))});
  auto rereading = now.rereading();
  CHECK(rereading.step() == rereading_pause);
  CHECK(rereading.read() == deliveries_per_step);
  {
    const BrokenDisk broken;
    CHECK(rereading.step() == rereading_rest);
    CHECK(rereading.read() == deliveries_per_step);
  }
  CHECK(now.run(rereading) == rereading_done);
  CHECK(rereading.read() == many);
  vault::MessageFilter all;
  all.limit = 1000;
  CHECK(must(now.vault.reader().messages(all)).size() == many);
}
