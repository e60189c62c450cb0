// SPDX-License-Identifier: Apache-2.0
// When checkpoints are brought outside, what is recorded, and what both verifiers say of it.
#include "anchor/keeper.hpp"

#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "anchor/directory.hpp"
#include "anchor/time_stamp.hpp"
#include "anchor/witness.hpp"
#include "base/clock.hpp"
#include "crypto/timestamp.hpp"
#include "support/anchors.hpp"
#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;
using std::chrono::hours;

namespace {

/// A place that does what the test says.
struct Script {
  vault::AnchorKind kind = vault::AnchorKind::mail;
  bool takes_all = false;
  std::optional<Error> failure;
  std::vector<std::uint64_t> kept;
};

class ScriptedPlace final : public anchor::Place {
 public:
  explicit ScriptedPlace(Script& script) : script_(script) {}
  [[nodiscard]] vault::AnchorKind kind() const override { return script_.kind; }
  [[nodiscard]] const std::string& where() const override { return where_; }
  [[nodiscard]] bool takes_all() const override { return script_.takes_all; }
  Result<std::string> keep(const vault::KeptCheckpoint& checkpoint) override {
    if (script_.failure) return tl::unexpected(*script_.failure);
    script_.kept.push_back(checkpoint.seq.value());
    return std::string();
  }

 private:
  Script& script_;
  const std::string where_ = "somewhere";
};

struct Kept {
  TestVault vault;
  Script script;
  std::unique_ptr<anchor::Keeper> keeper;

  explicit Kept(Script given = {}) : script(std::move(given)) { restart(); }
  void restart() {
    anchor::Keeper::Places places;
    places.push_back(std::make_unique<ScriptedPlace>(script));
    serve(std::move(places));
  }
  void serve(anchor::Keeper::Places places) {
    keeper = std::make_unique<anchor::Keeper>(std::move(places), hours(24), vault.reader(),
                                              *vault.store, vault.clock, vault.random, vault.log);
  }
  void step() { keeper->step(std::stop_source().get_token()); }
  void checkpoint() {
    must(vault.run([](vault::WriteTransaction& transaction) {
      return transaction.checkpoint().map([](const std::string&) {});
    }));
  }
  [[nodiscard]] std::vector<vault::AnchorRow> rows() const {
    return must(vault.reader().anchors(100));
  }
};

const Error no_answer{ErrorCode::unavailable, "no answer", "wait"};

/// Both verifiers agree; what they found.
Problems verified(Kept& kept) {
  kept.vault.close();
  const auto found = problems_of(verify(kept.vault.directory()));
  const auto plain = export_plain(kept.vault.directory(), kept.vault.temporary.path() / "plain.db");
  const auto second = problems_of(second_opinion({plain}).front());
  INFO(shown(found));
  INFO(shown(second));
  CHECK(found == second);
  kept.vault.open();
  return found;
}

}  // namespace

TEST_CASE("a place that takes all gets each checkpoint once, also across a restart") {
  Kept kept({vault::AnchorKind::directory, true, {}, {}});
  kept.step();
  CHECK(kept.script.kept.empty());  // none was made yet
  kept.checkpoint();
  kept.step();
  kept.step();
  CHECK(kept.script.kept == std::vector<std::uint64_t>{1});
  kept.checkpoint();
  kept.checkpoint();
  kept.restart();
  kept.step();
  CHECK(kept.script.kept == std::vector<std::uint64_t>{1, 3, 4});
  CHECK(kept.rows().size() == 3);
}

TEST_CASE("other places get one in a while, and a new one is made for them if need be") {
  Kept kept;
  kept.checkpoint();
  kept.step();
  CHECK(kept.script.kept == std::vector<std::uint64_t>{1});
  kept.vault.clock.advance(hours(23));
  kept.checkpoint();
  kept.step();
  CHECK(kept.script.kept.size() == 1);
  kept.vault.clock.advance(hours(2));
  kept.step();
  CHECK(kept.script.kept == std::vector<std::uint64_t>{1, 3});
  kept.vault.clock.advance(hours(25));
  kept.restart();
  kept.step();
  CHECK(kept.script.kept == std::vector<std::uint64_t>{1, 3, 5});
}

TEST_CASE("what fails rests and is tried again; what it hides is told in time") {
  Kept kept;
  kept.step();
  kept.script.failure = no_answer;
  kept.vault.clock.advance(hours(25));
  kept.step();
  CHECK(kept.keeper->states().front().failure->attempts == 1);
  CHECK(kept.keeper->attention().empty());
  kept.step();  // it rests
  CHECK(kept.keeper->states().front().failure->attempts == 1);
  kept.vault.clock.advance(hours(24));
  kept.step();
  CHECK(kept.keeper->states().front().failure->attempts == 2);
  REQUIRE(kept.keeper->attention().size() == 1);
  CHECK(kept.keeper->attention().front().find("no answer; wait") != std::string::npos);
  kept.script.failure.reset();
  kept.vault.clock.advance(hours(2));
  kept.step();
  CHECK(kept.keeper->attention().empty());
  CHECK_FALSE(kept.keeper->states().front().failure);
}

TEST_CASE("a place that never took one, and an alarm, are told at once") {
  Kept kept;
  kept.script.failure = no_answer;
  kept.step();
  REQUIRE(kept.keeper->attention().size() == 1);
  CHECK(kept.keeper->attention().front().find(" yet: no answer") != std::string::npos);
  kept.script.failure.reset();
  kept.vault.clock.advance(hours(2));
  kept.step();
  CHECK(kept.keeper->attention().empty());
  kept.script.failure = Error{ErrorCode::corrupt, "another history", "look"};
  kept.vault.clock.advance(hours(25));
  kept.step();
  REQUIRE(kept.keeper->attention().size() == 1);
  CHECK(kept.keeper->attention().front().starts_with("ALARM"));
}

