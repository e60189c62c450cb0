// SPDX-License-Identifier: Apache-2.0
// Succession of signing keys. After it nobody can sign what is past, not even who takes the whole
// machine.
#include <fmt/format.h>

#include "crypto/secret_file.hpp"
#include "vault/bodies.hpp"
#include "vault/files.hpp"
#include "vault/impl.hpp"

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

Result<Seq> name_key(Vault::Impl& vault, Epoch epoch, const crypto::PublicKey& key) {
  SIGILO_TRY(const Seq seq, vault.append(RecordKind::key, key_body(epoch, key)));
  SIGILO_TRY_DO(vault.sql.add_epoch.bind(1, static_cast<std::int64_t>(epoch.value()))
                    .bind(2, key.view())
                    .bind(3, static_cast<std::int64_t>(seq.value()))
                    .run());
  return seq;
}

}  // namespace

Result<> Vault::roll_epoch() {
  Impl& vault = *impl_;
  const Epoch old = vault.sealer.epoch();
  const Epoch next(old.value() + 1);
  SIGILO_TRY(auto key, next_key(vault.directory, next, vault.random));
  SIGILO_TRY_DO(vault.begin());
  if (auto named = name_key(vault, next, key.public_key()); !named) {
    vault.rollback();
    return pass_on(std::move(named));
  }
  SIGILO_TRY_DO(vault.commit());
  vault.epoch_began = vault.sealer.state().last;
  vault.sealer.succeed(std::move(key));
  return crypto::destroy_secret_file(key_file(vault.directory, old));
}

}  // namespace sigilo::vault
