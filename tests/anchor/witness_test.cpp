// SPDX-License-Identifier: Apache-2.0
// Against tests/support/witness_server.py, which checks signatures and proofs for itself.
#include "anchor/witness.hpp"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "ledger/cosignature.hpp"
#include "support/anchors.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

struct Witnessed {
  TestVault vault;
  CosigningWitness witness{vault};
  std::unique_ptr<anchor::Witness> place = fresh();

  /// As after a restart: what the witness saw is not known.
  std::unique_ptr<anchor::Witness> fresh() {
    return std::make_unique<anchor::Witness>(
        anchor::Witness::Settings{"https://witness.test/log", witness.key()},
        [this](std::uint64_t old_size, std::uint64_t size) {
          return vault.reader().consistency(old_size, size);
        },
        witness.exchange(), [] {}, vault.clock);
  }
  vault::KeptCheckpoint checkpoint() {
    must(vault.run([](vault::WriteTransaction& transaction) {
      return transaction.checkpoint().map([](const std::string&) {});
    }));
    return *must(vault.reader().newest_checkpoint());
  }
  Error refused(std::string options = "") {
    witness.options = std::move(options);
    const auto kept = place->keep(checkpoint());
    REQUIRE_FALSE(kept);
    return kept.error();
  }
};

}  // namespace

TEST_CASE("a witness cosigns what follows from what it saw, and its line holds on the note") {
  Witnessed witnessed;
  const auto key = must(ledger::parse_witness_key(witnessed.witness.key()));
  for (int i = 0; i < 3; ++i) {
    const auto checkpoint = witnessed.checkpoint();
    const auto line = witnessed.place->keep(checkpoint);
    REQUIRE(line);
    CHECK(must(ledger::cosignatures_on(checkpoint.note + *line, {key})).size() == 1);
  }
  REQUIRE(witnessed.witness.requests.size() == 3);
  CHECK(witnessed.witness.requests[0].url == "https://witness.test/log/add-checkpoint");
  CHECK(witnessed.witness.requests[0].body.starts_with("old 0\n\n"));
  CHECK(witnessed.witness.requests[2].body.starts_with("old 2\n"));
}

TEST_CASE("after a restart it says from where it wants the proof, and gets it") {
  Witnessed witnessed;
  REQUIRE(witnessed.place->keep(witnessed.checkpoint()));
  witnessed.place = witnessed.fresh();
  REQUIRE(witnessed.place->keep(witnessed.checkpoint()));
  REQUIRE(witnessed.witness.requests.size() == 3);
  CHECK(witnessed.witness.requests[2].body.starts_with("old 1\n"));
}

TEST_CASE("only the lines of the witness that is asked are kept") {
  Witnessed witnessed;
  witnessed.witness.options = "--fault extra";
  const auto line = witnessed.place->keep(witnessed.checkpoint());
  REQUIRE(line);
  CHECK(std::ranges::count(*line, '\n') == 1);
}

TEST_CASE("what a witness answers wrongly is no cosignature") {
  Witnessed witnessed;
  CHECK(witnessed.refused("--fault busy").code == ErrorCode::unavailable);
  CHECK(witnessed.refused("--fault garbage").code != ErrorCode::corrupt);
  CHECK(witnessed.refused("--fault wrong-key").code == ErrorCode::crypto);
  CHECK(witnessed.refused("--fault wrong-time").code == ErrorCode::crypto);
  CHECK(witnessed.refused("--fault other-checkpoint").code == ErrorCode::crypto);
}

TEST_CASE("a witness that knows the vault but not today's key says what its operator needs") {
  Witnessed witnessed;
  auto& log = witnessed.witness.log;
  log = log.substr(0, log.find('=') + 1) + std::string(64, '1');
  const auto error = witnessed.refused();
  CHECK(error.code == ErrorCode::refused);
  CHECK(error.remedy.find("key") != std::string::npos);
}

TEST_CASE("a vault that was put back to an older state is an alarm") {
  Witnessed witnessed;
  const auto old = witnessed.checkpoint();
  REQUIRE(witnessed.place->keep(witnessed.checkpoint()));
  const auto kept = witnessed.place->keep(old);
  REQUIRE_FALSE(kept);
  CHECK(kept.error().code == ErrorCode::corrupt);
}

TEST_CASE("a key that can't be read is told before anybody is asked") {
  Witnessed witnessed;
  anchor::Witness place(
      {"https://witness.test", "witness.test+00000000+AAAA"}, {}, witnessed.witness.exchange(),
      [] {}, witnessed.vault.clock);
  CHECK_FALSE(place.keep(witnessed.checkpoint()));
  CHECK(witnessed.witness.requests.empty());
}
