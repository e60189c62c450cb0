// SPDX-License-Identifier: Apache-2.0
#include "archive/zip_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive_impl.hpp"
#include "archive/zip_structure.hpp"
#include "base/check.hpp"

namespace sigilo::archive {
namespace {

constexpr std::size_t block_size = 64 * 1024;

struct Free {
  void operator()(::archive* archive) const { archive_read_free(archive); }
};

tl::unexpected<Error> corrupt(const std::string& why) {
  return fail(ErrorCode::corrupt, "the archive " + why,
              "ask for the file again; do not trust what a part of it says");
}

}  // namespace

struct ZipReader::Impl {
  ~Impl() {
    if (descriptor >= 0) ::close(descriptor);
  }
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] Result<> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
    while (!out.empty()) {
      const auto count = ::pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0)
        return fail(ErrorCode::io,
                    fmt::format("cannot read {}: {}", path.string(),
                                std::error_code(errno, std::generic_category()).message()),
                    "check the disk");
      if (count == 0) return corrupt("became shorter while it was read");
      offset += static_cast<std::uint64_t>(count);
      out = out.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  [[nodiscard]] Result<> unpack(::archive* zip, const ZipEntry& entry,
                                const EntrySink& sink) const {
    std::uint64_t size = 0;
    std::array<std::uint8_t, block_size> block;
    for (;;) {
      const auto count = archive_read_data(zip, block.data(), block.size());
      if (count < 0) return corrupt("is damaged: " + reason_of(zip));
      if (count == 0) break;
      size += static_cast<std::uint64_t>(count);
      if (size > entry.size) return corrupt("has a file that is longer than it says");
      if (sink) SIGILO_TRY_DO(sink({block.data(), static_cast<std::size_t>(count)}));
    }
    if (size != entry.size) return corrupt("has a file that is shorter than it says");
    return {};
  }

  /// Every entry, or `only` one.
  [[nodiscard]] Result<> walk(const std::function<Result<EntrySink>(const ZipEntry&)>& begin,
                              const ZipEntry* only) const;

  std::filesystem::path path{};
  int descriptor = -1;
  std::vector<ZipEntry> entries{};
};

ZipReader::ZipReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZipReader::ZipReader(ZipReader&&) noexcept = default;
ZipReader::~ZipReader() = default;

Result<ZipReader> ZipReader::open(const std::filesystem::path& file, const Limits& limits) {
  ZipReader reader(std::make_unique<Impl>());
  auto& impl = *reader.impl_;
  impl.path = file;
  impl.descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (impl.descriptor < 0 || ::fstat(impl.descriptor, &status) != 0) {
    const int number = errno;
    const auto code = number == ENOENT   ? ErrorCode::not_found
                      : number == EACCES ? ErrorCode::permission
                                         : ErrorCode::io;
    return fail(code,
                fmt::format("cannot open {}: {}", file.string(),
                            std::error_code(number, std::generic_category()).message()),
                "check the name and who may read the file");
  }
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::invalid_input, fmt::format("{} is no file", file.string()));
  const ReadAt read_at = [&impl](std::uint64_t offset, std::span<std::uint8_t> out) {
    return impl.read_at(offset, out);
  };
  SIGILO_TRY(impl.entries,
             read_structure(read_at, static_cast<std::uint64_t>(status.st_size), limits));
  return reader;
}

const std::vector<ZipEntry>& ZipReader::entries() const {
  return impl_->entries;
}

Result<> ZipReader::Impl::walk(const std::function<Result<EntrySink>(const ZipEntry&)>& begin,
                               const ZipEntry* only) const {
  if (entries.empty()) return {};  // libarchive takes an empty archive for none
  const Utf8Names locale;
  const std::unique_ptr<::archive, Free> zip(archive_read_new());
  SIGILO_CHECK(archive_read_support_format_zip_seekable(zip.get()) == ARCHIVE_OK,
               "libarchive was built with zip");
  if (::lseek(descriptor, 0, SEEK_SET) != 0 ||
      archive_read_open_fd(zip.get(), descriptor, block_size) != ARCHIVE_OK)
    return corrupt("cannot be read: " + reason_of(zip.get()));
  std::size_t next = 0;
  for (;;) {
    ::archive_entry* found = nullptr;
    const int status = archive_read_next_header(zip.get(), &found);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK) return corrupt("is damaged: " + reason_of(zip.get()));
    const char* const name = archive_entry_pathname_utf8(found);
    if (name == nullptr) return corrupt("has a name that cannot be read");
    if (std::string_view(name).ends_with('/')) continue;
    // Two readers, ours and libarchive's, must see the same files.
    if (next == entries.size() || entries[next].name != name)
      return corrupt("can be read in two ways");
    const auto& entry = entries[next++];
    if (only != nullptr && only != &entry) continue;
    SIGILO_TRY(const auto sink, begin(entry));
    SIGILO_TRY_DO(unpack(zip.get(), entry, sink));
  }
  if (next != entries.size()) return corrupt("can be read in two ways");
  return {};
}

Result<> ZipReader::each(const std::function<Result<EntrySink>(const ZipEntry&)>& begin) const {
  return impl_->walk(begin, nullptr);
}

Result<Bytes> ZipReader::read(std::string_view name, std::size_t most) const {
  const auto& all = entries();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const ZipEntry& entry) { return entry.name == name; });
  if (found == all.end())
    return fail(ErrorCode::not_found, fmt::format("the archive has no file {}", name));
  if (found->size > most)
    return fail(ErrorCode::invalid_input,
                fmt::format("{} in the archive is larger than {} bytes", name, most));
  Bytes content;
  const EntrySink keep = [&](BytesView bytes) -> Result<> {
    content.insert(content.end(), bytes.begin(), bytes.end());
    return {};
  };
  SIGILO_TRY_DO(impl_->walk([&](const ZipEntry&) -> Result<EntrySink> { return keep; }, &*found));
  return content;
}

}  // namespace sigilo::archive
