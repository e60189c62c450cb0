// SPDX-License-Identifier: Apache-2.0
#include "ledger/consistency.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/tree.hpp"

using namespace sigilo;
using namespace sigilo::ledger;
using Kind = Comparison::Kind;

namespace {

const std::string vault = "0b0e2c1e-6a1f-4b47-9a63-0f0e2d1c3b4a";

crypto::SigningKey key_of(std::uint8_t seed) {
  return *crypto::SigningKey::from_seed(Bytes(32, seed));
}

/// A vault whose epochs 1 and 2 are named by records 100 and 300.
VaultView view_of(test::MemoryLog& log) {
  VaultView view{vault, log.size(), log.tiles(), {}, true};
  view.keys.push_back({0, 0, key_of(1).public_key()});
  if (log.size() > 100) view.keys.push_back({1, 100, key_of(2).public_key()});
  if (log.size() > 300) view.keys.push_back({2, 300, key_of(3).public_key()});
  return view;
}

std::string kept(test::MemoryLog& log, std::uint64_t size) {
  const std::uint8_t seed = size <= 100 ? 1 : size <= 300 ? 2 : 3;
  return sign_checkpoint({origin_of(vault), size, log.root(size)}, key_of(seed));
}

Comparison compare(const std::string& note, const VaultView& view) {
  auto comparison = compare_checkpoint(note, view);
  REQUIRE(comparison);
  CHECK_FALSE(comparison->what.empty());
  CHECK((comparison->kind == Kind::consistent) == comparison->meaning.empty());
  return *comparison;
}

}  // namespace

TEST_CASE("a vault that went on from a checkpoint is consistent with it, and proves it") {
  test::MemoryLog log(600);
  const auto view = view_of(log);
  for (std::uint64_t size = 0; size <= log.size(); ++size) {
    CAPTURE(size);
    const auto comparison = compare(kept(log, size), view);
    REQUIRE(comparison.kind == Kind::consistent);
    CHECK(comparison.is_authentic());
    CHECK(comparison.kept->size == size);
    CHECK(comparison.epoch == (size <= 100 ? 0U : size <= 300 ? 1U : 2U));
    if (size > 0)
      CHECK(verify_consistency(size, comparison.kept->root, 600, log.root(600), comparison.proof));
  }
  CHECK(compare(kept(log, 500), view).what ==
        "the vault begins with the 500 records that the checkpoint certifies; 100 came since");
}

TEST_CASE("an empty checkpoint must state the root of nothing") {
  test::MemoryLog log(10);
  const auto note = sign_checkpoint({origin_of(vault), 0, log.root(1)}, key_of(1));
  CHECK(compare(note, view_of(log)).kind == Kind::fork);
}

TEST_CASE("a checkpoint of another vault is told from one that contradicts") {
  test::MemoryLog log(10);
  const auto note = sign_checkpoint({origin_of("another"), 5, log.root(5)}, key_of(1));
  const auto comparison = compare(note, view_of(log));
  CHECK(comparison.kind == Kind::another_vault);
  CHECK_FALSE(comparison.is_authentic());
}

TEST_CASE("more records certified than there are: cut off, or an older backup") {
  test::MemoryLog whole(90);
  test::MemoryLog shorter(60);
  auto view = view_of(shorter);
  const auto back = compare(kept(whole, 90), view);
  CHECK(back.kind == Kind::rolled_back);
  CHECK(back.what ==
        "the checkpoint certifies 90 records; the vault has 60: at least 30 are missing");
  view.whole = false;
  CHECK(compare(kept(whole, 90), view).kind == Kind::truncated);
  CHECK(compare(kept(whole, 60), view).kind == Kind::consistent);
  CHECK(compare(kept(whole, 61), view).kind == Kind::truncated);
}

TEST_CASE("a cut before the record that names the checkpoint's key leaves its key unknown") {
  test::MemoryLog whole(200);
  test::MemoryLog shorter(60);
  const auto comparison = compare(kept(whole, 200), view_of(shorter));
  CHECK(comparison.kind == Kind::unknown_key);
  CHECK(comparison.meaning.find("missing from the vault's end") != std::string::npos);
}

TEST_CASE("other records under the same or a smaller number are a fork") {
  test::MemoryLog log(600);
  test::MemoryLog other(600, "another ");
  const auto view = view_of(log);
  for (const std::uint64_t size : {1, 99, 256, 599, 600}) {
    CAPTURE(size);
    const auto comparison = compare(kept(other, size), view);
    CHECK(comparison.kind == Kind::fork);
    CHECK(comparison.is_authentic());
    CHECK(comparison.proof.empty());
  }
}

