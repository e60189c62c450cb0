// SPDX-License-Identifier: Apache-2.0
#include "anchor/directory.hpp"

#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/checkpoint.hpp"

namespace sigilo::anchor {
namespace {

namespace fs = std::filesystem;

/// A crash leaves the beginning of a file, and where nothing can be removed it stays: the whole
/// goes beside it. More than so many broken ones have another cause.
constexpr int max_names = 10;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

tl::unexpected<Error> failed(std::string_view doing, const fs::path& path, int number) {
  const auto what = fmt::format("cannot {} {}: {}", doing, path.string(),
                                std::error_code(number, std::generic_category()).message());
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return fail(ErrorCode::not_found, what, "mount the share, or make the directory on it");
    case EACCES:
    case EPERM:
    case EROFS:
      return fail(ErrorCode::permission, what,
                  "let the service's user make files there, and name the directory in the unit's "
                  "ReadWritePaths= (docs/anchors.md)");
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return fail(ErrorCode::no_space, what, "make room there");
    default:
      return fail(ErrorCode::io, what, "check the share");
  }
}

/// "<uuid>-<size>" of the note, which is ours; still a file's name is made of it.
Result<std::string> stem_of(std::string_view note) {
  SIGILO_TRY(const auto checkpoint, ledger::parse_checkpoint(note));
  const auto uuid = std::string_view(checkpoint.origin).substr(checkpoint.origin.find('/') + 1);
  if (uuid.empty() || uuid.find_first_not_of("0123456789abcdef-") != std::string_view::npos)
    return fail(ErrorCode::invalid_input, "a checkpoint's origin names no vault",
                "run 'sigilo verify'");
  return fmt::format("{}-{}", uuid, checkpoint.size);
}

/// What a file holds, up to one byte more than `most`.
Result<std::string> content_of(const fs::path& path, std::size_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return failed("read", path, errno);
  std::string content(most + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const auto count = ::read(file.get(), content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  content.resize(size);
  return content;
}

Result<> write_all(int file, const fs::path& path, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  // File systems that can't sync say so with EINVAL.
  if (::fsync(file) != 0 && errno != EINVAL) return failed("sync", path, errno);
  return {};
}

Result<> sync_directory(const fs::path& directory) {
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0) return failed("open", directory, errno);
  if (::fsync(opened.get()) != 0 && errno != EINVAL) return failed("sync", directory, errno);
  return {};
}

/// True: the note is there, whole and durable. False: a broken beginning of it stands there.
Result<bool> make(const fs::path& path, std::string_view note) {
  const Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444));
  if (file.get() < 0 && errno != EEXIST) return failed("make", path, errno);
  if (file.get() < 0) {
    SIGILO_TRY(const auto there, content_of(path, note.size()));
    if (there == note) return true;
    if (note.starts_with(there)) return false;
    return fail(ErrorCode::corrupt,
                fmt::format("{} holds another checkpoint over as many records: this vault is not "
                            "the one that wrote it, or went on from an older backup",
                            path.string()),
                "run 'sigilo verify', and keep that file and a copy of the vault as they are");
  }
  // The umask keeps others out, but a checkpoint is for them. Some shares have no modes.
  static_cast<void>(::fchmod(file.get(), 0444));
  const auto written = write_all(file.get(), path, note);
  if (written) return true;
  ::unlink(path.c_str());  // where that is not allowed, the next attempt goes beside it
  return tl::unexpected(written.error());
}

}  // namespace

Directory::Directory(fs::path directory) : directory_(std::move(directory)) {}

Result<std::string> Directory::keep(const vault::KeptCheckpoint& checkpoint) {
  SIGILO_TRY(const auto stem, stem_of(checkpoint.note));
  for (int i = 0; i < max_names; ++i) {
    const auto name = i == 0 ? stem + ".txt" : fmt::format("{}.{}.txt", stem, i);
    SIGILO_TRY(const bool whole, make(directory_ / name, checkpoint.note));
    if (!whole) continue;
    SIGILO_TRY_DO(sync_directory(directory_));
    return std::string();
  }
  return fail(ErrorCode::io,
              fmt::format("{} holds {} unfinished files of one checkpoint", where_, max_names),
              "check the share: files break off there");
}

}  // namespace sigilo::anchor
