// SPDX-License-Identifier: Apache-2.0
// More records than a tile holds; writers that were killed; bytes of the file changed.
#include <catch2/catch_test_macros.hpp>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

std::vector<TestMessage> messages(int first, int count) {
  std::vector<TestMessage> all;
  for (int i = 0; i < count; ++i) {
    TestMessage message;
    message.id = fmt::format("wamid.{}", first + i);
    message.sent += first + i;
    all.push_back(message);
  }
  return all;
}

/// 1 + 600 records: two full tiles and a part of the third, and one tile above them. Closed.
struct LargeVault {
  LargeVault() {
    for (int i = 0; i < 60; ++i) vault.ingest(delivery_of_many(messages(10 * i, 10)));
    vault.close();
  }
  TestVault vault;
};

void check(const LargeVault& large, const std::string& sql, const Problems& expected,
           const Problems& by_tree) {
  const auto copy = copy_of(large.vault.directory(), large.vault.temporary.path() / "copy");
  damage(copy, sql);
  CHECK(shown(problems_of(verify(copy))) == shown(expected));
  CHECK(shown(problems_of(verify(copy, {.depth = evidence::Depth::tree}))) == shown(by_tree));
}

constexpr std::string_view upper = "(1 << 48)";

}  // namespace

TEST_CASE("damage in a vault of several tiles is one problem, not one a record") {
  const LargeVault large;
  const auto same = [&](const std::string& sql, const Problems& problems) {
    check(large, sql, problems, problems);
  };
  SECTION("none") {
    same("SELECT 1;", {});
  }
  SECTION("a record") {
    same("UPDATE record SET time = time + 1 WHERE seq = 300;", {{300, "record-altered"}});
  }
  SECTION("many records removed") {
    same("DELETE FROM record WHERE seq BETWEEN 200 AND 550;", {{200, "record-missing"}});
  }
  SECTION("the tail removed") {
    same("DELETE FROM record WHERE seq > 400;", {{401, "record-missing"}});
  }
  SECTION("a tile of leaves removed") {
    same("DELETE FROM tile WHERE id = 1;", {{256, "tile-missing"}});
  }
  SECTION("a tile of leaves altered") {
    same("UPDATE tile SET hashes = randomblob(8192) WHERE id = 1;", {{256, "tile-altered"}});
  }
  SECTION("a hash above altered") {
    same(fmt::format("UPDATE tile SET hashes = CAST(substr(hashes, 1, 32) || randomblob(32) AS "
                     "BLOB) WHERE id = {};",
                     upper),
         {{256, "tile-altered"}});
  }
  SECTION("a hash above too many") {
    same(fmt::format(
             "UPDATE tile SET hashes = CAST(hashes || randomblob(32) AS BLOB) WHERE id = {};",
             upper),
         {{256, "tile-altered"}});
  }
  SECTION("the tile above removed") {
    same(fmt::format("DELETE FROM tile WHERE id = {};", upper),
         {{0, "tile-missing"}, {256, "tile-missing"}});
  }
  SECTION(
      "a record with its leaf: found at the next root, and the way found again at the next tile") {
    check(large,
          "UPDATE record SET signature = x'" + std::string(128, '0') +
              "' WHERE seq = 300;"
              "UPDATE tile SET hashes = CAST(substr(hashes, 1, 44 * 32) || randomblob(32) || "
              "substr(hashes, 45 * 32 + 1) AS BLOB)"
              " WHERE id = 1;",
          {{300, "record-altered"}}, {{300, "record-altered"}});
  }
  SECTION("records and their tiles removed") {
    check(large, "DELETE FROM record WHERE seq >= 512; DELETE FROM tile WHERE id = 2;",
          {{511, "delivery-altered"}, {512, "event-surplus"}, {521, "delivery-surplus"}}, {});
  }
}

TEST_CASE("the second verifier agrees on a vault of several tiles") {
  const LargeVault large;
  const auto plain =
      export_plain(large.vault.directory(), large.vault.temporary.path() / "plain.db");
  const auto report = verify(large.vault.directory());
  const auto second = second_opinion({plain})[0];
  CHECK(shown(problems_of(report)) == "");
  CHECK(shown(problems_of(second)) == "");
  CHECK(json::text_at(second, "root") == report.checkpoint_root);
}

TEST_CASE("events that the writer put into the tables by which they are found are compared") {
  TestVault vault;
  for (int i = 0; i < 23; ++i) vault.ingest(delivery_of_many(messages(100 * i, 100)));
  vault.close();
  CHECK(shown(problems_of(verify(vault.directory()))).empty());
  const auto plain = export_plain(vault.directory(), vault.temporary.path() / "plain.db");
  CHECK(shown(problems_of(second_opinion({plain})[0])).empty());
  damage(vault.directory(), "DELETE FROM event_content WHERE seq = 2000;");
  CHECK(shown(problems_of(verify(vault.directory()))) == "2000 index-missing; ");
}

