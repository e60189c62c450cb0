// SPDX-License-Identifier: Apache-2.0
// Somebody with root, the vault's key and the present signing key: what they can't do to earlier
// epochs without its showing, and what they can do within the present one.
#include <map>
#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "evidence/findings.hpp"
#include "evidence/sealed.hpp"
#include "ledger/consistency.hpp"
#include "support/forger.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

// SampleVault: epoch 0 ends with record 11, epoch 1 with 17; 18 to 20 are of the present one.
constexpr int in_epoch_1 = 13;
constexpr int first_present = 18;
const std::string some_body = R"({"event":"start","v":1})";

/// The attacker's copy after this.
std::filesystem::path attacked(const SampleVault& sample, const std::string& sql) {
  const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
  damage(copy, sql);
  return copy;
}

/// Both verifiers name this problem; so does the quick depth, or another one that it sees instead.
void is_found(const SampleVault& sample, const std::string& sql,
              const Problems::value_type& problem,
              std::optional<Problems::value_type> by_tree = std::nullopt) {
  const auto copy = attacked(sample, sql);
  const auto second =
      problems_of(second_opinion({export_plain(copy, sample.scratch("plain.db"))})[0]);
  for (const auto& problems : {problems_of(verify(copy)), second}) {
    INFO(shown(problems));
    CHECK(problems.contains(problem));
  }
  const auto quick = problems_of(verify(copy, {.depth = evidence::Depth::tree}));
  INFO(shown(quick));
  CHECK(quick.contains(by_tree.value_or(problem)));
}

/// Neither verifier can know.
void is_not_found(const SampleVault& sample, const std::filesystem::path& copy) {
  CHECK(shown(problems_of(verify(copy))).empty());
  CHECK(shown(problems_of(second_opinion({export_plain(copy, sample.scratch("plain.db"))})[0]))
            .empty());
}

/// Takes every trace of the records from `first` on out of all tables.
std::string cut(int first) {
  std::string sql;
  for (const auto* column :
       {"record WHERE seq", "event WHERE seq", "event_content WHERE seq",
        "event_conversation WHERE seq", "event_id WHERE seq", "identity WHERE seq",
        "alert WHERE id", "checkpoint WHERE seq", "epoch WHERE first", "delivery WHERE id"})
    sql += fmt::format("DELETE FROM {} >= {};", column, first);
  return sql + fmt::format(
                   "UPDATE event_indexed SET upto = min(upto, {});"
                   "UPDATE tile SET hashes = substr(hashes, 1, {});",
                   first, 32 * first);
}

/// A record in the place `seq`, signed with the present key, in the epoch that the place needs.
std::string forged(Forger& forger, std::uint64_t seq, std::uint64_t epoch,
                   RecordKind kind = RecordKind::service, const std::string& body = some_body) {
  auto header = forger.next();
  header.seq = Seq(seq);
  header.epoch = Epoch(epoch);
  header.kind = kind;
  header.root = forger.root(seq);
  return forger.write(header, forger.present_key(), body);
}

/// What an auditor's kept note says of this copy: the last checkpoint of the sample.
ledger::Comparison::Kind kept_note_says(const SampleVault& sample,
                                        const std::filesystem::path& copy, bool whole) {
  std::string note;
  auto original = must(vault::AuditReader::open(sample.directory(), vault_key()));
  must(original.each_record(SampleVault::last_checkpoint, [&](vault::RawRecord&& raw) {
    note = *json::text_at(must(json::parse(*raw.body)).as_object(), "note");
    return false;
  }));
  ledger::VaultView view{original.uuid(), 0, {}, {}, whole};
  std::map<std::pair<int, std::uint64_t>, ledger::Tile> tiles;
  ledger::TileWriter writer;
  auto audit = must(vault::AuditReader::open(copy, vault_key()));
  must(audit.each_record(0, [&](vault::RawRecord&& raw) {
    evidence::Findings ignored;
    const auto sealed = evidence::assemble(raw, original.uuid(), ignored);
    writer.append(sealed->leaf);
    ++view.size;
    if (raw.kind == "genesis" || raw.kind == "key") {
      const auto body = must(json::parse(*raw.body)).as_object();
      const auto hex = std::string(*json::text_at(body, "public_key"));
      view.keys.push_back({view.keys.size(), static_cast<std::uint64_t>(raw.seq),
                           must(crypto::PublicKey::from(must(crypto::from_hex(hex))))});
    }
    return true;
  }));
  for (auto& tile : writer.take_changed()) tiles[{tile.level, tile.index}] = tile;
  view.tiles = [&tiles](int level, std::uint64_t index) -> Result<ledger::Tile> {
    return tiles.at({level, index});
  };
  return must(ledger::compare_checkpoint(note, view)).kind;
}

