// SPDX-License-Identifier: Apache-2.0
#include "base/new_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace sigilo {
namespace {

namespace fs = std::filesystem;

/// Small writes are gathered; a system call a line would be felt in a document of 10,000 messages.
constexpr std::size_t buffer_size = 64 * 1024;

ErrorCode code_of(int number) {
  switch (number) {
    case EEXIST:
      return ErrorCode::already_exists;
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::permission;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ErrorCode::no_space;
    default:
      return ErrorCode::io;
  }
}

std::string remedy_of(int number) {
  switch (code_of(number)) {
    case ErrorCode::already_exists:
      return "choose another name, or move the file away";
    case ErrorCode::not_found:
      return "create the directory first";
    case ErrorCode::permission:
      return "choose a directory that this user may write to";
    case ErrorCode::no_space:
      return "free some space, or choose another disk";
    default:
      return "check the disk";
  }
}

/// Gives the file its name unless something has it already; 0 or errno.
int name_it(const fs::path& part, const fs::path& target) {
  if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system without that flag, NFS for one: a link never replaces either.
  if (::link(part.c_str(), target.c_str()) != 0) return errno;
  ::unlink(part.c_str());
  return 0;
}

int sync_directory_of(const fs::path& target) {
  const fs::path directory = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int number = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return number == EINVAL ? 0 : number;  // file systems that can't sync a directory say so
}

}  // namespace

tl::unexpected<Error> NewFile::failed(const char* what, int number) const {
  return fail(code_of(number),
              fmt::format("cannot {} {}: {}", what, target_.string(),
                          std::error_code(number, std::generic_category()).message()),
              remedy_of(number));
}

Result<NewFile> NewFile::create(fs::path target) {
  fs::path part = target;
  part += ".part";
  NewFile file(std::move(target), std::move(part), -1);
  std::error_code ignored;
  if (fs::symlink_status(file.target_, ignored).type() != fs::file_type::not_found &&
      fs::symlink_status(file.target_, ignored).type() != fs::file_type::none)
    return file.failed("create", EEXIST);
  file.descriptor_ =
      ::open(file.part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file.descriptor_ < 0) {
    const int number = errno;
    if (number == EEXIST)
      return fail(
          ErrorCode::already_exists,
          fmt::format("{} is there: another run writes it, or one broke off", file.part_.string()),
          "remove it if no other run is writing");
    return file.failed("create", number);
  }
  return file;
}

NewFile::~NewFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(part_.c_str());
}

Result<> NewFile::write(BytesView bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  size_ += bytes.size();
  return buffer_.size() < buffer_size ? Result<>() : flush();
}

Result<> NewFile::flush() {
  for (std::size_t done = 0; done < buffer_.size();) {
    const auto count = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("write", errno);
    done += static_cast<std::size_t>(count);
  }
  buffer_.clear();
  return {};
}

Result<> NewFile::finish() {
  SIGILO_TRY_DO(flush());
  if (::fsync(descriptor_) != 0) return failed("sync", errno);
  if (const int number = name_it(part_, target_); number != 0) return failed("create", number);
  ::close(std::exchange(descriptor_, -1));  // it has its name now and stays
  if (const int number = sync_directory_of(target_); number != 0) return failed("sync", number);
  return {};
}

}  // namespace sigilo
