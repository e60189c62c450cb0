// SPDX-License-Identifier: Apache-2.0
// Secrets on disk: read only when nobody else may, written so that they survive or are not there at
// all.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace sigilo::crypto {

/// Largest secret file that is read.
inline constexpr std::size_t max_secret_size = 64 * 1024;

/// Who may read a secret file: ours are 0600 or stricter; systemd's credential directory keeps its
/// own modes.
enum class SecretMode { owner_only, any };

/// Reads a secret; white space at the end (an editor's newline) is not part of it. Opens without
/// following a symbolic link at the last component and checks the opened file itself. Errors:
/// not_found, permission (mode looser than 0600, with the chmod that helps), invalid_input (empty,
/// too large), io.
Result<SecretBytes> read_secret_file(const std::filesystem::path& path, SecretMode mode);

/// Creates a new file with mode 0600, durable (file and directory synced) before it returns.
/// Errors: already_exists, no_space, permission, io.
Result<> write_secret_file(const std::filesystem::path& path, BytesView content);

/// Overwrites, syncs and removes; then syncs the directory. On flash storage the medium may keep
/// older blocks: docs/security.md says what that means. Not an error if it is already gone. Errors:
/// io, permission.
Result<> destroy_secret_file(const std::filesystem::path& path);

}  // namespace sigilo::crypto
