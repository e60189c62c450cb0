// SPDX-License-Identifier: Apache-2.0
#include "vault/vault.hpp"

#include <cstdio>
#include <fstream>
#include <future>
#include <map>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/encoding.hpp"
#include "crypto/secret_file.hpp"
#include "json/parse.hpp"
#include "support/sqlcipher.hpp"
#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, std::string> all_files(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) files[entry.path().string()] = content_of(entry.path());
  return files;
}

mode_t mode_of(const fs::path& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

Error open_error(const TestVault& vault, const crypto::SecretBytes& key) {
  FakeRandom random;
  auto opened = vault::Vault::open(vault.directory(), key, vault.clock, random, vault.log);
  REQUIRE(!opened);
  return opened.error();
}

void write_over(const fs::path& file, std::string_view content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc)
      .write(content.data(), static_cast<std::streamsize>(content.size()));
}

crypto::SecretBytes other_key() {
  return must(vault::parse_vault_key(as_bytes(std::string(64, 'f'))));
}

}  // namespace

TEST_CASE("a new vault has its parts, private to their owner") {
  TestVault vault;
  vault.close();
  const auto directory = vault.directory();
  CHECK(mode_of(directory) == 0700);
  CHECK(mode_of(directory / "keys") == 0700);
  CHECK(mode_of(directory / "media") == 0700);
  CHECK(mode_of(directory / "vault.db") == 0600);
  CHECK(mode_of(directory / "keys/epoch-0.key") == 0600);
  CHECK(!fs::exists(directory / "vault.db.new"));
  CHECK(vault.created.uuid.size() == 36);
  CHECK(vault.created.uuid[14] == '4');
  CHECK(vault.created.fingerprint.size() == 64);
  CHECK(vault.created.recovery_key.size() == 32);
}

TEST_CASE("the genesis record names firm, keys and version, and its leaf is the fingerprint") {
  TestVault vault;
  CHECK(vault.opened->fingerprint() == vault.created.fingerprint);
  CHECK(vault.opened->uuid() == vault.created.uuid);
  CHECK(vault.opened->records() == 1);
  auto audit = vault.audit();
  std::vector<vault::RawRecord> records;
  REQUIRE(audit.each_record(0, [&](vault::RawRecord&& record) {
    records.push_back(std::move(record));
    return true;
  }));
  REQUIRE(records.size() == 1);
  CHECK(records[0].kind == "genesis");
  const auto body = must(json::parse(*records[0].body)).as_object();
  CHECK(json::text_at(body, "firm") == "Estudio Ejemplo");
  CHECK(json::text_at(body, "version") == "0.1.0");
  const auto recovery = must(crypto::SigningKey::from_seed(vault.created.recovery_key.view()));
  CHECK(json::text_at(body, "recovery_public_key") == crypto::to_hex(recovery.public_key().view()));
}

TEST_CASE("init on a vault that is there refuses and changes no byte") {
  TestVault vault;
  vault.ingest(delivery_of(TestMessage{}));
  vault.close();
  const auto before = all_files(vault.directory());
  const auto again =
      vault::create(vault.directory(), other_key(), {"Otro", "1"}, vault.clock, vault.random);
  REQUIRE(!again);
  CHECK(again.error().code == ErrorCode::already_exists);
  CHECK(all_files(vault.directory()) == before);
}

TEST_CASE("init where only keys are left refuses and changes no byte") {
  TestVault vault;
  vault.close();
  fs::remove(vault.directory() / "vault.db");
  const auto before = all_files(vault.directory());
  const auto again =
      vault::create(vault.directory(), vault.key, {"Otro", "1"}, vault.clock, vault.random);
  REQUIRE(!again);
  CHECK(again.error().code == ErrorCode::already_exists);
  CHECK(all_files(vault.directory()) == before);
}

TEST_CASE("init after one that was interrupted begins anew") {
  TestVault vault;
  vault.close();
  fs::rename(vault.directory() / "vault.db",
             vault.directory() / "vault.db.new");  // a crash just before the rename
  const auto again =
      must(vault::create(vault.directory(), vault.key, {"Otro", "1"}, vault.clock, vault.random));
  CHECK(again.uuid != vault.created.uuid);
  CHECK(vault::Vault::open(vault.directory(), vault.key, vault.clock, vault.random, vault.log));
}

TEST_CASE("a failed init leaves nothing behind") {
  TemporaryDirectory temporary;
  FakeClock clock;
  FakeRandom random;
  const auto directory = temporary.path() / "vault";
  fs::create_directory(directory);
  write_over(directory / "media", "in the way");
  const auto made = vault::create(directory, vault_key(), {"Estudio", "1"}, clock, random);
  REQUIRE(!made);
  CHECK(all_files(directory).size() == 1);
  CHECK(!fs::exists(directory / "keys"));
}

