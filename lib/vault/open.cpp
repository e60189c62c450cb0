// SPDX-License-Identifier: Apache-2.0
// Opening the vault for writing: the lock, the key, the signing key, and where the ledger stopped.
#include <bit>

#include <fmt/format.h>

#include "base/check.hpp"
#include "crypto/encoding.hpp"
#include "crypto/secret_file.hpp"
#include "ledger/record.hpp"
#include "vault/impl.hpp"
#include "vault/rows.hpp"
#include "vault/schema.hpp"

namespace sigilo::vault {
namespace {

namespace fs = std::filesystem;

constexpr const char* remedy =
    "run `sigilo verify`, keep a copy of the vault as it is, and restore a backup";

/// What the vault says about itself and where it stopped.
struct Ending {
  std::string uuid;
  crypto::Digest fingerprint;
  Epoch epoch;
  crypto::PublicKey public_key;
  Timestamp epoch_began;
  ledger::Header last;
  crypto::Signature last_signature;
};

tl::unexpected<Error> corrupt(std::string what) {
  return fail(ErrorCode::corrupt, "the vault " + std::move(what), remedy);
}

Result<> read_vault_row(Database& database, Ending& ending) {
  SIGILO_TRY(auto select, database.prepare("SELECT uuid, fingerprint FROM vault"));
  SIGILO_TRY(const bool found, select.step());
  if (!found) return corrupt("has no row that names it");
  ending.uuid = select.text(0);
  SIGILO_TRY(ending.fingerprint, crypto::Digest::from(select.bytes(1)));
  return {};
}

Result<> read_epoch(Database& database, Ending& ending) {
  SIGILO_TRY(
      auto select,
      database.prepare("SELECT number, public_key, record.time FROM epoch"
                       " JOIN record ON record.seq = epoch.first ORDER BY number DESC LIMIT 1"));
  SIGILO_TRY(const bool found, select.step());
  if (!found) return corrupt("names no signing key");
  ending.epoch = Epoch(static_cast<std::uint64_t>(select.integer(0)));
  SIGILO_TRY(ending.public_key, crypto::PublicKey::from(select.bytes(1)));
  ending.epoch_began = Timestamp::from_micros(select.integer(2));
  return {};
}

Result<> read_last_record(Database& database, Ending& ending) {
  SIGILO_TRY(
      auto select,
      database.prepare("SELECT seq, time, kind, epoch, root, commitment, signature FROM record"
                       " ORDER BY seq DESC LIMIT 1"));
  SIGILO_TRY(const bool found, select.step());
  const auto kind = found ? parse_record_kind(select.text(2)) : std::nullopt;
  if (!kind) return corrupt("has no readable last record");
  ending.last.vault = ending.uuid;
  ending.last.seq = Seq(static_cast<std::uint64_t>(select.integer(0)));
  ending.last.time = Timestamp::from_micros(select.integer(1));
  ending.last.kind = *kind;
  ending.last.epoch = Epoch(static_cast<std::uint64_t>(select.integer(3)));
  SIGILO_TRY(ending.last.root, crypto::Digest::from(select.bytes(4)));
  SIGILO_TRY(ending.last.body, crypto::Digest::from(select.bytes(5)));
  SIGILO_TRY(ending.last_signature, crypto::Signature::from(select.bytes(6)));
  return {};
}

Result<NewestEvents> read_newest(Database& database) {
  SIGILO_TRY(auto select, database.prepare("SELECT sent, content, id, seq FROM event WHERE seq >="
                                           " coalesce((SELECT upto FROM event_indexed), 0)"));
  NewestEvents newest;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) break;
    const auto content = select.bytes(1);
    // An altered row must not stop the taking in; verification reports it.
    if (content.size() != NewestEvents::content_bytes) continue;
    newest.add(select.integer(0), content.first<NewestEvents::content_bytes>(), select.integer(2),
               select.integer(3));
  }
  newest.keep();
  return newest;
}

Result<std::set<std::string, std::less<>>> read_told_by_phone(Database& database) {
  SIGILO_TRY(auto select, database.prepare("SELECT substr(name, length(?1) + 1) FROM counter"
                                           " WHERE substr(name, 1, length(?1)) = ?1"));
  select.bind(1, told_by_phone_counter);
  std::set<std::string, std::less<>> lines;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return lines;
    lines.emplace(select.text(0));
  }
}

