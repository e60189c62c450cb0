// SPDX-License-Identifier: Apache-2.0
#include "vault/store.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <map>
#include <stdexcept>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/random.hpp"
#include "ledger/record.hpp"
#include "support/vault.hpp"
#include "vault/impl.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

/// Holds the store thread until release(), so that what is submitted meanwhile becomes one group.
class Hold {
 public:
  explicit Hold(vault::StoreThread& store) {
    REQUIRE(store.submit(
        [this](vault::WriteTransaction&) -> Result<> {
          entered_.set_value();
          released_.get_future().wait();
          return {};
        },
        [](Result<>) {}));
    entered_.get_future().wait();
  }
  void release() { released_.set_value(); }

 private:
  std::promise<void> entered_, released_;
};

/// Outcomes of submissions in the order of their Done calls.
struct Outcomes {
  std::mutex mutex;
  std::vector<std::pair<std::string, bool>> list;
  vault::Done as(std::string name) {
    return [this, name](Result<> outcome) {
      const std::lock_guard guard(mutex);
      list.emplace_back(name, outcome.has_value());
    };
  }
};

vault::Work store_text(const std::string& id, std::size_t size = 20) {
  return [delivery = delivery_of({.id = id, .text = std::string(size, 'x')})](
             vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY_DO(transaction.ingest(delivery));
    return {};
  };
}

/// Every record's signature, root, commitment and the stored tree, computed again.
std::vector<std::string> check_chain(const TestVault& vault) {
  auto audit = vault.audit();
  ledger::Frontier frontier;
  std::vector<crypto::Digest> leaves;
  std::vector<std::string> bodies;
  must(audit.each_record(0, [&](vault::RawRecord&& raw) {
    ledger::Header header;
    header.vault = audit.uuid();
    header.seq = Seq(frontier.size());
    header.time = Timestamp::from_micros(*raw.time);
    header.kind = *parse_record_kind(*raw.kind);
    header.epoch = Epoch(static_cast<std::uint64_t>(*raw.epoch));
    header.root = frontier.root();
    CHECK(raw.seq == static_cast<std::int64_t>(frontier.size()));
    CHECK(*raw.root == as_text(header.root.view()));
    ledger::Salt salt;
    std::copy(raw.salt->begin(), raw.salt->end(), salt.begin());
    header.body = ledger::commitment(salt, *raw.body);
    CHECK(*raw.commitment == as_text(header.body.view()));
    leaves.push_back(
        ledger::leaf_hash(header, must(crypto::Signature::from(as_bytes(*raw.signature)))));
    frontier.append(leaves.back());
    bodies.push_back(*raw.body);
    return true;
  }));
  const auto root =
      ledger::root_at(leaves.size(), [&](int level, std::uint64_t index) -> Result<ledger::Tile> {
        SIGILO_TRY(const auto raw, audit.tile(level, index));
        REQUIRE(raw);
        ledger::Tile tile{level, index, {}};
        for (std::size_t at = 0; at < raw->hashes.size(); at += 32)
          tile.hashes.push_back(
              must(crypto::Digest::from(as_bytes(std::string_view(raw->hashes).substr(at, 32)))));
        return tile;
      });
  CHECK(must(Result<crypto::Digest>(root)) == frontier.root());
  CHECK(must(audit.file_problems()).empty());
  return bodies;
}

std::map<std::string, int> stored_ids(const TestVault& vault) {
  std::map<std::string, int> ids;
  for (const auto& row : must(vault.reader().messages({.limit = vault::max_rows})))
    ++ids[row.stored.event.provider_id];
  return ids;
}

}  // namespace

TEST_CASE("what waits together is committed together, and the group's end is told once") {
  std::atomic<int> groups = 0;
  TestVault vault({.after_group = [&] { ++groups; }});
  Outcomes outcomes;
  Hold hold(*vault.store);
  for (int i = 0; i < 100; ++i)
    REQUIRE(vault.store->submit(store_text(std::to_string(i)), outcomes.as(std::to_string(i))));
  CHECK(vault.store->waiting() == 100);
  hold.release();
  vault.store.reset();
  CHECK(groups == 2);
  REQUIRE(outcomes.list.size() == 100);
  for (int i = 0; i < 100; ++i)
    CHECK(outcomes.list[static_cast<std::size_t>(i)] == std::pair(std::to_string(i), true));
  CHECK(check_chain(vault).size() == 101);
}

TEST_CASE("no group is larger than allowed") {
  std::atomic<int> groups = 0;
  TestVault vault({.group = 10, .after_group = [&] { ++groups; }});
  Hold hold(*vault.store);
  for (int i = 0; i < 25; ++i)
    REQUIRE(vault.store->submit(store_text(std::to_string(i)), [](Result<>) {}));
  hold.release();
  vault.store.reset();
  CHECK(groups == 4);
}