TEST_CASE("a key is 64 hex digits and an error never shows it") {
  CHECK(must(vault::parse_vault_key(as_bytes(vault_key_hex))).view()[31] == 0x1f);
  for (const std::string& wrong : {std::string(), std::string(63, 'a'), std::string(65, 'a'),
                                   std::string(62, 'a') + "zz", "0x" + std::string(62, 'a')}) {
    const auto parsed = vault::parse_vault_key(as_bytes(wrong));
    REQUIRE(!parsed);
    CHECK(parsed.error().code == ErrorCode::invalid_input);
    if (!wrong.empty()) CHECK(parsed.error().message().find(wrong) == std::string::npos);
  }
}

TEST_CASE("each reason why a vault does not open is an error of its own") {
  TestVault vault;
  SECTION("another process holds it, which the message names") {
    const auto error = open_error(vault, vault.key);
    CHECK(error.code == ErrorCode::locked);
    CHECK(error.what.find(std::to_string(::getpid())) != std::string::npos);
  }
  vault.close();
  const auto file = vault.directory() / "vault.db";
  SECTION("no vault") {
    fs::remove(file);
    CHECK(open_error(vault, vault.key).code == ErrorCode::not_found);
  }
  SECTION("no directory") {
    fs::remove_all(vault.directory());
    CHECK(open_error(vault, vault.key).code == ErrorCode::not_found);
  }
  SECTION("the wrong key") {
    const auto error = open_error(vault, other_key());
    CHECK(error.code == ErrorCode::wrong_key);
    CHECK(error.remedy.find("damaged") != std::string::npos);
  }
  SECTION("plain SQLite") {
    fs::remove(file);
    REQUIRE(sqlcipher(file, "CREATE TABLE t (a); INSERT INTO t VALUES (1);").code == 0);
    const auto error = open_error(vault, vault.key);
    CHECK(error.code == ErrorCode::not_a_vault);
    CHECK(error.what.find("plain SQLite") != std::string::npos);
  }
  SECTION("too short to be anything") {
    write_over(file, "x");
    CHECK(open_error(vault, vault.key).code == ErrorCode::not_a_vault);
  }
  SECTION("another program's encrypted database") {
    fs::remove(file);
    REQUIRE(sqlcipher(file, key_lines() + "CREATE TABLE t (a);").code == 0);
    CHECK(open_error(vault, vault.key).code == ErrorCode::not_a_vault);
  }
  SECTION("a later version") {
    REQUIRE(sqlcipher(file, key_lines() + "PRAGMA user_version = 2;").code == 0);
    const auto error = open_error(vault, vault.key);
    CHECK(error.code == ErrorCode::newer_version);
    CHECK(error.what.find("2") != std::string::npos);
  }
  SECTION("no signing key") {
    fs::remove(vault.directory() / "keys/epoch-0.key");
    CHECK(open_error(vault, vault.key).code == ErrorCode::not_found);
  }
  SECTION("a signing key that others may read") {
    fs::permissions(vault.directory() / "keys/epoch-0.key", fs::perms(0640));
    CHECK(open_error(vault, vault.key).code == ErrorCode::permission);
  }
  SECTION("a signing key that is no key") {
    write_over(vault.directory() / "keys/epoch-0.key", "not hex");
    CHECK(open_error(vault, vault.key).code == ErrorCode::corrupt);
  }
  SECTION("another vault's signing key") {
    write_over(vault.directory() / "keys/epoch-0.key", std::string(64, 'a'));
    CHECK(open_error(vault, vault.key).code == ErrorCode::wrong_key);
  }
  SECTION("a last record that is not the tree's") {
    REQUIRE(sqlcipher(file, key_lines() + "UPDATE record SET kind = 'service';").code == 0);
    CHECK(open_error(vault, vault.key).code == ErrorCode::corrupt);
  }
  SECTION("a record taken from the end") {
    REQUIRE(sqlcipher(file, key_lines() + "DELETE FROM record;").code == 0);
    CHECK(open_error(vault, vault.key).code == ErrorCode::corrupt);
  }
}

TEST_CASE("damage inside the file is corrupt, not a wrong key") {
  TestVault vault;
  for (int i = 0; i < 40; ++i)
    vault.ingest(delivery_of({.id = "wamid." + std::to_string(i), .text = std::string(2000, 'x')}));
  vault.close();
  const auto file = vault.directory() / "vault.db";
  std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
  for (auto at = std::streamoff{8192} + 100; at < static_cast<std::streamoff>(fs::file_size(file));
       at += 8192) {
    damaged.seekp(at);
    damaged.put('\x55');
  }
  damaged.close();
  CHECK(open_error(vault, vault.key).code == ErrorCode::corrupt);
}

