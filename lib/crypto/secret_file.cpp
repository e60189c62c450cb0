// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sodium_impl.hpp"

namespace sigilo::crypto {
namespace {

namespace fs = std::filesystem;

/// A file descriptor that is closed at the end.
class File {
 public:
  File(const fs::path& path, int flags, mode_t mode = 0)
      // O_NONBLOCK: opening a FIFO that somebody put in the file's place must not hang.
      : descriptor_(
            ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, mode)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (is_open()) ::close(descriptor_);
  }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// What errno says about `path`; call it before anything else touches errno.
tl::unexpected<Error> failed(std::string_view doing, const fs::path& path) {
  const int reason = errno;
  const std::string what = fmt::format("cannot {} {}: {}", doing, path.string(),
                                       std::generic_category().message(reason));
  switch (reason) {
    case ENOENT:
      return fail(ErrorCode::not_found, what, "check the path");
    case EEXIST:
      return fail(ErrorCode::already_exists, what,
                  "a secret is never overwritten: move the old file away first");
    case EACCES:
    case EPERM:
    case EROFS:
      return fail(ErrorCode::permission, what,
                  "check the owner and mode of the file and its directory");
    case ENOSPC:
    case EDQUOT:
      return fail(ErrorCode::no_space, what, "make room on the disk");
    case ELOOP:
      return fail(ErrorCode::permission, what,
                  "a secret may not be a symbolic link: name the file itself");
    default:
      return fail(ErrorCode::io, what);
  }
}

/// The size of an opened regular file whose mode `mode` accepts.
Result<std::size_t> checked_size(const File& file, const fs::path& path, SecretMode mode) {
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) return failed("look at", path);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::invalid_input, fmt::format("{} is not a regular file", path.string()),
                "put the secret into a file");
  }
  if (mode == SecretMode::owner_only && (status.st_mode & 077) != 0) {
    return fail(ErrorCode::permission,
                fmt::format("{} has mode {:04o}: others than its owner may use it", path.string(),
                            status.st_mode & 07777),
                fmt::format("chmod 0600 {}, and think about replacing the secret", path.string()));
  }
  if (status.st_size > static_cast<off_t>(max_secret_size)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("{} has {} bytes; a secret has at most {}", path.string(),
                            status.st_size, max_secret_size),
                "check that the path names the secret");
  }
  return static_cast<std::size_t>(status.st_size);
}

/// Fills `room` from the file; the number of bytes that there were.
Result<std::size_t> read_into(std::span<std::uint8_t> room, const File& file,
                              const fs::path& path) {
  std::size_t filled = 0;
  while (filled < room.size()) {
    const ssize_t count = ::read(file.descriptor(), room.data() + filled, room.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", path);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

Result<> write_all(const File& file, BytesView content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t count = ::write(file.descriptor(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("write", path);
    content = content.subspan(static_cast<std::size_t>(count));
  }
  if (::fsync(file.descriptor()) != 0) return failed("sync", path);
  return {};
}

/// Makes what happened to names in the file's directory durable.
Result<> sync_directory_of(const fs::path& path) {
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return failed("open directory", directory);
  const int outcome = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  if (outcome != 0) return failed("sync directory", directory);
  return {};
}

Result<> write_new(const fs::path& path, BytesView content) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!file.is_open()) return failed("create", path);
  if (::fchmod(file.descriptor(), 0600) != 0)
    return failed("set the mode of", path);  // whatever the umask is
  return write_all(file, content, path);
}

bool is_space(std::uint8_t byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

}  // namespace

Result<SecretBytes> read_secret_file(const fs::path& path, SecretMode mode) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) return failed("open", path);
  SIGILO_TRY(const std::size_t size, checked_size(file, path, mode));
  SecretBytes content(size + 1);  // one more than there should be: tells a file that grew meanwhile
  SIGILO_TRY(std::size_t length, read_into(content.writable(), file, path));
  if (length > size) {
    return fail(ErrorCode::io, fmt::format("{} changed while it was read", path.string()),
                "try again");
  }
  while (length > 0 && is_space(content.view()[length - 1])) --length;
  if (length == 0) {
    return fail(ErrorCode::invalid_input, fmt::format("{} holds no secret", path.string()),
                "write the secret into it");
  }
  return SecretBytes::copy_of(content.view().first(length));
}

Result<> write_secret_file(const fs::path& path, BytesView content) {
  // Written beside its place and linked into it when complete: a crash leaves the whole file or
  // none by that name.
  const fs::path draft = path.string() + ".new";
  ::unlink(draft.c_str());  // of an attempt that a crash ended; nobody was told of it
  auto outcome = write_new(draft, content);
  if (outcome && ::link(draft.c_str(), path.c_str()) != 0) outcome = failed("create", path);
  ::unlink(draft.c_str());
  if (outcome) {
    outcome = sync_directory_of(path);
    if (!outcome) ::unlink(path.c_str());
  }
  return outcome;
}

Result<> destroy_secret_file(const fs::path& path) {
  const File file(path, O_WRONLY);
  if (!file.is_open() && errno == ENOENT) return {};
  if (!file.is_open()) return failed("open", path);
  SIGILO_TRY(std::size_t rest, checked_size(file, path, SecretMode::any));
  ready_sodium();
  std::array<std::uint8_t, 512> noise{};
  while (rest > 0) {
    const std::size_t part = std::min(rest, noise.size());
    randombytes_buf(noise.data(), part);  // not zeros: a file system may turn those into a hole
    SIGILO_TRY_DO(write_all(file, BytesView(noise).first(part), path));
    rest -= part;
  }
  if (::unlink(path.c_str()) != 0) return failed("remove", path);
  return sync_directory_of(path);
}

}  // namespace sigilo::crypto
