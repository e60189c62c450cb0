// SPDX-License-Identifier: Apache-2.0
// A checkpoint that somebody kept, against vaults that did and didn't go on from it: told apart by
// both verifiers alike.
#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/record.hpp"
#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

namespace fs = std::filesystem;

std::string checkpoint_of(TestVault& vault) {
  std::string note;
  must(vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY(note, transaction.checkpoint());
    return {};
  }));
  return note;
}

/// Of a closed vault, in the order of records.
std::vector<std::string> notes_in(const fs::path& vault) {
  std::vector<std::string> notes;
  auto reader = must(vault::AuditReader::open(vault, vault_key()));
  must(reader.each_checkpoint([&](vault::RawCheckpoint&& row) {
    notes.push_back(row.note.value());
    return true;
  }));
  return notes;
}

TestMessage said(std::string id, std::string text) {
  TestMessage message;
  message.id = std::move(id);
  message.text = std::move(text);
  return message;
}

struct Relation {
  std::string name;
  bool ok;
  bool operator==(const Relation&) const = default;
};

/// What both verifiers say, and that they say the same.
Relation relation(const fs::path& vault, const std::string& note, const fs::path& scratch) {
  const auto report = verify(vault, {.since = note});
  REQUIRE(report.since);
  CHECK_FALSE(report.since->what.empty());
  std::ofstream(scratch / "note", std::ios::binary) << note;
  const auto second = second_opinion({export_plain(vault, scratch / "plain.db")},
                                     fmt::format("--since '{}'", (scratch / "note").string()))[0];
  const auto& since = second.at("since").as_object();
  CHECK(json::text_at(since, "relation") == report.since->relation);
  CHECK(json::integer_at(since, "present") == report.since->present);
  CHECK(since.at("size").is_null() == !report.since->size);
  CHECK(json::boolean_at(second, "ok") == report.ok);
  return {report.since->relation, report.ok};
}

crypto::SigningKey present_key(const fs::path& vault) {
  std::ifstream in(fs::directory_iterator(vault / "keys")->path());
  std::string hex;
  in >> hex;
  return must(crypto::SigningKey::from_seed(must(crypto::from_hex(hex))));
}

}  // namespace

TEST_CASE("a vault is the continuation of each checkpoint that it made, over all its epochs") {
  const SampleVault sample;
  const auto notes = notes_in(sample.directory());
  REQUIRE(notes.size() == 2);
  for (const auto& note : notes)
    CHECK(relation(sample.directory(), note, sample.scratch("")) == Relation{"consistent", true});
  const auto report =
      verify(sample.directory(), {.depth = evidence::Depth::tree, .since = notes[0]});
  CHECK(report.ok);
  CHECK(report.since->size == SampleVault::first_checkpoint);
  CHECK(report.since->present == SampleVault::records);
  CHECK(report.since->remains.find("none of these 9 records was changed") == 0);
}

TEST_CASE("a cut end is told from an older backup by the traces that it leaves") {
  const SampleVault sample;
  const auto notes = notes_in(sample.directory());
  const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
  damage(copy, "DELETE FROM record WHERE seq >= 18;");
  CHECK(relation(copy, notes[1], sample.scratch("")) == Relation{"truncated", false});
  CHECK(relation(copy, notes[0], sample.scratch("")) == Relation{"consistent", false});
  SECTION("with the record that names the key that signed the checkpoint") {
    damage(copy, "DELETE FROM record WHERE seq >= 15;");
    CHECK(relation(copy, notes[1], sample.scratch("")) == Relation{"unknown-key", false});
  }
}

TEST_CASE("an older backup in the vault's place is a roll-back, and has no other finding") {
  TestVault vault;
  vault.ingest(delivery_of(said("w1", "uno")));
  const auto early = checkpoint_of(vault);
  vault.close();
  const auto backup = copy_of(vault.directory(), vault.temporary.path() / "backup");
  vault.open();
  vault.ingest(delivery_of(said("w2", "dos")));
  const auto late = checkpoint_of(vault);
  vault.close();
  CHECK(relation(vault.directory(), late, vault.temporary.path()) == Relation{"consistent", true});
  CHECK(relation(backup, early, vault.temporary.path()) == Relation{"consistent", true});
  const auto report = verify(backup, {.since = late});
  CHECK(report.problems.empty());
  CHECK_FALSE(report.ok);
  CHECK(relation(backup, late, vault.temporary.path()) == Relation{"rolled-back", false});
}