TEST_CASE("several checkpoints tell where two histories part") {
  test::MemoryLog original(90);
  test::MemoryLog restored(40);
  for (int i = 0; i < 60; ++i) restored.append("after the restoration " + std::to_string(i));
  const auto view = view_of(restored);
  std::vector<Comparison> comparisons;
  for (const std::uint64_t size : {80, 30, 50, 40, 20})
    comparisons.push_back(compare(kept(original, size), view));
  const auto extent = extent_of(comparisons);
  CHECK(extent.proven == 40);
  CHECK(extent.contradicted == 50);
  CHECK(extent_of({}).proven == 0);
  CHECK_FALSE(extent_of({}).contradicted);
}

TEST_CASE("what nobody signed proves nothing, neither for the vault nor against it") {
  test::MemoryLog log(90);
  const auto view = view_of(log);
  const auto forged =
      compare(sign_checkpoint({origin_of(vault), 80, log.root(80)}, key_of(9)), view);
  CHECK(forged.kind == Kind::unknown_key);
  CHECK(forged.meaning.find("forgery") != std::string::npos);
  std::string altered = kept(log, 80);
  altered.replace(altered.find("\n80\n"), 4, "\n81\n");
  const auto bad = compare(altered, view);
  CHECK(bad.kind == Kind::bad_signature);
  CHECK(bad.kept->size == 81);
  const auto note = kept(log, 80);
  const auto unsigned_note = note.substr(0, note.find("\n\n") + 2) + "\u2014 stranger AAAAAAAA\n";
  CHECK(compare(unsigned_note, view).kind == Kind::unknown_key);
  CHECK(extent_of({forged, bad}).proven == 0);
  CHECK_FALSE(extent_of({forged, bad}).contradicted);
}

TEST_CASE("a key signs only the numbers of its own epoch") {
  test::MemoryLog log(600);
  const auto view = view_of(log);
  const auto kind = [&](std::uint64_t size, std::uint8_t seed) {
    return compare(sign_checkpoint({origin_of(vault), size, log.root(size)}, key_of(seed)), view)
        .kind;
  };
  CHECK(kind(100, 1) == Kind::consistent);
  CHECK(kind(101, 1) == Kind::wrong_epoch);
  CHECK(kind(100, 2) == Kind::wrong_epoch);
  CHECK(kind(101, 2) == Kind::consistent);
  CHECK(kind(300, 2) == Kind::consistent);
  CHECK(kind(301, 2) == Kind::wrong_epoch);
  CHECK(kind(300, 3) == Kind::wrong_epoch);
  CHECK(kind(600, 3) == Kind::consistent);
  // A stolen old key can't make the vault look cut off.
  const auto stolen = sign_checkpoint({origin_of(vault), 5000, log.root(1)}, key_of(1));
  CHECK(compare(stolen, view).kind == Kind::wrong_epoch);
}

TEST_CASE("what is no checkpoint is said to be none, with what to do") {
  test::MemoryLog log(5);
  for (const char* text : {"", "a letter\n", "sigilo/x\n1\nAAAA\n\n\u2014 x AAAAAAAA\n"}) {
    const auto comparison = compare(text, view_of(log));
    CHECK(comparison.kind == Kind::no_checkpoint);
    CHECK_FALSE(comparison.kept);
  }
}

TEST_CASE("a vault whose tiles are missing or contradict each other is an error, not an answer") {
  test::MemoryLog log(300);
  auto view = view_of(log);
  const auto note = kept(log, 200);
  const auto tiles = view.tiles;
  view.tiles = [](int, std::uint64_t) -> Result<Tile> {
    return fail(ErrorCode::corrupt, "the disk is gone");
  };
  CHECK_FALSE(compare_checkpoint(note, view));
  // The stored root of the first 256 leaves is wrong: 200 still fits, and no proof to 300 does.
  view.tiles = [&](int level, std::uint64_t index) {
    auto tile = tiles(level, index);
    if (tile && level == 1) tile->hashes[0].bytes[0] ^= 1;
    return tile;
  };
  CHECK(compare_checkpoint(note, view).error().code == ErrorCode::corrupt);
}

TEST_CASE("each kind of comparison has a name of its own") {
  std::vector<std::string_view> names;
  for (const auto kind :
       {Kind::consistent, Kind::another_vault, Kind::truncated, Kind::rolled_back, Kind::fork,
        Kind::unknown_key, Kind::wrong_epoch, Kind::bad_signature, Kind::no_checkpoint}) {
    for (const auto& name : names) CHECK(name != name_of(kind));
    names.push_back(name_of(kind));
  }
}
