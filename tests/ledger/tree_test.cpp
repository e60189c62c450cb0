// SPDX-License-Identifier: Apache-2.0
#include "ledger/tree.hpp"

#include <map>
#include <span>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"

using namespace sigilo;
using namespace sigilo::ledger;
using crypto::Digest;
using Digests = std::vector<Digest>;
using Leaves = std::span<const Digest>;

namespace {

Digest leaf_of(std::string_view data) {
  return crypto::Sha256().update(Bytes{0}).update(as_bytes(data)).finish();
}

Digests some_leaves(std::size_t count) {
  Digests leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_of("record " + std::to_string(i)));
  return leaves;
}

/// RFC 6962, sections 2.1 to 2.1.2, word for word; roots of large parts are remembered, nothing
/// else.
class Definition {
 public:
  /// MTH(D[n])
  Digest root(Leaves d) {
    if (d.empty()) return crypto::sha256({});
    if (d.size() == 1) return d[0];
    const auto known = d.size() < 64 ? roots_.end() : roots_.find({d.data(), d.size()});
    if (known != roots_.end()) return known->second;
    const std::size_t k = split_of(d.size());
    const Digest left = root(d.first(k));
    const Digest right = root(d.subspan(k));
    const Digest both =
        crypto::Sha256().update(Bytes{1}).update(left.view()).update(right.view()).finish();
    if (d.size() >= 64) roots_[{d.data(), d.size()}] = both;
    return both;
  }

  /// PATH(m, D[n])
  Digests path(std::size_t m, Leaves d) {
    if (d.size() == 1) return {};
    const std::size_t k = split_of(d.size());
    Digests proof = m < k ? path(m, d.first(k)) : path(m - k, d.subspan(k));
    proof.push_back(m < k ? root(d.subspan(k)) : root(d.first(k)));
    return proof;
  }

  /// SUBPROOF(m, D[n], b)
  Digests subproof(std::size_t m, Leaves d, bool b) {
    if (m == d.size()) return b ? Digests{} : Digests{root(d)};
    const std::size_t k = split_of(d.size());
    Digests proof = m <= k ? subproof(m, d.first(k), b) : subproof(m - k, d.subspan(k), false);
    proof.push_back(m <= k ? root(d.subspan(k)) : root(d.first(k)));
    return proof;
  }

 private:
  /// The largest power of two smaller than n.
  static std::size_t split_of(std::size_t n) {
    std::size_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  }

  std::map<std::pair<const Digest*, std::size_t>, Digest> roots_;
};

/// What a vault does with tiles: the newest version of each is kept.
struct Shelf {
  std::map<std::pair<int, std::uint64_t>, Tile> tiles;
  std::size_t reads = 0;

  void keep(std::vector<Tile> changed) {
    for (auto& tile : changed) tiles[{tile.level, tile.index}] = std::move(tile);
  }
  [[nodiscard]] TileReader reader() {
    return [this](int level, std::uint64_t index) -> Result<Tile> {
      ++reads;
      const auto found = tiles.find({level, index});
      if (found == tiles.end()) return fail(ErrorCode::not_found, "no such tile");
      return found->second;
    };
  }
  /// The last tile of each level, as a vault reads them when it opens.
  [[nodiscard]] std::vector<Tile> open() const {
    std::vector<Tile> last;
    for (const auto& [name, tile] : tiles) {
      if (last.size() <= static_cast<std::size_t>(name.first)) last.emplace_back();
      last.back() = tile;
    }
    return last;
  }
};

Shelf shelf_of(Leaves leaves) {
  Shelf shelf;
  TileWriter writer;
  for (const auto& leaf : leaves) writer.append(leaf);
  shelf.keep(writer.take_changed());
  return shelf;
}

Digest bent(Digest digest) {
  digest.bytes[13] ^= 4;
  return digest;
}

/// Every way of damaging a proof that changes its meaning: a bent hash, one too few, one too many,
/// two exchanged.
std::vector<Digests> damaged(const Digests& proof) {
  std::vector<Digests> all;
  for (std::size_t i = 0; i < proof.size(); ++i) {
    all.push_back(proof);
    all.back()[i] = bent(proof[i]);
    all.push_back(proof);
    all.back().erase(all.back().begin() + static_cast<std::ptrdiff_t>(i));
    if (i > 0) {
      all.push_back(proof);
      std::swap(all.back()[i], all.back()[i - 1]);
    }
  }
  all.push_back(proof);
  all.back().push_back(leaf_of("one more"));
  return all;
}