TEST_CASE("a history that somebody with the present key wrote anew is a fork") {
  TestVault vault;
  vault.ingest(delivery_of(said("w1", "uno")));
  const auto early = checkpoint_of(vault);
  vault.close();
  const auto stolen = copy_of(vault.directory(), vault.temporary.path() / "stolen");
  vault.open();
  vault.ingest(delivery_of(said("w2", "lo que de verdad se dijo")));
  const auto kept = checkpoint_of(vault);
  vault.close();
  // The same key signs another history from the same beginning.
  copy_of(stolen, vault.directory());
  vault.open();
  vault.ingest(delivery_of(said("w2", "lo que se quiere haber dicho")));
  vault.ingest(delivery_of(said("w3", "y más")));
  vault.ingest(delivery_of(said("w4", "y más")));
  vault.close();
  const auto report = verify(vault.directory(), {.since = kept});
  CHECK(report.problems.empty());
  CHECK(relation(vault.directory(), kept, vault.temporary.path()) == Relation{"fork", false});
  CHECK(relation(vault.directory(), early, vault.temporary.path()) == Relation{"consistent", true});
}

TEST_CASE("what is no checkpoint of this vault proves nothing, and is never passed over") {
  const SampleVault sample;
  const auto scratch = sample.scratch("");
  const auto note = notes_in(sample.directory())[1];
  const auto is = [&](const std::string& given) {
    const auto [name, ok] = relation(sample.directory(), given, scratch);
    CHECK_FALSE(ok);
    return name;
  };
  const auto parsed = must(ledger::parse_checkpoint(note));
  FakeRandom random(99);
  CHECK(is(ledger::sign_checkpoint(parsed, crypto::SigningKey::generate(random))) == "unknown-key");
  auto other = parsed;
  other.origin = "sigilo/00000000-0000-4000-8000-000000000000";
  CHECK(is(ledger::sign_checkpoint(other, crypto::SigningKey::generate(random))) ==
        "another-vault");
  auto text = note;
  text.replace(text.find("\n20\n"), 4, "\n19\n");
  CHECK(is(text) == "bad-signature");
  auto early = parsed;
  early.size = 4;
  CHECK(is(ledger::sign_checkpoint(early, present_key(sample.directory()))) == "wrong-epoch");
  for (const auto* nothing : {"", "hola\n", "sigilo/x\n1\nAAAA\n\n", "\xff\xfe"})
    CHECK(is(nothing) == "no-checkpoint");
}

TEST_CASE("the stored tree isn't believed where it differs from the records") {
  TestVault vault;
  for (int i = 0; i < 6; ++i) {
    std::vector<TestMessage> messages;
    for (int j = 0; j < 100; ++j) messages.push_back(said(fmt::format("w{}", 100 * i + j), "hola"));
    vault.ingest(delivery_of_many(messages));
  }
  vault.close();
  const auto copy = copy_of(vault.directory(), vault.temporary.path() / "copy");
  damage(copy, "UPDATE tile SET hashes = randomblob(length(hashes));");
  std::vector<crypto::Digest> leaves;
  const auto uuid = [&] {
    auto reader = must(vault::AuditReader::open(vault.directory(), vault.key));
    must(reader.tile(0, 0));
    for (std::uint64_t index = 0; index < 3; ++index) {
      const auto tile = must(reader.tile(0, index));
      for (std::size_t at = 0; at + 32 <= tile->hashes.size(); at += 32)
        leaves.push_back(
            must(crypto::Digest::from(as_bytes(std::string_view(tile->hashes).substr(at, 32)))));
    }
    return reader.uuid();
  }();
  REQUIRE(leaves.size() == 601);
  const auto key = present_key(vault.directory());
  ledger::Frontier frontier;
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    frontier.append(leaves[size - 1]);
    if (size != 1 && (size % 256 > 1 && size % 256 < 255) && size < 600) continue;
    const auto note =
        ledger::sign_checkpoint({ledger::origin_of(uuid), size, frontier.root()}, key);
    INFO(size);
    const evidence::VerifyOptions options{.depth = evidence::Depth::tree, .since = note};
    CHECK(verify(vault.directory(), options).ok);
    const auto report = verify(copy, options);
    CHECK_FALSE(report.ok);
    CHECK(report.since->relation == "consistent");
  }
}
