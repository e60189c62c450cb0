// SPDX-License-Identifier: Apache-2.0
#include "pipeline.hpp"

#include <algorithm>
#include <fstream>
#include <latch>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/digest.hpp"
#include "crypto/random.hpp"
#include "support/broken_disk.hpp"
#include "support/daemon.hpp"

using namespace sigilo;
using namespace sigilo::test;
using source::Outcome;

namespace {

std::string envelope(std::string_view id, std::string_view text,
                     std::string_view line_id = "106540352242922") {
  return fmt::format(
      R"({{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"value":{{)"
      R"("messaging_product":"whatsapp","metadata":{{"display_phone_number":"","phone_number_id":"{}"}},)"
      R"("messages":[{{"from":"5491160000002","id":"{}","timestamp":"1790000000","type":"text",)"
      R"("text":{{"body":"{}"}}}}]}},"field":"messages"}}]}}]}})",
      line_id, id, text);
}

struct Answered {
  Outcome outcome;
  std::thread::id thread;
  std::size_t records;  ///< that a reader saw at that moment
};

/// The stations of the daemon around a temporary vault.
struct Stations {
  IoThread io;
  CurrentRules rules{rules_with_our_policies()};
  Pipeline* to_flush = nullptr;
  TestVault vault{{.after_group = [this] {
    if (to_flush != nullptr) to_flush->flush();
  }}};
  StorageWatch storage{
      io.loop, vault.clock, {[](const auto&) {}, [](const auto&, Timestamp) {}}, vault.log};
  crypto::SystemRandom random;  // from several threads at once
  std::atomic<int> mails_wait = 0;
  std::atomic<int> files_wait = 0;
  Pipeline pipeline{
      io.loop,  rules, storage, random, {[this] { ++mails_wait; }, [this] { ++files_wait; }},
      vault.log};
  std::unique_ptr<WorkPool> work;
  Reports<Answered> answers;

  explicit Stations(std::size_t work_queue = 1000, std::size_t store_queue = 1000) {
    vault.close();
    vault.settings.queue = store_queue;
    to_flush = &pipeline;
    vault.open();
    storage.connect(*vault.store);
    work = std::make_unique<WorkPool>(2, work_queue);
    pipeline.connect(*work, *vault.store);
  }
  ~Stations() {
    work.reset();
    vault.close();
  }

  void post(std::string body) {
    io.loop.post([this, body = std::move(body)]() mutable {
      source::Delivery delivery;
      delivery.body = std::move(body);
      delivery.signature_header = "sha256=" + std::string(64, 'a');
      delivery.received = vault.clock.now();
      pipeline.accept(std::move(delivery), [this](Outcome outcome) {
        answers.add({outcome, std::this_thread::get_id(), must(vault.reader().summary()).records});
      });
    });
  }
  Outcome outcome_of(std::string body) {
    const auto before = answers.count();
    post(std::move(body));
    return answers.wait_for(before + 1).back().outcome;
  }
};

}  // namespace

TEST_CASE("a delivery is answered on io when it is durable, with its alert and mail") {
  Stations stations;
  stations.post(envelope("w1", "le damos una coima al juez"));
  const auto answer = stations.answers.wait_for(1)[0];
  CHECK(answer.outcome == Outcome::stored);
  CHECK(answer.thread == stations.io.id());
  CHECK(answer.records == 3);  // genesis, message, alert: seen by a reader before the answer
  CHECK(stations.pipeline.under_way() == 0);
  auto reader = stations.vault.reader();
  const auto rows = must(reader.messages({}));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].stored.event.text == "le damos una coima al juez");
  const auto alerts = must(reader.alerts(true));
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].team == "litigios");
  const auto mails = must(reader.due_mail(stations.vault.clock.now(), 10));
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].recipient == "compliance@estudio.example");
  stations.vault.close();
  CHECK(stations.mails_wait == 1);
}

TEST_CASE("a repeat is a success and wakes nobody twice") {
  Stations stations;
  CHECK(stations.outcome_of(envelope("w1", "una coima")) == Outcome::stored);
  CHECK(stations.outcome_of(envelope("w1", "una coima")) == Outcome::stored);
  CHECK(must(stations.vault.reader().messages({})).size() == 1);
  CHECK(must(stations.vault.reader().alerts(true)).size() == 1);
  stations.vault.close();
  CHECK(stations.mails_wait == 1);
}