const std::size_t boundaries[] = {255,    256,    257,    511,    512,    513,
                                  65'535, 65'536, 65'537, 65'792, 65'793, 66'000};

}  // namespace

TEST_CASE("the tree of the Certificate Transparency test vectors has their roots") {
  const char* const inputs[] = {"",
                                "00",
                                "10",
                                "2021",
                                "3031",
                                "40414243",
                                "5051525354555657",
                                "606162636465666768696a6b6c6d6e6f"};
  const char* const roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                               "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                               "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                               "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                               "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                               "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                               "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Frontier frontier;
  CHECK(frontier.root().hex() ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < 8; ++i) {
    frontier.append(leaf_of(as_text(*crypto::from_hex(inputs[i]))));
    CHECK(frontier.root().hex() == roots[i]);
  }
}

TEST_CASE(
    "the frontier has the root of the definition after each append, and goes on from its parts") {
  Definition naive;
  const auto leaves = some_leaves(300);
  Frontier frontier;
  CHECK(frontier.root() == empty_root());
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    frontier.append(leaves[size - 1]);
    REQUIRE(frontier.size() == size);
    REQUIRE(frontier.root() == naive.root(Leaves(leaves).first(size)));
    auto resumed = Frontier::from(size, frontier.hashes());
    REQUIRE(resumed);
    CHECK(resumed->root() == frontier.root());
    frontier = *resumed;
  }
}

TEST_CASE("a frontier with too many or too few hashes for its size is refused") {
  CHECK(Frontier::from(0, {}));
  CHECK_FALSE(Frontier::from(0, some_leaves(1)));
  CHECK_FALSE(Frontier::from(7, some_leaves(2)));
  CHECK_FALSE(Frontier::from(8, some_leaves(2)));
  CHECK(Frontier::from(7, some_leaves(3)));
  CHECK(Frontier::from(~std::uint64_t{0}, some_leaves(64)));
}

TEST_CASE("a copied frontier undoes what its original went on to append") {
  Definition naive;
  const auto leaves = some_leaves(12);
  Frontier frontier;
  for (const auto& leaf : Leaves(leaves).first(7)) frontier.append(leaf);
  const Frontier before = frontier;
  for (const auto& leaf : Leaves(leaves).subspan(7)) frontier.append(leaf);
  CHECK(before.root() == naive.root(Leaves(leaves).first(7)));
  CHECK(frontier.root() == naive.root(leaves));
}

TEST_CASE(
    "each inclusion proof of each small tree is the definition's and verifies; no damaged one "
    "does") {
  Definition naive;
  const auto leaves = some_leaves(71);
  auto shelf = shelf_of(leaves);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const auto d = Leaves(leaves).first(size);
    const auto root = naive.root(d);
    REQUIRE(root_at(size, shelf.reader()) == root);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, shelf.reader());
      REQUIRE(proof);
      REQUIRE(*proof == naive.path(index, d));
      REQUIRE(verify_inclusion(leaves[index], index, size, *proof, root));
      REQUIRE_FALSE(verify_inclusion(bent(leaves[index]), index, size, *proof, root));
      REQUIRE_FALSE(verify_inclusion(leaves[index], index, size, *proof, bent(root)));
      REQUIRE_FALSE(verify_inclusion(leaves[index], index + 1, size, *proof, root));
      REQUIRE_FALSE(verify_inclusion(leaves[index], index, size * 2 + 1, *proof, root));
      if (size % 8 != 7) continue;
      for (const auto& wrong : damaged(*proof))
        REQUIRE_FALSE(verify_inclusion(leaves[index], index, size, wrong, root));
    }
  }
}