TEST_CASE("the stock program opens a vault with precisely the lines of HOW-TO-OPEN.txt") {
  TestVault vault;
  vault.ingest(delivery_of({.text = "palabra inconfundible"}));
  vault.close();
  const auto how = content_of(vault.directory() / "HOW-TO-OPEN.txt");
  const auto key = fmt::format("PRAGMA key = \"x'{}'\";\n", vault_key_hex);
  const auto shown = sqlcipher(vault.directory() / "vault.db",
                               key + how + "SELECT kind, body FROM record WHERE seq = 1;");
  CHECK(shown.code == 0);
  CHECK(shown.output.find("message|") != std::string::npos);
  CHECK(shown.output.find("palabra inconfundible") != std::string::npos);
}

TEST_CASE("no file of the vault holds readable content") {
  TestVault vault;
  vault.ingest(delivery_of({.id = "wamid.SECRETID", .text = "palabra inconfundible"}));
  bool has_log = false;
  for (const auto& [name, content] : all_files(vault.directory())) {
    INFO(name);
    CHECK(content.find("inconfundible") == std::string::npos);
    CHECK(content.find("SECRETID") == std::string::npos);
    CHECK(content.find("60000002") == std::string::npos);
    CHECK(content.find("CREATE TABLE") == std::string::npos);
    has_log = has_log || (name.ends_with("-wal") && !content.empty());
  }
  CHECK(has_log);  // or the test would not have looked at it
}

TEST_CASE("a succession names the new key, signed by the old one, and destroys the old secret") {
  TestVault vault;
  const auto old_key = content_of(vault.directory() / "keys/epoch-0.key");
  vault.clock.advance(std::chrono::hours(24));
  std::promise<Result<>> rolled;
  REQUIRE(vault.store->roll_epoch([&](Result<> outcome) { rolled.set_value(std::move(outcome)); }));
  REQUIRE(rolled.get_future().get());
  vault.ingest(delivery_of(TestMessage{}));
  CHECK(vault.opened->epoch() == Epoch(1));
  CHECK(vault.opened->epoch_began() == vault.clock.now());
  CHECK(!fs::exists(vault.directory() / "keys/epoch-0.key"));
  CHECK(content_of(vault.directory() / "keys/epoch-1.key") != old_key);

  std::vector<vault::RawRecord> records;
  REQUIRE(vault.audit().each_record(0, [&](vault::RawRecord&& record) {
    records.push_back(std::move(record));
    return true;
  }));
  REQUIRE(records.size() == 3);
  CHECK(records[1].kind == "key");
  CHECK(records[1].epoch == 0);
  CHECK(records[2].epoch == 1);
  vault.close();
  vault.open();
  CHECK(vault.opened->epoch() == Epoch(1));
  CHECK(vault.opened->epoch_began() == vault.clock.now());
}

TEST_CASE("a crash at any point of a succession is put right by the next start") {
  TestVault vault;
  const auto keys = vault.directory() / "keys";
  const auto old_key = content_of(keys / "epoch-0.key");
  SECTION("the new key was written, its record was not") {
    vault.close();
    REQUIRE(crypto::write_secret_file(keys / "epoch-1.key", as_bytes(std::string(64, 'b'))));
    vault.open();
    CHECK(vault.opened->epoch() == Epoch(0));
    CHECK(!fs::exists(keys / "epoch-1.key"));
    CHECK(vault.sink.has("interrupted"));
  }
  SECTION("the record was committed, the old key was not destroyed") {
    REQUIRE(vault.opened->roll_epoch());
    vault.close();
    REQUIRE(crypto::write_secret_file(keys / "epoch-0.key", as_bytes(old_key)));
    vault.open();
    CHECK(vault.opened->epoch() == Epoch(1));
    CHECK(!fs::exists(keys / "epoch-0.key"));
    CHECK(vault.sink.has("interrupted"));
  }
  SECTION("the commit failed and the daemon went on: the same key is used again") {
    write_over(keys / "epoch-1.key", std::string(64, 'b'));
    fs::permissions(keys / "epoch-1.key", fs::perms(0600));
    REQUIRE(vault.opened->roll_epoch());
    CHECK(content_of(keys / "epoch-1.key") == std::string(64, 'b'));
  }
  vault.ingest(delivery_of(TestMessage{}));
  vault.close();
  vault.open();
  CHECK(vault.opened->records() >= 2);
}

TEST_CASE("keys of other epochs than the neighbours are left alone") {
  TestVault vault;
  vault.close();
  const auto backup = vault.directory() / "keys/epoch-7.key";
  write_over(backup, "somebody's backup");
  vault.open();
  CHECK(fs::exists(backup));
}
