// SPDX-License-Identifier: Apache-2.0
#include "archive/zip_writer.hpp"

#include <optional>
#include <string>
#include <utility>

#include <archive_entry.h>
#include <fmt/format.h>

#include "archive/archive_impl.hpp"
#include "archive/entry_name.hpp"
#include "base/check.hpp"
#include "base/new_file.hpp"

namespace sigilo::archive {

struct ZipWriter::Impl {
  struct Free {
    void operator()(::archive* archive) const { archive_write_free(archive); }
    void operator()(::archive_entry* entry) const { archive_entry_free(entry); }
  };

  explicit Impl(NewFile output) : file(std::move(output)) {}
  ~Impl() { given_up = true; }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Never fails: after a failed write libarchive would not release what its compressor holds. The
  // error is kept for done(), and what still comes is dropped.
  static la_ssize_t write(::archive*, void* self, const void* data, std::size_t size) {
    auto& impl = *static_cast<Impl*>(self);
    if (!impl.error && !impl.given_up) {
      const auto written = impl.file.write({static_cast<const std::uint8_t*>(data), size});
      if (!written) impl.error = written.error();
    }
    return static_cast<la_ssize_t>(size);
  }

  Result<> done(int status) {
    if (error) return tl::unexpected<Error>(*error);
    if (status == ARCHIVE_OK) return {};
    return fail(ErrorCode::io, fmt::format("cannot write an archive: {}", reason_of(zip.get())),
                "check the disk");
  }

  NewFile file;
  std::optional<Error> error{};
  bool given_up = false;
  Names names{};
  std::unique_ptr<::archive, Free> zip{archive_write_new()};
};

ZipWriter::ZipWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZipWriter::ZipWriter(ZipWriter&&) noexcept = default;
ZipWriter::~ZipWriter() = default;

Result<ZipWriter> ZipWriter::create(std::filesystem::path file) {
  SIGILO_TRY(auto output, NewFile::create(std::move(file)));
  ZipWriter writer(std::make_unique<Impl>(std::move(output)));
  const Utf8Names locale;
  auto& impl = *writer.impl_;
  auto* const zip = impl.zip.get();
  SIGILO_CHECK(archive_write_set_format_zip(zip) == ARCHIVE_OK &&
                   archive_write_set_options(zip, "zip:hdrcharset=UTF-8") == ARCHIVE_OK,
               "libarchive was built with zip");
  archive_write_set_bytes_per_block(zip, 0);  // NewFile gathers
  SIGILO_TRY_DO(impl.done(archive_write_open(zip, &impl, nullptr, &Impl::write, nullptr)));
  return writer;
}

Result<> ZipWriter::add(std::string_view name, std::uint64_t size, Packing packing,
                        const std::function<Result<>(const EntrySink&)>& content) {
  SIGILO_TRY_DO(impl_->names.add(name));
  auto* const zip = impl_->zip.get();
  {
    const Utf8Names locale;
    const std::unique_ptr<::archive_entry, Impl::Free> entry(archive_entry_new());
    archive_entry_set_pathname_utf8(entry.get(), std::string(name).c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    // No time is set: ZIP's own time is local, so any other would depend on the time zone.
    SIGILO_TRY_DO(impl_->done(packing == Packing::stored
                                  ? archive_write_zip_set_compression_store(zip)
                                  : archive_write_zip_set_compression_deflate(zip)));
    SIGILO_TRY_DO(impl_->done(archive_write_header(zip, entry.get())));
  }
  std::uint64_t left = size;
  const auto refuse = [&] {
    return fail(ErrorCode::invalid_input,
                fmt::format("{} does not have the {} bytes that were told", name, size),
                "pack it again when nothing changes it");
  };
  SIGILO_TRY_DO(content([&](BytesView bytes) -> Result<> {
    if (bytes.size() > left) return refuse();
    left -= bytes.size();
    if (bytes.empty()) return {};
    const auto written = archive_write_data(zip, bytes.data(), bytes.size());
    return impl_->done(written == static_cast<la_ssize_t>(bytes.size()) ? ARCHIVE_OK
                                                                        : ARCHIVE_FATAL);
  }));
  if (left > 0) return refuse();
  return impl_->done(archive_write_finish_entry(zip));
}

Result<> ZipWriter::add(std::string_view name, BytesView content, Packing packing) {
  return add(name, content.size(), packing, [&](const EntrySink& sink) { return sink(content); });
}

Result<> ZipWriter::finish() {
  {
    const Utf8Names locale;
    SIGILO_TRY_DO(impl_->done(archive_write_close(impl_->zip.get())));
  }
  impl_->zip.reset();
  return impl_->file.finish();
}

}  // namespace sigilo::archive
