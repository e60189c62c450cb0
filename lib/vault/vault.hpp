// SPDX-License-Identifier: Apache-2.0
// The vault: one directory with vault.db (SQLCipher), keys/ (signing keys) and media/. This header
// makes and opens it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "crypto/sign.hpp"
#include "ledger/sealer.hpp"

namespace sigilo::vault {

/// PRAGMA user_version of what this sigilo writes.
inline constexpr int schema_version = 1;

/// The 32 raw bytes out of the 64 hex digits of the key's file or credential. Errors: invalid_input
/// (never shows them).
Result<crypto::SecretBytes> parse_vault_key(BytesView hex);

struct NewVault {
  std::string firm;
  std::string version;  ///< of the program
};

/// What init shows. The recovery key exists only here: its public half stands in the genesis
/// record.
struct Created {
  std::string uuid;
  std::string fingerprint;           ///< leaf hash of record 0, 64 hex digits
  crypto::SecretBytes recovery_key;  ///< seed of the offline Ed25519 key, 32 bytes
};

/// Makes directory (0700), keys/ (0700), media/, vault.db with the genesis record, HOW-TO-OPEN.txt;
/// all durable before it returns. What root makes belongs to the directory's owner afterwards. A
/// failure leaves no half vault behind. Errors: already_exists (a vault or keys are there: nothing
/// is touched), permission, no_space, io.
Result<Created> create(const std::filesystem::path& directory, const crypto::SecretBytes& key,
                       const NewVault& what, const Clock& clock, Random& random);

/// Whether there is a vault in `directory`, openable or not. Errors: not_found (run `sigilo init`).
Result<> require_vault(const std::filesystem::path& directory);

/// The writing side: one process, one thread. Runs on: store.
class Vault {
 public:
  /// Errors, each its own: not_found (no vault: run `sigilo init`), not_a_vault (plain SQLite, or
  /// something else), wrong_key, newer_version, locked (another sigilod holds it),
  /// not_found/permission (signing key missing, loose), corrupt.
  static Result<std::unique_ptr<Vault>> open(const std::filesystem::path& directory,
                                             const crypto::SecretBytes& key, const Clock& clock,
                                             Random& random, Logger log);
  ~Vault();

  [[nodiscard]] const std::string& uuid() const;
  [[nodiscard]] const std::string& fingerprint() const;
  [[nodiscard]] std::uint64_t records() const;
  [[nodiscard]] Epoch epoch() const;
  /// When the present epoch began (time of its key or genesis record).
  [[nodiscard]] Timestamp epoch_began() const;

  /// Ends this epoch: new key durable, `key` record signed by the old one committed, old secret
  /// destroyed. What a crash between these steps leaves is put right by the next open().
  Result<> roll_epoch();

  /// Copies what the write-ahead log holds into vault.db. Never called inside a transaction.
  Result<> checkpoint_wal();

  struct Impl;  // shared with transaction.cpp
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  explicit Vault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// For a vault whose signing key is lost: the recovery key's holder names a new one, which shows
/// for ever. Appends that `key` record and leaves the vault to be opened as ever; what is there of
/// the old key's file is destroyed. `recovery`: Created::recovery_key. Errors: wrong_key (not this
/// vault's recovery key), refused (the signing key is there), invalid_input (no key at all), those
/// of Vault::open.
Result<> recover(const std::filesystem::path& directory, const crypto::SecretBytes& key,
                 const crypto::SecretBytes& recovery, const Clock& clock, Random& random,
                 Logger log);

}  // namespace sigilo::vault