TEST_CASE("a full queue says so, and takes work again later") {
  TestVault vault({.queue = 3});
  Hold hold(*vault.store);
  for (int i = 0; i < 3; ++i)
    REQUIRE(vault.store->submit(store_text(std::to_string(i)), [](Result<>) {}));
  CHECK(
      !vault.store->submit(store_text("4"), [](Result<>) { FAIL("refused work has no outcome"); }));
  CHECK(vault.run(store_text("5")).error().code == ErrorCode::unavailable);
  hold.release();
  while (vault.store->waiting() > 0) std::this_thread::yield();
  CHECK(vault.run(store_text("6")));
}

TEST_CASE("work that fails by itself is undone alone, and nothing of it stays in memory either") {
  TestVault vault;
  Outcomes outcomes;
  const auto failing = [](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY_DO(transaction.ingest(delivery_of({.id = "undone", .party = "+5491170000003"})));
    return fail(ErrorCode::invalid_input, "by design");
  };
  const auto throwing = [](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY_DO(transaction.ingest(delivery_of({.id = "thrown", .party = "+5491170000004"})));
    throw std::runtime_error("by design");
  };
  Hold hold(*vault.store);
  REQUIRE(vault.store->submit(store_text("a"), outcomes.as("a")));
  REQUIRE(vault.store->submit(failing, outcomes.as("failing")));
  REQUIRE(vault.store->submit(store_text("b"), outcomes.as("b")));
  REQUIRE(vault.store->submit(throwing, outcomes.as("throwing")));
  REQUIRE(vault.store->submit(store_text("c"), outcomes.as("c")));
  hold.release();
  // The conversations' ids of what was undone must not be believed.
  vault.ingest(delivery_of({.id = "later", .party = "+5491170000003"}));
  vault.ingest(delivery_of({.id = "later still", .party = "+5491170000004"}));
  CHECK(outcomes.list ==
        std::vector<std::pair<std::string, bool>>{
            {"a", true}, {"failing", false}, {"b", true}, {"throwing", false}, {"c", true}});
  CHECK(check_chain(vault).size() == 6);
  CHECK(stored_ids(vault).count("undone") == 0);
  const auto of_party = must(vault.reader().messages({.party = "+5491170000003"}));
  REQUIRE(of_party.size() == 1);
  CHECK(of_party[0].stored.event.provider_id == "later");
  const auto summary = must(vault.reader().summary());
  CHECK(summary.counters.at("messages") == 5);
  CHECK(summary.lines.at("+5491150000001").events == 5);
}

TEST_CASE("an epoch ends between two groups") {
  TestVault vault;
  Outcomes outcomes;
  Hold hold(*vault.store);
  REQUIRE(vault.store->submit(store_text("a"), outcomes.as("a")));
  REQUIRE(vault.store->roll_epoch(outcomes.as("roll")));
  REQUIRE(vault.store->submit(store_text("b"), outcomes.as("b")));
  hold.release();
  vault.store.reset();
  CHECK(outcomes.list ==
        std::vector<std::pair<std::string, bool>>{{"a", true}, {"roll", true}, {"b", true}});
  CHECK(vault.opened->epoch() == Epoch(1));
  CHECK(check_chain(vault).size() == 4);
}

TEST_CASE("the ledger goes on over restarts across full tiles") {
  TestVault vault;
  int stored = 0;
  for (const int until : {1, 2, 255, 256, 257, 511, 513, 700}) {
    std::vector<TestMessage> messages;
    for (; stored < until; ++stored) messages.push_back({.id = std::to_string(stored)});
    vault.ingest(delivery_of_many(messages));
    vault.close();
    vault.open();
    CHECK(vault.opened->records() == static_cast<std::uint64_t>(until) + 1);
  }
  check_chain(vault);
}

TEST_CASE(
    "a full disk fails the group as a whole, and storing goes on by itself when there is room") {
  TestVault vault;
  REQUIRE(vault.run(store_text("before")));
  vault.store.reset();
  auto& database = vault.opened->impl().database;
  const auto pages = must(database.integer("PRAGMA page_count"));
  must(database.execute(fmt::format("PRAGMA max_page_count = {}", pages + 10).c_str()));
  vault.store = std::make_unique<vault::StoreThread>(*vault.opened, vault.settings, vault.log);

  Outcomes outcomes;
  {
    Hold hold(*vault.store);
    REQUIRE(vault.store->submit(store_text("small"), outcomes.as("small")));
    REQUIRE(vault.store->submit(store_text("large", 1'000'000), outcomes.as("large")));
    hold.release();
  }
  const auto full = vault.run(store_text("large", 1'000'000));
  REQUIRE(!full);
  CHECK(full.error().code == ErrorCode::no_space);
  CHECK(outcomes.list ==
        std::vector<std::pair<std::string, bool>>{{"small", false}, {"large", false}});
  CHECK(vault.run(store_text("fits")));
  check_chain(vault);
  CHECK(!vault.run(store_text("large", 1'000'000)));

  vault.store.reset();
  must(database.execute("PRAGMA max_page_count = 4294967294"));
  vault.store = std::make_unique<vault::StoreThread>(*vault.opened, vault.settings, vault.log);
  CHECK(vault.run(store_text("large", 1'000'000)));
  CHECK(stored_ids(vault) == std::map<std::string, int>{{"before", 1}, {"fits", 1}, {"large", 1}});
  check_chain(vault);
  const auto lines = vault.sink.lines();
  CHECK(std::count_if(lines.begin(), lines.end(),
                      [](const auto& line) { return line.first == LogLevel::error; }) == 2);
  CHECK(vault.sink.has("storing works again"));
}