/// Merkle root of 2^height leaves that begin at leaf `first`, out of the tile that holds its parts.
Result<crypto::Digest> subtree(Statement& select, int height, std::uint64_t first) {
  const int level = height / 8;
  const std::uint64_t at = first >> (8 * level);
  const std::size_t count = std::size_t{1} << (height % 8);
  SIGILO_TRY(auto tile, load_tile(select, level, at / ledger::tile_width));
  const std::size_t offset = at % ledger::tile_width;
  if (tile.hashes.size() < offset + count) return corrupt("lacks hashes of its Merkle tree");
  std::vector<crypto::Digest> hashes(
      tile.hashes.begin() + static_cast<std::ptrdiff_t>(offset),
      tile.hashes.begin() + static_cast<std::ptrdiff_t>(offset + count));
  for (; hashes.size() > 1; hashes.resize(hashes.size() / 2))
    for (std::size_t i = 0; i < hashes.size() / 2; ++i)
      hashes[i] = ledger::node_hash(hashes[2 * i], hashes[2 * i + 1]);
  return hashes.front();
}

Result<ledger::Frontier> load_frontier(Statement& select, std::uint64_t size) {
  std::vector<crypto::Digest> hashes;
  std::uint64_t first = 0;
  for (std::uint64_t rest = size; rest != 0;) {
    const std::uint64_t leaves = std::bit_floor(rest);
    SIGILO_TRY(hashes.emplace_back(), subtree(select, std::countr_zero(leaves), first));
    first += leaves;
    rest -= leaves;
  }
  return ledger::Frontier::from(size, std::move(hashes));
}

Result<ledger::TileWriter> load_open_tiles(Statement& select, std::uint64_t size) {
  std::vector<ledger::Tile> open;
  for (std::uint64_t hashes = size; hashes > 0; hashes /= ledger::tile_width) {
    SIGILO_TRY(auto tile,
               load_tile(select, static_cast<int>(open.size()), (hashes - 1) / ledger::tile_width));
    open.push_back(std::move(tile));
  }
  return ledger::TileWriter::from(size, std::move(open));
}

// The cheapest check that tree and records are of one piece; all others are verification's.
Result<> check_last_leaf(Statement& select, const Ending& ending) {
  const std::uint64_t seq = ending.last.seq.value();
  SIGILO_TRY(const auto tile, load_tile(select, 0, seq / ledger::tile_width));
  if (tile.hashes.size() != seq % ledger::tile_width + 1 ||
      tile.hashes.back() != ledger::leaf_hash(ending.last, ending.last_signature))
    return corrupt("contradicts itself: its last record is not the last leaf of its Merkle tree");
  return {};
}

constexpr const char* key_remedy =
    "restore keys and vault.db from one backup; where the key is lost for good, run `sigilo "
    "recover`"
    " with the recovery key from the safe";

Result<crypto::SigningKey> load_signing_key(const fs::path& directory, Epoch epoch,
                                            const crypto::PublicKey& named) {
  auto key = read_key(directory, epoch);
  if (!key && key.error().code == ErrorCode::not_found)
    return fail(ErrorCode::not_found,
                fmt::format("the signing key {} is missing", key_file(directory, epoch).string()),
                key_remedy);
  if (!key &&
      (key.error().code == ErrorCode::corrupt || key.error().code == ErrorCode::invalid_input))
    return fail(key.error().code, key.error().what, key_remedy);
  if (key && key->public_key() != named)
    return fail(ErrorCode::wrong_key,
                fmt::format("{} is not the signing key that the vault names",
                            key_file(directory, epoch).string()),
                key_remedy);
  return key;
}

// What a crash in the middle of a succession leaves: the next key without a `key` record that names
// it, or the old one after it. Other files are somebody's backup: they stay.
Result<> clear_succession(const fs::path& directory, Epoch epoch, const Logger& log) {
  const auto clear = [&](Epoch left) -> Result<> {
    std::error_code code;
    if (!fs::exists(key_file(directory, left), code)) return {};
    log.warning("a succession of keys was interrupted: removing the signing key of epoch {}",
                left.value());
    return crypto::destroy_secret_file(key_file(directory, left));
  };
  if (epoch.value() > 0) SIGILO_TRY_DO(clear(Epoch(epoch.value() - 1)));
  return clear(Epoch(epoch.value() + 1));
}

}  // namespace

