// SPDX-License-Identifier: Apache-2.0
#include "media/disk.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sigilo::media {

namespace fs = std::filesystem;

tl::unexpected<Error> disk_error(std::string_view doing, const fs::path& path) {
  const int reason = errno;
  std::string what = fmt::format("cannot {} {}: {}", doing, path.string(),
                                 std::generic_category().message(reason));
  switch (reason) {
    case ENOENT:
      return fail(ErrorCode::not_found, std::move(what), "restore media/ from a backup");
    case EEXIST:
      return fail(ErrorCode::already_exists, std::move(what));
    case ENOSPC:
    case EDQUOT:
    case EFBIG:  // a limit on the size of files
      return fail(ErrorCode::no_space, std::move(what), "make room on the disk");
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
      return fail(ErrorCode::permission, std::move(what),
                  "media/ and what is in it must belong to the daemon's user");
    default:
      return fail(ErrorCode::io, std::move(what), "check the disk");
  }
}

Result<Descriptor> Descriptor::open(const fs::path& path, int flags, mode_t mode) {
  // O_NONBLOCK: a FIFO that somebody put in the file's place must not hang.
  const int number = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
  if (number < 0) return disk_error("open", path);
  return Descriptor(number);
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<> Descriptor::write(BytesView bytes, const fs::path& path) const {
  while (!bytes.empty()) {
    const ssize_t count = ::write(number_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return disk_error("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::size_t> Descriptor::read(std::span<std::uint8_t> room, const fs::path& path) const {
  for (;;) {
    const ssize_t count = ::read(number_, room.data(), room.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return disk_error("read", path);
  }
}

Result<> Descriptor::sync(const fs::path& path) const {
  if (::fsync(number_) != 0) return disk_error("sync", path);
  return {};
}

Result<> require_room(const fs::path& directory, std::uint64_t bytes) {
  std::error_code trouble;
  const auto space = fs::space(directory, trouble);
  if (trouble)
    return fail(ErrorCode::io, fmt::format("cannot ask for the room on the disk of {}: {}",
                                           directory.string(), trouble.message()));
  if (space.available >= room_for_messages && space.available - room_for_messages >= bytes)
    return {};
  return fail(ErrorCode::no_space,
              fmt::format("the disk of {} has {} bytes left, and {} of them are kept for messages",
                          directory.string(), space.available, room_for_messages),
              "make room on the disk");
}

Result<> require_directory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) return sync_directory(directory.parent_path());
  if (errno == EEXIST) return {};
  return disk_error("make directory", directory);
}

Result<> sync_directory(const fs::path& directory) {
  SIGILO_TRY(const auto opened, Descriptor::open(directory, O_RDONLY | O_DIRECTORY));
  return opened.sync(directory);
}

Result<bool> remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return disk_error("remove", path);
}

}  // namespace sigilo::media