TEST_CASE(
    "a file that may not grow is a full disk, and the vault is whole when the limit is gone") {
  TestVault vault;
  REQUIRE(vault.run(store_text("before")));
  vault.close();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {  // no Catch2 in here: only the exit code speaks
    ::signal(SIGXFSZ, SIG_IGN);
    vault.open();
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 300'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    Result<> outcome;
    int stored = 0;
    while (outcome && stored < 1000)
      outcome = vault.run(store_text(fmt::format("n{}", stored++), 20'000));
    const bool refused = !outcome && outcome.error().code == ErrorCode::no_space;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const bool again = vault.run(store_text("again", 20'000)).has_value();
    vault.close();
    ::_exit(refused && again ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  vault.open();
  CHECK(stored_ids(vault)["before"] == 1);
  CHECK(stored_ids(vault)["again"] == 1);
  check_chain(vault);
}

TEST_CASE("whatever was confirmed before a kill is there exactly once, and the chain is whole") {
  TestVault vault;
  vault.close();
  std::map<std::string, int> confirmed;
  std::uint64_t seed = 7;
  for (int round = 0; round < 6; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(ends[0]);
      vault.open();
      for (int i = 0;; ++i) {
        const std::string id = fmt::format("{}-{}", round, i);
        while (!vault.store->submit(store_text(id, 300), [id, end = ends[1]](Result<> outcome) {
          const std::string line = id + "\n";  // one write under PIPE_BUF: whole or not at all
          if (outcome && ::write(end, line.data(), line.size()) < 0) ::_exit(1);
        }))
          std::this_thread::yield();
        if (i % 500 == 499 && !vault.store->roll_epoch([](Result<>) {})) ::_exit(1);
      }
    }
    ::close(ends[1]);
    // Killed after a random number of confirmations, in the middle of whatever it does then.
    seed = seed * 6364136223846793005 + 1442695040888963407;
    auto until = 50 + (seed >> 33) % 3000;
    FILE* stream = ::fdopen(ends[0], "r");
    char line[64];
    while (std::fgets(line, sizeof line, stream) != nullptr) {
      ++confirmed[std::string(line).substr(0, std::string(line).size() - 1)];
      if (--until == 0) ::kill(child, SIGKILL);
    }
    std::fclose(stream);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
  }
  vault.open();
  auto stored = stored_ids(vault);
  REQUIRE(confirmed.size() > 300);
  for (const auto& [id, times] : confirmed) {
    INFO(id);
    CHECK(times == 1);
    CHECK(stored[id] == 1);
  }
  for (const auto& [id, times] : stored) CHECK(times == 1);
  check_chain(vault);
  // And the provider, which saw no answer for some, sends all of them again.
  const auto some = confirmed.begin()->first;
  CHECK(vault.ingest(delivery_of({.id = some, .text = std::string(300, 'x')})).duplicates == 1);
}

TEST_CASE("the write-ahead log is copied into the file and does not grow without end") {
  TestVault vault;
  const auto size = [&](const char* name) {
    return std::filesystem::file_size(vault.directory() / name);
  };
  int stored = 0;
  while (stored < 60) REQUIRE(vault.run(store_text(std::to_string(stored++), 300'000)));
  // Another thread copies: on a slow machine it ends some commits later.
  while (size("vault.db") < 12 << 20 && stored < 10'000)
    REQUIRE(vault.run(store_text(std::to_string(stored++), 100)));
  CHECK(stored < 10'000);
  CHECK(size("vault.db-wal") < 24 << 20);
}

TEST_CASE("a reader's long snapshot neither stops the writer nor changes under it") {
  TestVault vault;
  REQUIRE(vault.run(store_text("a")));
  auto audit = vault.audit();
  const auto before = must(audit.record_count());
  for (int i = 0; i < 30; ++i) REQUIRE(vault.run(store_text(std::to_string(i), 300'000)));
  CHECK(must(audit.record_count()) == before);
  CHECK(must(vault.audit().record_count()) == before + 30);
}
