// SPDX-License-Identifier: Apache-2.0
#include "vault/files.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "crypto/encoding.hpp"
#include "crypto/secret_file.hpp"
#include "vault/vault.hpp"

namespace sigilo::vault {
namespace {

namespace fs = std::filesystem;

std::string reason() {
  return std::error_code(errno, std::generic_category()).message();
}

ErrorCode code_of_errno() {
  return errno == EACCES || errno == EPERM || errno == EROFS ? ErrorCode::permission
                                                             : ErrorCode::io;
}

// Who holds the lock, as it wrote into the file; only for the message.
std::string holder(int descriptor) {
  std::array<char, 16> text{};
  const auto size = ::pread(descriptor, text.data(), text.size() - 1, 0);
  const long pid = size > 0 ? std::strtol(text.data(), nullptr, 10) : 0;
  return pid > 0 ? fmt::format("process {}", pid) : std::string("another process");
}

}  // namespace

fs::path database_file(const fs::path& directory) {
  return directory / "vault.db";
}

fs::path keys_directory(const fs::path& directory) {
  return directory / "keys";
}

fs::path key_file(const fs::path& directory, Epoch epoch) {
  return keys_directory(directory) / fmt::format("epoch-{}.key", epoch.value());
}

Result<WriterLock> WriterLock::take(const fs::path& directory) {
  const fs::path file = directory / "vault.lock";
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0)
    return fail(code_of_errno(), fmt::format("cannot open {}: {}", file.string(), reason()),
                "run as the user that owns the vault");
  WriterLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return fail(ErrorCode::io, fmt::format("cannot lock {}: {}", file.string(), reason()));
    return fail(ErrorCode::locked,
                fmt::format("{} holds the vault {}", holder(descriptor), directory.string()),
                "one sigilod writes a vault; stop the other one, or use its `sigilo` commands");
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  // A full disk must not keep the daemon from starting: the number is only a courtesy.
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, pid.data(), pid.size(), 0) < 0)
    errno = 0;
  return lock;
}

WriterLock::~WriterLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<> write_key(const fs::path& directory, Epoch epoch, const crypto::SigningKey& key) {
  std::string hex = crypto::to_hex(key.seed());
  auto written = crypto::write_secret_file(key_file(directory, epoch), as_bytes(hex));
  crypto::wipe({reinterpret_cast<std::uint8_t*>(hex.data()), hex.size()});
  return written;
}

Result<crypto::SigningKey> read_key(const fs::path& directory, Epoch epoch) {
  SIGILO_TRY(const auto hex,
             crypto::read_secret_file(key_file(directory, epoch), crypto::SecretMode::owner_only));
  auto seed = parse_vault_key(hex.view());  // the same form: 32 bytes as hex
  if (!seed)
    return fail(ErrorCode::corrupt,
                fmt::format("{} is no signing key", key_file(directory, epoch).string()),
                "restore the keys directory from the backup of the same time as vault.db");
  return crypto::SigningKey::from_seed(seed->view());
}

Result<> sync_directory(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(code_of_errno(), fmt::format("cannot open {}: {}", directory.string(), reason()));
  const bool synced = ::fsync(descriptor) == 0;
  const std::string why = synced ? "" : reason();
  ::close(descriptor);
  if (!synced)
    return fail(ErrorCode::io, fmt::format("cannot sync {}: {}", directory.string(), why));
  return {};
}

}  // namespace sigilo::vault