Result<crypto::SecretBytes> parse_vault_key(BytesView hex) {
  constexpr std::size_t key_bytes = 32;
  if (hex.size() == 2 * key_bytes) {
    if (auto bytes = crypto::from_hex(as_text(hex))) {
      auto key = crypto::SecretBytes::copy_of(*bytes);
      crypto::wipe(*bytes);
      return key;
    }
  }
  return fail(ErrorCode::invalid_input,
              fmt::format("a key is 64 hex digits; this is something else ({} bytes)", hex.size()),
              "make one with: openssl rand -hex 32");
}

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::~Vault() = default;

Result<> require_vault(const fs::path& directory) {
  std::error_code code;
  if (fs::exists(database_file(directory), code) || code) return {};
  return fail(ErrorCode::not_found,
              fmt::format("no vault at {}", database_file(directory).string()),
              "run `sigilo init` to make one");
}

Result<std::unique_ptr<Vault::Impl>> Vault::Impl::open(const fs::path& directory,
                                                       const crypto::SecretBytes& key,
                                                       const Clock& clock, Random& random,
                                                       Logger log, const FindKey& find) {
  SIGILO_TRY_DO(require_vault(directory));
  SIGILO_TRY(auto lock, WriterLock::take(directory));
  SIGILO_TRY(auto database, Database::open(database_file(directory), key, Access::write));
  SIGILO_TRY_DO(check_schema(database));
  SIGILO_TRY_DO(migrate(database));
  SIGILO_TRY(auto copying, Database::open(database_file(directory), key, Access::write));

  Ending ending;
  SIGILO_TRY_DO(read_vault_row(database, ending));
  SIGILO_TRY_DO(read_epoch(database, ending));
  SIGILO_TRY_DO(read_last_record(database, ending));
  SIGILO_TRY(auto select_tile_rows, database.prepare(select_tile));
  SIGILO_TRY_DO(check_last_leaf(select_tile_rows, ending));
  const std::uint64_t size = ending.last.seq.value() + 1;
  SIGILO_TRY(auto frontier, load_frontier(select_tile_rows, size));
  SIGILO_TRY(auto tiles, load_open_tiles(select_tile_rows, size));

  SIGILO_TRY(auto newest, read_newest(database));
  SIGILO_TRY(auto told_by_phone, read_told_by_phone(database));

  SIGILO_TRY(auto signing, find(database, ending.epoch, ending.public_key));
  SIGILO_TRY_DO(clear_succession(directory, ending.epoch, log));
  SIGILO_TRY(auto statements, WriterStatements::prepare(database));
  ledger::Sealer sealer(ending.uuid, ending.epoch, std::move(signing), std::move(frontier),
                        ending.last.time, clock, random);
  auto impl = std::unique_ptr<Impl>(new Impl{
      .directory = directory,
      .lock = std::move(lock),
      .database = std::move(database),
      .copying = std::move(copying),
      .sql = std::move(statements),
      .sealer = std::move(sealer),
      .tiles = std::move(tiles),
      .uuid = ending.uuid,
      .fingerprint = ending.fingerprint.hex(),
      .epoch_began = ending.epoch_began,
      .clock = clock,
      .random = random,
      .log = std::move(log),
      .newest = std::move(newest),
      .told_by_phone = std::move(told_by_phone),
  });
  impl->database.count_log_pages(&impl->log_pages);
  return impl;
}

Result<std::unique_ptr<Vault>> Vault::open(const fs::path& directory,
                                           const crypto::SecretBytes& key, const Clock& clock,
                                           Random& random, Logger log) {
  SIGILO_TRY(auto impl, Impl::open(directory, key, clock, random, std::move(log),
                                   [&](Database&, Epoch epoch, const crypto::PublicKey& named) {
                                     return load_signing_key(directory, epoch, named);
                                   }));
  return std::unique_ptr<Vault>(new Vault(std::move(impl)));
}

const std::string& Vault::uuid() const {
  return impl_->uuid;
}
const std::string& Vault::fingerprint() const {
  return impl_->fingerprint;
}
std::uint64_t Vault::records() const {
  return impl_->sealer.next().value();
}
Epoch Vault::epoch() const {
  return impl_->sealer.epoch();
}
Timestamp Vault::epoch_began() const {
  return impl_->epoch_began;
}

Result<> Vault::checkpoint_wal() {
  SIGILO_CHECK(!impl_->undo, "the log cannot be copied inside a transaction");
  SIGILO_TRY_DO(impl_->database.checkpoint_log());
  impl_->log_pages = 0;
  return {};
}

}  // namespace sigilo::vault
