// SPDX-License-Identifier: Apache-2.0
// The signing key is lost, and the recovery key names another.
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"
#include "crypto/secret_file.hpp"
#include "json/parse.hpp"
#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace fs = std::filesystem;

namespace {

Result<> recover(TestVault& vault, const crypto::SecretBytes& recovery) {
  return vault::recover(vault.directory(), vault.key, recovery, vault.clock, vault.random,
                        vault.log);
}

std::vector<vault::RawRecord> records_of(const TestVault& vault) {
  std::vector<vault::RawRecord> records;
  auto audit = vault.audit();
  must(audit.each_record(0, [&](vault::RawRecord&& record) {
    records.push_back(std::move(record));
    return true;
  }));
  return records;
}

fs::path key_file(const TestVault& vault, int epoch) {
  return vault.directory() / fmt::format("keys/epoch-{}.key", epoch);
}

}  // namespace

TEST_CASE("a vault whose signing key is lost says how it is recovered, and goes on after it") {
  TestVault vault;
  vault.ingest(delivery_of(TestMessage{}));
  vault.close();
  SECTION("the file is gone") {
    fs::remove(key_file(vault, 0));
  }
  SECTION("the file holds another key") {
    std::ofstream(key_file(vault, 0)) << std::string(64, 'b');
  }
  SECTION("the file holds no key at all") {
    std::ofstream(key_file(vault, 0)) << "ruined";
  }
  const auto refused =
      vault::Vault::open(vault.directory(), vault.key, vault.clock, vault.random, vault.log);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy.find("sigilo recover") != std::string::npos);

  REQUIRE(recover(vault, vault.created.recovery_key));
  CHECK(!fs::exists(key_file(vault, 0)));
  vault.open();
  CHECK(vault.opened->epoch() == Epoch(1));
  vault.ingest(delivery_of(TestMessage{.id = "wamid.2", .text = "después"}));
  const auto recoveries = must(vault.reader().recoveries());
  REQUIRE(recoveries.size() == 1);
  CHECK(recoveries[0].seq == Seq(2));
  const auto records = records_of(vault);
  REQUIRE(records.size() == 4);
  CHECK(records[2].kind == "key");
  CHECK(records[2].epoch == 0);
  CHECK(json::text_at(must(json::parse(*records[2].body)).as_object(), "by") == "recovery");
  CHECK(records[3].epoch == 1);
}

TEST_CASE("what is no recovery key of this vault recovers nothing") {
  TestVault vault;
  vault.close();
  const auto before = fs::file_size(vault.directory() / "vault.db");
  FakeRandom random(77);
  const auto other = crypto::SecretBytes::random(32, random);
  fs::remove(key_file(vault, 0));
  CHECK(recover(vault, other).error().code == ErrorCode::wrong_key);
  CHECK(recover(vault, crypto::SecretBytes(31)).error().code == ErrorCode::invalid_input);
  CHECK(records_of(vault).size() == 1);
  CHECK(fs::is_empty(vault.directory() / "keys"));
  CHECK(fs::file_size(vault.directory() / "vault.db") == before);
}

TEST_CASE("a signing key that is there, or only can't be read, is not given up") {
  TestVault vault;
  CHECK(recover(vault, vault.created.recovery_key).error().code == ErrorCode::locked);
  vault.close();
  CHECK(recover(vault, vault.created.recovery_key).error().code == ErrorCode::refused);
  fs::permissions(key_file(vault, 0), fs::perms(0644));
  CHECK(recover(vault, vault.created.recovery_key).error().code == ErrorCode::permission);
  CHECK(records_of(vault).size() == 1);
}

TEST_CASE("a recovery that a crash cut off can be repeated") {
  TestVault vault;
  vault.close();
  fs::remove(key_file(vault, 0));
  // The new key's file was written, the record was not.
  REQUIRE(crypto::write_secret_file(key_file(vault, 1), as_bytes(std::string(64, 'b'))));
  REQUIRE(recover(vault, vault.created.recovery_key));
  vault.open();
  CHECK(vault.opened->epoch() == Epoch(1));
}

TEST_CASE("the recovery key signs nothing but the one record, also where the clock went back") {
  TestVault vault;
  vault.ingest(delivery_of(TestMessage{}));
  vault.close();
  fs::remove(key_file(vault, 0));
  vault.clock.set(vault.clock.now() - std::chrono::hours(1));
  REQUIRE(recover(vault, vault.created.recovery_key));
  vault.open();
  vault.ingest(delivery_of(TestMessage{.id = "wamid.2", .text = "después"}));
  std::vector<std::string> kinds;
  for (const auto& record : records_of(vault)) kinds.push_back(*record.kind);
  CHECK(kinds == std::vector<std::string>{"genesis", "message", "key", "clock", "message"});
}