TEST_CASE("verification stops when it is told to, and doesn't call that clean") {
  TestVault vault;
  for (int i = 0; i < 5; ++i) vault.ingest(delivery_of_many(messages(1000 * i, 1000)));
  std::uint64_t all = 0;
  const auto report =
      verify(vault.directory(), {.depth = evidence::Depth::tree, .progress = [&](auto, auto total) {
                                   all = total;
                                   return false;
                                 }});
  CHECK(all == 5001);
  CHECK_FALSE(report.ok);
  CHECK(shown(problems_of(report)) == "-1 interrupted; ");
}

TEST_CASE("a vault whose writer was killed is clean for both verifiers") {
  const TemporaryDirectory temporary;
  const auto directory = temporary.path() / "vault";
  FakeClock clock;
  FakeRandom random;
  const auto key = vault_key();
  must(vault::create(directory, key, {"Estudio Ejemplo", "0.1.0"}, clock, random));
  const auto ready = temporary.path() / "ready";
  const pid_t writer = ::fork();
  REQUIRE(writer >= 0);
  if (writer == 0) {
    MemorySink sink;
    FakeRandom own(7);
    auto opened = vault::Vault::open(directory, key, clock, own, Logger(sink, LogLevel::error));
    if (!opened) ::_exit(1);
    vault::StoreThread store(**opened, {}, Logger(sink, LogLevel::error));
    for (int i = 0;; ++i) {
      const auto delivery = delivery_of_many(messages(3 * i, 3));
      (void)store.run([&](vault::WriteTransaction& transaction) -> Result<> {
        SIGILO_TRY_DO(transaction.ingest(delivery));
        return {};
      });
      if (i == 20) std::ofstream(ready) << "so";
    }
  }
  while (!std::filesystem::exists(ready) && ::waitpid(writer, nullptr, WNOHANG) == 0)
    ::usleep(1000);
  ::kill(writer, SIGKILL);
  ::waitpid(writer, nullptr, 0);

  const auto report = verify(directory);
  CHECK(shown(problems_of(report)) == "");
  CHECK(report.records > 60);
  const auto second = second_opinion({export_plain(directory, temporary.path() / "plain.db")})[0];
  CHECK(shown(problems_of(second)) == "");
  CHECK(json::integer_at(second, "records") == report.records);
}

TEST_CASE("a byte changed in any page of the file is found, and the stock program finds it too") {
  const LargeVault large;
  const auto file = large.vault.directory() / "vault.db";
  const auto size = std::filesystem::file_size(file);
  constexpr std::uintmax_t page = 8192;
  for (std::uintmax_t number = 1; number < size / page; number += 1 + size / page / 12) {
    const auto copy = copy_of(large.vault.directory(), large.vault.temporary.path() / "copy");
    const auto place = static_cast<std::streamoff>(number * page + 37 * (number % 200));
    std::fstream io(copy / "vault.db", std::ios::binary | std::ios::in | std::ios::out);
    io.seekg(place);
    const char flipped = static_cast<char>(io.get() ^ 1);
    io.seekp(place);
    io.put(flipped);
    io.close();
    INFO("page " << number);
    const auto report = evidence::verify(copy, large.vault.key, {});
    if (report) {
      CHECK_FALSE(report->ok);
      CHECK(shown(problems_of(*report)).find("page-damaged") != std::string::npos);
    } else {
      CHECK(report.error().code == ErrorCode::corrupt);
    }
    const auto stock = sqlcipher(copy / "vault.db", key_lines() + "PRAGMA cipher_integrity_check;");
    CHECK(stock.output.find("HMAC verification failed") != std::string::npos);
  }
}

TEST_CASE("what stands behind a damaged page is still checked") {
  const LargeVault large;
  const auto copy = copy_of(large.vault.directory(), large.vault.temporary.path() / "copy");
  damage(copy, "UPDATE record SET time = time + 1 WHERE seq = 590;");
  // The page that holds record 100.
  const auto found = sqlcipher(
      copy / "vault.db", key_lines() +
                             "SELECT pageno FROM dbstat WHERE name = 'record' AND pagetype = 'leaf'"
                             " ORDER BY path LIMIT 1 OFFSET 9;");
  INFO(found.output);
  const auto number =
      std::stoul(found.output.substr(found.output.find_last_of('\n', found.output.size() - 2) + 1));
  std::fstream io(copy / "vault.db", std::ios::binary | std::ios::in | std::ios::out);
  io.seekp(static_cast<std::streamoff>((number - 1) * 8192 + 100));
  io.write("\0\0\0\0", 4);
  io.close();
  const auto problems = problems_of(verify(copy));
  INFO(shown(problems));
  CHECK(problems.contains({590, "record-altered"}));
  CHECK(std::ranges::count_if(problems, [](const auto& problem) {
          return problem.second == "page-damaged" && problem.first > 0;
        }) == 1);
  CHECK(std::ranges::none_of(
      problems, [](const auto& problem) { return problem.second == "record-missing"; }));
}
