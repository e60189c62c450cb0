// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"
#include "evidence/verify.hpp"
#include "support/api.hpp"
#include "support/broken_disk.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

std::vector<std::pair<std::string, std::string>> kinds_and_bodies(const TestVault& vault) {
  std::vector<std::pair<std::string, std::string>> found;
  auto audit = vault.audit();
  must(audit.each_record(0, [&](vault::RawRecord&& record) {
    found.emplace_back(*record.kind, *record.body);
    return true;
  }));
  return found;
}

}  // namespace

TEST_CASE("a new key begins at once when it is asked for, and who asked is on record before") {
  TestVault vault;
  Desk desk(vault);
  vault.ingest(delivery_of(TestMessage{}));
  vault.clock.advance(std::chrono::minutes(5));
  const auto answer = desk.ask("POST", "/v1/rekey");
  REQUIRE(answer.status() == 200);
  const auto epoch = answer.object();
  CHECK(epoch.at("epoch").as_int64() == 1);
  CHECK(epoch.at("record").as_int64() == 3);
  CHECK(epoch.at("began").as_string() == format_rfc3339(vault.clock.now()));

  const auto records = kinds_and_bodies(vault);
  REQUIRE(records.size() == 4);
  CHECK(records[2].first == "service");
  const auto asked = must(json::parse(records[2].second)).as_object();
  CHECK(asked.at("event").as_string() == "rekey");
  CHECK(asked.at("uid").as_int64() == Desk::own_uid);
  CHECK(records[3].first == "key");
  CHECK(records[3].second.find(std::string(epoch.at("public_key").as_string())) !=
        std::string::npos);

  vault.ingest(delivery_of(TestMessage{.id = "wamid.2", .text = "después"}));
  CHECK(must(evidence::verify(vault.directory(), vault.key, {})).ok);
}

TEST_CASE("status names the present key, and each recovery for ever") {
  TestVault vault;
  {
    Desk desk(vault);
    const auto status = desk.get("/v1/status").object();
    CHECK(status.at("epoch").as_int64() == 0);
    CHECK(status.at("recoveries").as_array().empty());
  }
  vault.close();
  std::filesystem::remove(vault.directory() / "keys/epoch-0.key");
  vault.clock.advance(std::chrono::hours(1));
  must(vault::recover(vault.directory(), vault.key, vault.created.recovery_key, vault.clock,
                      vault.random, vault.log));
  const auto when = format_rfc3339(vault.clock.now());
  vault.open();
  vault.clock.advance(std::chrono::hours(1));
  must(vault.opened->roll_epoch());
  Desk desk(vault);
  const auto status = desk.get("/v1/status").object();
  CHECK(status.at("epoch").as_int64() == 2);
  CHECK(status.at("epoch_began").as_string() == format_rfc3339(vault.clock.now()));
  REQUIRE(status.at("recoveries").as_array().size() == 1);
  const auto& recovery = status.at("recoveries").as_array()[0].as_object();
  CHECK(recovery.at("seq").as_int64() == 1);
  CHECK(recovery.at("time").as_string() == when);
  const auto report = desk.ask("POST", "/v1/verify").object();
  CHECK(report.at("ok").as_bool());
  REQUIRE(report.at("remarks").as_array().size() == 1);
  CHECK(report.at("remarks").as_array()[0].at("remark").as_string() == "recovered");
}

TEST_CASE("a new key that cannot be recorded leaves the old one in use") {
  TestVault vault;
  Desk desk(vault);
  {
    const BrokenDisk broken;
    CHECK(desk.ask("POST", "/v1/rekey").status() >= 500);
  }
  CHECK(must(vault.reader().present_epoch()).number == Epoch(0));
  vault.ingest(delivery_of(TestMessage{}));
  CHECK(desk.ask("POST", "/v1/rekey").object().at("epoch").as_int64() == 1);
  CHECK(must(evidence::verify(vault.directory(), vault.key, {})).ok);
}

TEST_CASE("a new key is not made for the vault of somebody else") {
  TestVault vault;
  Desk desk(vault);
  CHECK(desk.ask("POST", "/v1/rekey?directory=%2Ftmp").status() == 404);
  CHECK(desk.ask("POST", "/v1/rekey?force=1").status() == 400);
  CHECK(desk.get("/v1/rekey").status() == 405);
  CHECK(must(vault.reader().present_epoch()).number == Epoch(0));
  CHECK(desk.ask("POST", "/v1/rekey?directory=" + net::percent_encode(vault.directory().string()))
            .status() == 200);
}