using Kind = ledger::Comparison::Kind;

}  // namespace

TEST_CASE("with all present keys nothing of an earlier epoch can be changed unseen") {
  const SampleVault sample;
  Forger forger(sample.directory());
  SECTION("altered and signed anew") {
    is_found(sample, forged(forger, in_epoch_1, 1), {in_epoch_1, "record-altered"});
  }
  SECTION("altered, signed anew, and the tree made to fit") {
    const auto sql = forged(forger, in_epoch_1, 1);
    is_found(sample, sql + forger.write_tree(), {in_epoch_1, "signature-invalid"});
  }
  SECTION("everything from there on signed anew, in order, in one tree") {
    std::string sql;
    for (std::uint64_t seq = in_epoch_1; seq < SampleVault::records; ++seq)
      sql += forged(forger, seq, seq < first_present ? 1 : 2);
    // The quick depth asks the last signature, which pins all the others.
    is_found(sample, sql + forger.write_tree(), {in_epoch_1, "signature-invalid"},
             {{SampleVault::last_checkpoint, "signature-invalid"}});
  }
  SECTION("a succession of one's own begins earlier") {
    const auto sql = forged(forger, SampleVault::key_record, 0, RecordKind::key,
                            fmt::format(R"({{"epoch":1,"public_key":"{}","v":1}})",
                                        crypto::to_hex(forger.present_key().public_key().view())));
    is_found(sample, sql + forger.write_tree(), {SampleVault::key_record, "signature-invalid"});
  }
  SECTION("removed") {
    is_found(sample, fmt::format("DELETE FROM record WHERE seq = {};", in_epoch_1),
             {in_epoch_1, "record-missing"});
  }
  SECTION("removed, and those after it moved up") {
    is_found(sample,
             fmt::format("DELETE FROM record WHERE seq = {0};"
                         "UPDATE record SET seq = -seq WHERE seq > {0};"
                         "UPDATE record SET seq = -seq - 1 WHERE seq < 0;",
                         in_epoch_1),
             {in_epoch_1, "record-altered"});
  }
  SECTION("inserted, and those after it moved on") {
    is_found(sample,
             fmt::format("UPDATE record SET seq = -seq - 1 WHERE seq >= {};"
                         "UPDATE record SET seq = -seq WHERE seq < 0;",
                         in_epoch_1) +
                 forged(forger, in_epoch_1, 1),
             {in_epoch_1, "record-altered"});
  }
  SECTION("two in another order") {
    is_found(sample,
             "UPDATE record SET seq = -1 WHERE seq = 12; UPDATE record SET seq = 12 WHERE seq = 13;"
             "UPDATE record SET seq = 13 WHERE seq = -1;",
             {in_epoch_1, "record-altered"});
  }
  SECTION("dated otherwise") {
    is_found(sample, fmt::format("UPDATE record SET time = time + 1 WHERE seq = {};", in_epoch_1),
             {in_epoch_1, "record-altered"});
  }
}

TEST_CASE("who has the present key but not the recovery key can't pretend a recovery") {
  const SampleVault sample;
  Forger forger(sample.directory());
  const auto body = fmt::format(R"({{"by":"recovery","epoch":3,"public_key":"{}","v":1}})",
                                crypto::to_hex(forger.present_key().public_key().view()));
  const auto sql = forged(forger, SampleVault::records, 2, RecordKind::key, body);
  is_found(sample, sql + forger.write_tree(), {SampleVault::records, "body-invalid"});
}

TEST_CASE("a tail that is cut off shows by what is left of it, or by a checkpoint kept elsewhere") {
  const SampleVault sample;
  CHECK(kept_note_says(sample, sample.directory(), true) == Kind::consistent);
  SECTION("the records alone") {
    const auto sql = fmt::format("DELETE FROM record WHERE seq >= {};", first_present);
    is_found(sample, sql, {first_present, "record-missing"});
    CHECK(kept_note_says(sample, attacked(sample, sql), false) == Kind::truncated);
  }
  SECTION("every trace in all tables: the vault alone can't show it") {
    for (const int first : {first_present, first_present + 1}) {
      const auto copy = attacked(sample, cut(first));
      is_not_found(sample, copy);
      CHECK(kept_note_says(sample, copy, true) == Kind::rolled_back);
    }
  }
}

TEST_CASE("within the present epoch the key's holder can rewrite what no kept checkpoint pins") {
  const SampleVault sample;
  Forger forger(sample.directory());
  std::string sql = cut(first_present);
  for (std::uint64_t seq = first_present; seq <= SampleVault::records; ++seq)
    sql += forged(forger, seq, 2);
  const auto copy = attacked(sample, sql + forger.write_tree());
  is_not_found(sample, copy);
  CHECK(kept_note_says(sample, copy, true) == Kind::fork);
}
