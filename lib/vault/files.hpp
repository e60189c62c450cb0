// SPDX-License-Identifier: Apache-2.0
// The files of a vault's directory: their names, the writer's lock, the signing keys. Private to
// this room.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "base/domain.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "crypto/sign.hpp"

namespace sigilo::vault {

std::filesystem::path database_file(const std::filesystem::path& directory);
std::filesystem::path keys_directory(const std::filesystem::path& directory);
std::filesystem::path key_file(const std::filesystem::path& directory, Epoch epoch);

/// Held by the one process that writes; the kernel lets go of it however that process ends.
class WriterLock {
 public:
  /// Errors: locked (with the holder's process number where it can be read), permission, io.
  static Result<WriterLock> take(const std::filesystem::path& directory);
  WriterLock(WriterLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  WriterLock& operator=(WriterLock&&) = delete;
  ~WriterLock();

 private:
  explicit WriterLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// Writes the seed as hex, mode 0600, durable. Errors: already_exists, no_space, permission, io.
Result<> write_key(const std::filesystem::path& directory, Epoch epoch,
                   const crypto::SigningKey& key);
/// Errors: not_found, permission (loose mode), invalid_input.
Result<crypto::SigningKey> read_key(const std::filesystem::path& directory, Epoch epoch);

/// Makes names in `directory` durable. Errors: io.
Result<> sync_directory(const std::filesystem::path& directory);

}  // namespace sigilo::vault
