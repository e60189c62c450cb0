// SPDX-License-Identifier: Apache-2.0
#include "media/sealed_file.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.hpp"
#include "crypto/encoding.hpp"
#include "media/disk.hpp"
#include "media/names.hpp"

namespace sigilo::media {
namespace {

namespace fs = std::filesystem;

Result<fs::path> place_of(const fs::path& media, std::string_view path) {
  if (!is_sealed_path(path))
    return fail(ErrorCode::corrupt,
                fmt::format("a sealed file cannot have the name {} bytes long "
                            "that the vault gives it",
                            path.size()),
                "verify the vault with sigilo verify");
  return media / path;
}

}  // namespace

fs::path media_directory(const fs::path& vault) {
  return vault / "media";
}

struct SealedWriter::Impl {
  Impl(fs::path media_, std::string path_, crypto::SecretBytes key_, fs::path part_,
       Descriptor descriptor_)
      : media(std::move(media_)),
        path(std::move(path_)),
        key(std::move(key_)),
        part(std::move(part_)),
        descriptor(std::move(descriptor_)),
        stream(key, [this](BytesView sealed) { return descriptor->write(sealed, part); }) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (!renamed) ::unlink(part.c_str());  // else clean_up() does
  }

  Result<> rename() {
    const fs::path target = media / path;
    SIGILO_TRY_DO(require_directory(target.parent_path()));
    if (::rename(part.c_str(), target.c_str()) != 0) return disk_error("rename", part);
    renamed = true;
    auto synced = sync_directory(target.parent_path());
    if (synced) synced = sync_directory(part.parent_path());
    return synced;
  }

  const fs::path media;
  const std::string path;  ///< below media/
  crypto::SecretBytes key;
  const fs::path part;
  std::optional<Descriptor> descriptor;  ///< until it is sealed
  crypto::SealingStream stream;
  crypto::Sha256 hash;
  crypto::Digest sha256;
  std::uint64_t size = 0;
  bool renamed = false;
};

SealedWriter::SealedWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SealedWriter::SealedWriter(SealedWriter&&) noexcept = default;
SealedWriter& SealedWriter::operator=(SealedWriter&&) noexcept = default;
SealedWriter::~SealedWriter() = default;

Result<SealedWriter> SealedWriter::create(const fs::path& media, Random& random) {
  std::array<std::uint8_t, name_digits / 2> name{};
  random.fill(name);
  const std::string digits = crypto::to_hex(name);
  vault::SealedFile file;
  file.path = digits.substr(0, folder_digits) + "/" + digits.substr(folder_digits);
  // Evidence is never written over, however bad the randomness.
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(media / file.path, ignored)))
    return fail(ErrorCode::already_exists,
                fmt::format("{} is there already", (media / file.path).string()),
                "the machine's randomness repeats itself: check the machine");
  file.key = crypto::SecretBytes::random(crypto::sealing_key_size, random);
  return create_for(file, media, random);
}

Result<SealedWriter> SealedWriter::create_for(const vault::SealedFile& damaged,
                                              const fs::path& media, Random& random) {
  SIGILO_TRY_DO(place_of(media, damaged.path));
  if (damaged.key.size() != crypto::sealing_key_size)
    return fail(ErrorCode::corrupt, "the key of a sealed file has another size",
                "verify the vault with sigilo verify");
  SIGILO_TRY_DO(require_directory(incoming_directory(media)));
  std::array<std::uint8_t, name_digits / 2> name{};
  random.fill(name);
  fs::path part =
      incoming_directory(media) / fmt::format("{}{}", crypto::to_hex(name), unfinished_ending);
  SIGILO_TRY(auto descriptor, Descriptor::open(part, O_WRONLY | O_CREAT | O_EXCL, 0600));
  return SealedWriter(std::make_unique<Impl>(media, damaged.path, damaged.key.clone(),
                                             std::move(part), std::move(descriptor)));
}

Result<> SealedWriter::write(BytesView plain) {
  SIGILO_TRY_DO(require_room(impl_->part.parent_path(), plain.size()));
  impl_->hash.update(plain);
  impl_->size += plain.size();
  return impl_->stream.update(plain);
}

std::uint64_t SealedWriter::size() const {
  return impl_->size;
}

Result<> SealedWriter::seal() {
  SIGILO_TRY_DO(impl_->stream.finish());
  SIGILO_TRY_DO(impl_->descriptor->sync(impl_->part));
  impl_->descriptor.reset();
  impl_->sha256 = impl_->hash.finish();
  return {};
}

const crypto::Digest& SealedWriter::sha256() const {
  SIGILO_CHECK(!impl_->descriptor, "a hash before the end");
  return impl_->sha256;
}

Result<vault::SealedFile> SealedWriter::keep() {
  SIGILO_CHECK(!impl_->descriptor, "a file is sealed before it is kept");
  if (auto renamed = impl_->rename(); !renamed) {
    if (impl_->renamed) ::unlink((impl_->media / impl_->path).c_str());
    return pass_on(std::move(renamed));
  }
  vault::SealedFile file;
  file.path = impl_->path;
  file.key = impl_->key.clone();
  file.sha256 = impl_->sha256;
  file.size = impl_->size;
  return file;
}

Result<> SealedWriter::replace() {
  SIGILO_CHECK(!impl_->descriptor, "a file is sealed before it is kept");
  return impl_->rename();
}

Result<> open_sealed(const fs::path& media, const vault::SealedFile& file,
                     const crypto::BytesSink& out) {
  SIGILO_TRY(const auto place, place_of(media, file.path));
  if (file.key.size() != crypto::sealing_key_size)
    return fail(ErrorCode::corrupt, "the key of a sealed file has another size",
                "verify the vault with sigilo verify");
  SIGILO_TRY(const auto descriptor, Descriptor::open(place, O_RDONLY));
  std::uint64_t size = 0;
  crypto::Sha256 hash;
  crypto::OpeningStream stream(file.key, [&](BytesView plain) -> Result<> {
    size += plain.size();
    hash.update(plain);
    return out(plain);
  });
  Bytes part(crypto::sealed_chunk);
  for (;;) {
    SIGILO_TRY(const std::size_t count, descriptor.read(part, place));
    if (count == 0) break;
    SIGILO_TRY_DO(stream.update(BytesView(part).first(count)));
  }
  SIGILO_TRY_DO(stream.finish());
  if (size != file.size || hash.finish() != file.sha256)
    return fail(ErrorCode::corrupt,
                fmt::format("{} holds other bytes than the vault says", place.string()),
                "verify the vault with sigilo verify");
  return {};
}

Result<> check_sealed(const fs::path& media, const vault::SealedFile& file) {
  return open_sealed(media, file, [](BytesView) -> Result<> { return {}; });
}

Result<> repair(const fs::path& media, const vault::SealedFile& good,
                const vault::SealedFile& damaged, Random& random) {
  SIGILO_CHECK(good.sha256 == damaged.sha256 && good.size == damaged.size,
               "a file is repaired with the same bytes");
  SIGILO_TRY(auto writer, SealedWriter::create_for(damaged, media, random));
  SIGILO_TRY_DO(open_sealed(media, good, [&](BytesView plain) { return writer.write(plain); }));
  SIGILO_TRY_DO(writer.seal());
  return writer.replace();
}

Result<> remove_sealed(const fs::path& media, std::string_view path) {
  SIGILO_TRY(const auto place, place_of(media, path));
  SIGILO_TRY(const bool was, remove_file(place));
  return was ? sync_directory(place.parent_path()) : Result<>{};
}

}  // namespace sigilo::media