TEST_CASE("a directory that is not mounted has a day") {
  Kept kept({vault::AnchorKind::directory, true, {}, {}});
  kept.checkpoint();
  kept.step();
  kept.checkpoint();
  kept.script.failure = no_answer;
  kept.step();
  kept.vault.clock.advance(hours(23));
  CHECK(kept.keeper->attention().empty());
  kept.vault.clock.advance(hours(1));
  CHECK(kept.keeper->attention().size() == 1);
}

TEST_CASE("the last checkpoint of a run is there before its record, which the next run makes") {
  Kept kept({vault::AnchorKind::directory, true, {}, {}});
  kept.step();
  kept.checkpoint();
  kept.keeper->finish();
  CHECK(kept.script.kept == std::vector<std::uint64_t>{1});
  CHECK(kept.rows().empty());
  kept.restart();
  kept.step();
  CHECK(kept.rows().size() == 1);
}

TEST_CASE("stamped, cosigned and written: both verifiers accept what is recorded") {
  Kept kept;
  StampingAuthority authority;
  kept.vault.clock.set(SystemClock().now());  // the authority's certificates begin today
  CosigningWitness witness(kept.vault);
  TemporaryDirectory share;
  anchor::Keeper::Places places;
  places.push_back(std::make_unique<anchor::Directory>(share.path()));
  places.push_back(std::make_unique<anchor::TimeStamp>(
      anchor::TimeStamp::Settings{"http://tsa.test/", authority.path("root.pem")},
      authority.exchange(), [] {}, kept.vault.clock, kept.vault.random));
  places.push_back(std::make_unique<anchor::Witness>(
      anchor::Witness::Settings{"http://witness.test", witness.key()},
      [&](std::uint64_t old_size, std::uint64_t size) {
        return kept.vault.reader().consistency(old_size, size);
      },
      witness.exchange(), [] {}, kept.vault.clock));
  kept.serve(std::move(places));
  kept.checkpoint();
  kept.step();
  kept.vault.clock.advance(hours(25));
  kept.step();
  CHECK(kept.keeper->attention().empty());
  const auto rows = kept.rows();
  REQUIRE(rows.size() == 5);
  for (const auto& row : rows) {
    if (row.anchor.kind != vault::AnchorKind::rfc3161) continue;
    write_file(share / "note", row.note);
    write_file(share / "token", as_text(must(crypto::from_base64(row.anchor.proof))));
    const auto checked = run(
        fmt::format("openssl ts -verify -data {0}/note -token_in -in {0}/token -CAfile {1} 2>&1",
                    share.path().string(), authority.path("root.pem").string()));
    CHECK(checked.output.find("Verification: OK") != std::string::npos);
  }
  kept.keeper.reset();
  CHECK(verified(kept).empty());
}

TEST_CASE("a record that claims an anchor which doesn't hold is found by both verifiers") {
  Kept kept;
  StampingAuthority authority;
  CosigningWitness witness(kept.vault);
  kept.checkpoint();  // 1
  kept.checkpoint();  // 2
  const auto checkpoints = must(kept.vault.reader().checkpoints_after(Seq(0), 2));
  anchor::TimeStamp stamps(
      {"http://tsa.test/", {}}, authority.exchange(), [] {}, kept.vault.clock, kept.vault.random);
  anchor::Witness cosigns(
      {"http://witness.test", witness.key()}, {}, witness.exchange(), [] {}, kept.vault.clock);
  const auto token = must(stamps.keep(checkpoints[0]));
  const auto line = must(cosigns.keep(checkpoints[0]));
  const auto digest = [&](std::size_t i) { return crypto::sha256(as_bytes(checkpoints[i].note)); };
  const std::vector<std::pair<vault::Anchor, bool>> claims{
      {{vault::AnchorKind::rfc3161, Seq(1), digest(0), "http://tsa.test/", token}, true},
      {{vault::AnchorKind::witness, Seq(1), digest(0), witness.key(), line}, true},
      {{vault::AnchorKind::directory, Seq(1), digest(0), "/mnt", ""}, true},
      {{vault::AnchorKind::rfc3161, Seq(2), digest(1), "http://tsa.test/", token},
       false},  // stamps another note
      {{vault::AnchorKind::rfc3161, Seq(1), digest(0), "http://tsa.test/", "AAAA"}, false},
      {{vault::AnchorKind::witness, Seq(2), digest(1), witness.key(), line},
       false},  // cosigns another
      {{vault::AnchorKind::witness, Seq(1), digest(0), "no key", line}, false},
      {{vault::AnchorKind::directory, Seq(1), digest(1), "/mnt", ""}, false},   // of another note
      {{vault::AnchorKind::directory, Seq(0), digest(0), "/mnt", ""}, false},   // no checkpoint
      {{vault::AnchorKind::directory, Seq(99), digest(0), "/mnt", ""}, false},  // not before it
      {{vault::AnchorKind::mail, Seq(1), digest(0), "a@b.example", "x"}, false},
  };
  Problems expected;
  std::int64_t seq = 3;
  for (const auto& [claim, good] : claims) {
    must(kept.vault.run([&](vault::WriteTransaction& transaction) {
      return transaction.append(RecordKind::service, vault::anchor_body(claim)).map([](Seq) {});
    }));
    if (!good) expected.emplace(seq, "body-invalid");
    ++seq;
  }
  kept.keeper.reset();
  const auto found = verified(kept);
  INFO(shown(found));
  CHECK(found == expected);
}