TEST_CASE("a message with a file wakes whoever fetches files, one without does not") {
  Stations stations;
  CHECK(stations.outcome_of(envelope("w1", "hola")) == Outcome::stored);
  auto image = envelope("w2", "x");
  const std::string_view text = R"("type":"text","text":{"body":"x"})";
  image.replace(image.find(text), text.size(),
                R"("type":"image","image":{"id":"900","mime_type":"image/jpeg"})");
  CHECK(stations.outcome_of(image) == Outcome::stored);
  stations.vault.close();
  CHECK(stations.files_wait == 1);
}

TEST_CASE("what is not ours leaves a count, what is not understood is kept") {
  Stations stations;
  CHECK(stations.outcome_of(envelope("w1", "ajeno", "999")) == Outcome::stored);
  CHECK(stations.outcome_of("not JSON at all \xff") == Outcome::stored);
  auto reader = stations.vault.reader();
  CHECK(must(reader.summary()).counters["not_monitored"] == 1);
  vault::MessageFilter filter;
  filter.kind = RecordKind::unrecognised;
  const auto rows = must(reader.messages(filter));
  REQUIRE(rows.size() == 1);
  const auto row = must(reader.message(rows[0].seq));
  REQUIRE(row);
  CHECK(row->stored.payload == "not JSON at all \xff");
  CHECK(row->stored.provenance.delivery == crypto::sha256(as_bytes("not JSON at all \xff")));
}

TEST_CASE("no room at the work threads, or at the store, is busy and leaves nothing") {
  for (const auto& [work, store] : {std::pair<std::size_t, std::size_t>{0, 10}, {10, 0}}) {
    Stations stations(work, store);
    CHECK(stations.outcome_of(envelope("w1", "hola")) == Outcome::busy);
    CHECK(stations.pipeline.under_way() == 0);
    CHECK(must(stations.vault.reader().summary()).records == 1);
    CHECK_FALSE(stations.storage.trouble());
  }
}

TEST_CASE("a disk that takes nothing is no success, is noticed, and leaves nothing half") {
  Stations stations;
  {
    const BrokenDisk broken;
    const auto outcome = stations.outcome_of(envelope("w1", "una coima"));
    CHECK((outcome == Outcome::no_space || outcome == Outcome::failed));
    CHECK(stations.storage.trouble());
    CHECK(stations.pipeline.under_way() == 0);
  }
  CHECK(must(stations.vault.reader().messages({})).empty());
  CHECK(must(stations.vault.reader().alerts(false)).empty());
  CHECK(stations.outcome_of(envelope("w1", "una coima")) == Outcome::stored);
  CHECK(must(stations.vault.reader().messages({})).size() == 1);
}

TEST_CASE("many deliveries at once are each answered once and stored once") {
  constexpr std::size_t many = 300;
  Stations stations;
  for (std::size_t i = 0; i < many; ++i)
    stations.post(envelope(fmt::format("w{}", i % 100), fmt::format("texto {}", i % 100)));
  const auto answers = stations.answers.wait_for(many);
  stations.work.reset();
  stations.vault.close();
  CHECK(stations.answers.count() == many);
  CHECK(std::all_of(answers.begin(), answers.end(), [&](const Answered& answer) {
    return answer.outcome == Outcome::stored && answer.thread == stations.io.id();
  }));
  CHECK(stations.pipeline.under_way() == 0);
  vault::MessageFilter all;
  all.limit = 1000;
  CHECK(must(stations.vault.reader().messages(all)).size() == 100);
}

TEST_CASE("new rules count for the deliveries after them") {
  Stations stations;
  CHECK(stations.outcome_of(envelope("w1", "una coima")) == Outcome::stored);
  const TemporaryDirectory other;
  std::ofstream(other.path() / "other.toml")
      << "[policy]\nname = 'a'\nlanguage = ['es']\n[[rule]]\nid = 'a.b'\ncategory = 'abuse'\n"
         "severity = 'low'\nany = ['tonto']\n";
  std::vector<config::Problem> problems;
  stations.rules.replace(Rules::make(firm(other.path().string()), problems));
  REQUIRE(problems.empty());
  CHECK(stations.outcome_of(envelope("w2", "otra coima")) == Outcome::stored);
  CHECK(stations.outcome_of(envelope("w3", "tonto")) == Outcome::stored);
  const auto alerts = must(stations.vault.reader().alerts(false));
  REQUIRE(alerts.size() == 2);
  CHECK(alerts[0].rule.starts_with("bribery."));
  CHECK(alerts[1].rule == "a.b");
}