TEST_CASE(
    "each consistency proof of each small tree is the definition's and verifies; no damaged one "
    "does") {
  Definition naive;
  const auto leaves = some_leaves(71);
  auto shelf = shelf_of(leaves);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const auto d = Leaves(leaves).first(size);
    const auto root = naive.root(d);
    for (std::size_t old_size = 1; old_size <= size; ++old_size) {
      const auto old_root = naive.root(d.first(old_size));
      const auto proof = consistency_proof(old_size, size, shelf.reader());
      REQUIRE(proof);
      REQUIRE(*proof == naive.subproof(old_size, d, true));
      REQUIRE(verify_consistency(old_size, old_root, size, root, *proof));
      REQUIRE_FALSE(verify_consistency(old_size, bent(old_root), size, root, *proof));
      REQUIRE_FALSE(verify_consistency(old_size, old_root, size, bent(root), *proof));
      if (old_size < size)
        REQUIRE_FALSE(verify_consistency(size, root, old_size, old_root, *proof));
      if (size % 8 != 7) continue;
      for (const auto& wrong : damaged(*proof))
        REQUIRE_FALSE(verify_consistency(old_size, old_root, size, root, wrong));
    }
  }
}

TEST_CASE("a rewritten record shows against every earlier root that covers it") {
  Definition naive;
  auto leaves = some_leaves(40);
  Digests rewritten = leaves;
  rewritten[11] = leaf_of("altered");
  auto shelf = shelf_of(rewritten);
  for (std::size_t old_size = 1; old_size <= 40; ++old_size) {
    const auto proof = consistency_proof(old_size, 40, shelf.reader());
    REQUIRE(proof);
    const bool holds = verify_consistency(old_size, naive.root(Leaves(leaves).first(old_size)), 40,
                                          naive.root(rewritten), *proof);
    CHECK(holds == (old_size <= 11));
  }
}

TEST_CASE("proofs and roots hold where tiles and levels begin") {
  Definition naive;
  const auto leaves = some_leaves(66'000);
  auto shelf = shelf_of(leaves);
  for (const std::size_t size : boundaries) {
    const auto d = Leaves(leaves).first(size);
    const auto root = naive.root(d);
    REQUIRE(root_at(size, shelf.reader()) == root);
    for (const std::size_t index :
         {std::size_t{0}, std::size_t{255}, std::size_t{256}, size / 2, size - 2, size - 1}) {
      if (index >= size) continue;
      const auto proof = inclusion_proof(index, size, shelf.reader());
      REQUIRE(proof);
      CHECK(*proof == naive.path(index, d));
      CHECK(verify_inclusion(leaves[index], index, size, *proof, root));
      CHECK_FALSE(verify_inclusion(leaves[index], index ^ 1, size, *proof, root));
    }
    for (const std::size_t old_size : boundaries) {
      if (old_size > size) break;
      const auto proof = consistency_proof(old_size, size, shelf.reader());
      REQUIRE(proof);
      CHECK(*proof == naive.subproof(old_size, d, true));
      CHECK(verify_consistency(old_size, naive.root(d.first(old_size)), size, root, *proof));
    }
  }
}

TEST_CASE("a proof reads few tiles, each once") {
  const auto leaves = some_leaves(66'000);
  auto shelf = shelf_of(leaves);
  shelf.reads = 0;
  REQUIRE(inclusion_proof(12'345, 66'000, shelf.reader()));
  CHECK(shelf.reads <= 5);
  shelf.reads = 0;
  REQUIRE(consistency_proof(40'001, 66'000, shelf.reader()));
  CHECK(shelf.reads <= 5);
}

TEST_CASE("proofs of what is not there are refused") {
  auto shelf = shelf_of(some_leaves(10));
  CHECK(root_at(0, shelf.reader()) == empty_root());
  CHECK(inclusion_proof(10, 10, shelf.reader()).error().code == ErrorCode::invalid_input);
  CHECK(inclusion_proof(0, 0, shelf.reader()).error().code == ErrorCode::invalid_input);
  CHECK(consistency_proof(0, 10, shelf.reader()).error().code == ErrorCode::invalid_input);
  CHECK(consistency_proof(11, 10, shelf.reader()).error().code == ErrorCode::invalid_input);
  CHECK(consistency_proof(10, 10, shelf.reader())->empty());
  CHECK_FALSE(verify_consistency(0, empty_root(), 10, *root_at(10, shelf.reader()), {}));
  CHECK_FALSE(verify_consistency(3, empty_root(), 10, *root_at(10, shelf.reader()), {}));
  CHECK_FALSE(verify_inclusion(empty_root(), 0, 0, {}, empty_root()));
  CHECK_FALSE(verify_inclusion(empty_root(), 1, 2, Digests(100, empty_root()), empty_root()));
}

TEST_CASE("a missing, short or misplaced tile is an error, not a wrong root") {
  const auto leaves = some_leaves(600);
  auto shelf = shelf_of(leaves);
  CHECK(root_at(601, shelf.reader()).error().code == ErrorCode::corrupt);
  CHECK(root_at(700, shelf.reader()).error().code == ErrorCode::corrupt);
  CHECK(root_at(1024, shelf.reader()).error().code == ErrorCode::corrupt);
  auto short_tile = shelf;
  short_tile.tiles[{0, 2}].hashes.resize(3);
  CHECK(root_at(600, short_tile.reader()).error().code == ErrorCode::corrupt);
  auto empty_tile = shelf;
  empty_tile.tiles[{1, 0}].hashes.clear();
  CHECK(inclusion_proof(599, 600, empty_tile.reader()).error().code == ErrorCode::corrupt);
  auto misplaced = shelf;
  misplaced.tiles[{0, 2}].index = 1;
  CHECK(root_at(600, misplaced.reader()).error().code == ErrorCode::corrupt);
  auto missing = shelf;
  missing.tiles.erase({1, 0});
  CHECK(consistency_proof(300, 600, missing.reader()).error().code == ErrorCode::not_found);
}

TEST_CASE("changed tiles are told once, each in its newest state") {
  Definition naive;
  TileWriter writer;
  CHECK(writer.take_changed().empty());
  const auto leaves = some_leaves(600);
  for (const auto& leaf : Leaves(leaves).first(255)) writer.append(leaf);
  auto changed = writer.take_changed();
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].hashes.size() == 255);
  CHECK(writer.take_changed().empty());
  writer.append(leaves[255]);
  changed = writer.take_changed();
  REQUIRE(changed.size() == 2);  // the full tile and the first hash of level 1; no empty tile
  CHECK(changed[0].hashes.size() == 256);
  CHECK(changed[1].level == 1);
  CHECK(changed[1].hashes == Digests{naive.root(Leaves(leaves).first(256))});
  for (const auto& leaf : Leaves(leaves).subspan(256)) writer.append(leaf);
  changed = writer.take_changed();
  REQUIRE(changed.size() == 3);
  CHECK((changed[0].level == 0 && changed[0].index == 1 && changed[0].hashes.size() == 256));
  CHECK((changed[1].level == 0 && changed[1].index == 2 && changed[1].hashes.size() == 88));
  CHECK((changed[2].level == 1 && changed[2].index == 0 && changed[2].hashes.size() == 2));
  CHECK(writer.size() == 600);
}

