// SPDX-License-Identifier: Apache-2.0
// The vault being read, also after its file turned out to be damaged.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "vault/audit.hpp"

namespace sigilo::evidence {

/// SQLite answers nothing more in a read transaction that met a damaged page: then a new one is
/// needed. Runs on: work.
class Source {
 public:
  static Result<Source> open(const std::filesystem::path& directory,
                             const crypto::SecretBytes& key) {
    SIGILO_TRY(auto reader, vault::AuditReader::open(directory, key));
    return Source(directory, key, std::move(reader));
  }
  [[nodiscard]] const std::filesystem::path& directory() const { return *directory_; }
  /// Stays the same object for the whole life.
  [[nodiscard]] vault::AuditReader& reader() { return reader_; }
  /// Begins a new read transaction if the present one is dead. Never while rows are being visited.
  void revive() {
    if (reader_.last_seq()) return;
    if (auto fresh = vault::AuditReader::open(*directory_, *key_)) reader_ = std::move(*fresh);
  }

 private:
  Source(const std::filesystem::path& directory, const crypto::SecretBytes& key,
         vault::AuditReader reader)
      : directory_(&directory), key_(&key), reader_(std::move(reader)) {}

  const std::filesystem::path* directory_;
  const crypto::SecretBytes* key_;
  vault::AuditReader reader_;
};

}  // namespace sigilo::evidence
