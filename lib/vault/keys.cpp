// SPDX-License-Identifier: Apache-2.0
// Succession of signing keys. After it nobody can sign what is past, not even who takes the whole
// machine.
#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "crypto/secret_file.hpp"
#include "json/parse.hpp"
#include "vault/bodies.hpp"
#include "vault/files.hpp"
#include "vault/impl.hpp"
#include "vault/reader_impl.hpp"

namespace sigilo::vault {
namespace {

// The next key on disk. One that is there already is of an attempt whose commit failed: that commit
// may still come back to life out of the log after a crash, so the same key must serve.
Result<crypto::SigningKey> next_key(const std::filesystem::path& directory, Epoch epoch,
                                    Random& random) {
  auto left = read_key(directory, epoch);
  if (left || left.error().code != ErrorCode::not_found) return left;
  auto key = crypto::SigningKey::generate(random);
  SIGILO_TRY_DO(write_key(directory, epoch, key));
  return key;
}

Result<Seq> name_key(Vault::Impl& vault, Epoch epoch, const crypto::PublicKey& key, NamedBy by) {
  SIGILO_TRY(const Seq seq, vault.append(RecordKind::key, key_body(epoch, key, by)));
  SIGILO_TRY_DO(vault.sql.add_epoch.bind(1, static_cast<std::int64_t>(epoch.value()))
                    .bind(2, key.view())
                    .bind(3, static_cast<std::int64_t>(seq.value()))
                    .run());
  return seq;
}

// Names the next key with the one that signs now; then destroys the file of the present epoch's.
Result<> succeed(Vault::Impl& vault, NamedBy by) {
  const Epoch old = vault.sealer.epoch();
  const Epoch next(old.value() + 1);
  SIGILO_TRY(auto key, next_key(vault.directory, next, vault.random));
  SIGILO_TRY_DO(vault.begin());
  if (auto named = name_key(vault, next, key.public_key(), by); !named) {
    vault.rollback();
    return pass_on(std::move(named));
  }
  SIGILO_TRY_DO(vault.commit());
  vault.epoch_began = vault.sealer.state().last;
  vault.sealer.succeed(std::move(key));
  return crypto::destroy_secret_file(key_file(vault.directory, old));
}

Result<> check_recovery_key(Database& database, const crypto::PublicKey& given) {
  SIGILO_TRY(auto select, database.prepare("SELECT body FROM record WHERE seq = 0"));
  SIGILO_TRY(const bool found, select.step());
  const auto body = found ? json::parse(select.text(0)) : Result<json::Value>(json::Value());
  const auto* genesis = body ? body->if_object() : nullptr;
  const auto named =
      genesis != nullptr ? json::text_at(*genesis, "recovery_public_key") : std::nullopt;
  if (!named)
    return fail(ErrorCode::corrupt, "the genesis record names no recovery key",
                "run `sigilo verify`, and restore a backup");
  if (*named != crypto::to_hex(given.view()))
    return fail(ErrorCode::wrong_key, "this is not the recovery key of this vault",
                "take the one that `sigilo init` showed when this vault was made");
  return {};
}

/// Only what is lost can be recovered: a key that is there, or may be, has to be put right first.
Result<> check_key_is_lost(const std::filesystem::path& directory, Epoch epoch,
                           const crypto::PublicKey& named) {
  auto key = read_key(directory, epoch);
  if (!key && (key.error().code == ErrorCode::permission || key.error().code == ErrorCode::io))
    return pass_on(std::move(key));
  if (!key || key->public_key() != named) return {};
  return fail(ErrorCode::refused,
              fmt::format("the signing key of epoch {} is there: nothing has to be recovered",
                          epoch.value()),
              "start sigilod; for a new key run `sigilo rekey`");
}

}  // namespace

Result<> Vault::roll_epoch() {
  return succeed(*impl_, NamedBy::predecessor);
}

Result<> recover(const std::filesystem::path& directory, const crypto::SecretBytes& key,
                 const crypto::SecretBytes& recovery, const Clock& clock, Random& random,
                 Logger log) {
  const auto find = [&](Database& database, Epoch epoch,
                        const crypto::PublicKey& named) -> Result<crypto::SigningKey> {
    SIGILO_TRY(auto signing, crypto::SigningKey::from_seed(recovery.view()));
    SIGILO_TRY_DO(check_recovery_key(database, signing.public_key()));
    SIGILO_TRY_DO(check_key_is_lost(directory, epoch, named));
    return signing;
  };
  SIGILO_TRY(auto vault, Vault::Impl::open(directory, key, clock, random, std::move(log), find));
  // The recovery key signs this one record and no other; the next start tells of the clock.
  vault->clock_is_behind = true;
  return succeed(*vault, NamedBy::recovery);
}

Result<PresentEpoch> Reader::present_epoch() {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT number, public_key, first, record.time FROM epoch"
                                     " JOIN record ON record.seq = epoch.first"
                                     " ORDER BY number DESC LIMIT 1"));
  SIGILO_TRY(const bool found, select.step());
  if (!found)
    return fail(ErrorCode::corrupt, "the vault names no signing key",
                "run `sigilo verify`, and restore a backup");
  PresentEpoch epoch{Epoch(static_cast<std::uint64_t>(select.integer(0))),
                     {},
                     Seq(static_cast<std::uint64_t>(select.integer(2))),
                     Timestamp::from_micros(select.integer(3))};
  SIGILO_TRY(epoch.public_key, crypto::PublicKey::from(select.bytes(1)));
  return epoch;
}

Result<std::vector<Recovery>> Reader::recoveries() {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT seq, time, body FROM record INDEXED BY record_few"
                                     " WHERE kind NOT IN ('message', 'status') AND kind = 'key'"
                                     " ORDER BY seq"));
  std::vector<Recovery> rows;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return rows;
    const auto body = json::parse(select.text(2));
    const auto* object = body ? body->if_object() : nullptr;
    if (object != nullptr && object->contains("by"))
      rows.push_back({Seq(static_cast<std::uint64_t>(select.integer(0))),
                      Timestamp::from_micros(select.integer(1))});
  }
}

}  // namespace sigilo::vault