TEST_CASE("a writer goes on from stored tiles as if it had never stopped") {
  const auto leaves = some_leaves(66'000);
  const auto whole = shelf_of(leaves);
  for (const std::size_t stop :
       {std::size_t{0}, std::size_t{1}, std::size_t{255}, std::size_t{256}, std::size_t{257},
        std::size_t{512}, std::size_t{65'535}, std::size_t{65'536}, std::size_t{65'537}}) {
    auto shelf = shelf_of(Leaves(leaves).first(stop));
    auto writer = TileWriter::from(stop, shelf.open());
    INFO(stop << (writer ? "" : writer.error().message()));
    REQUIRE(writer);
    CHECK(writer->take_changed().empty());
    for (const auto& leaf : Leaves(leaves).subspan(stop)) writer->append(leaf);
    shelf.keep(writer->take_changed());
    REQUIRE(shelf.tiles.size() == whole.tiles.size());
    bool same = true;
    for (const auto& [name, tile] : whole.tiles)
      same = same && shelf.tiles.at(name).hashes == tile.hashes;
    CHECK(same);
  }
}

TEST_CASE("stored tiles that do not fit the size are refused") {
  const auto shelf = shelf_of(some_leaves(600));
  CHECK(TileWriter::from(600, shelf.open()));
  CHECK_FALSE(TileWriter::from(599, shelf.open()));
  CHECK_FALSE(TileWriter::from(601, shelf.open()));
  CHECK_FALSE(TileWriter::from(0, shelf.open()));
  CHECK_FALSE(TileWriter::from(200'000, shelf.open()));
  CHECK_FALSE(TileWriter::from(600, {}));
  auto open = shelf.open();
  open.pop_back();
  CHECK_FALSE(TileWriter::from(600, open));
  open = shelf.open();
  std::swap(open[0], open[1]);
  CHECK_FALSE(TileWriter::from(600, open));
  open = shelf.open();
  open[0].index = 1;
  CHECK_FALSE(TileWriter::from(600, open));
}
