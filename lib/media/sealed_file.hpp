// SPDX-License-Identifier: Apache-2.0
// Sealed files in the vault's media/ (docs/media-format.md): written so that there is a whole one
// or none, read so that damage shows. What the provider calls a file never becomes a name on the
// disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "crypto/sealed_stream.hpp"
#include "vault/media.hpp"

namespace sigilo::media {

/// Where sealed files lie.
std::filesystem::path media_directory(const std::filesystem::path& vault);

/// One file being written, in media/incoming/. What is not kept is gone when this is. Runs on: any,
/// one at a time.
class SealedWriter {
 public:
  /// `media` must exist; incoming/ is made. Errors: no_space, permission, io.
  static Result<SealedWriter> create(const std::filesystem::path& media, Random& random);
  SealedWriter(SealedWriter&&) noexcept;
  SealedWriter& operator=(SealedWriter&&) noexcept;
  ~SealedWriter();

  /// Errors: no_space, io; then it can only be thrown away.
  Result<> write(BytesView plain);
  [[nodiscard]] std::uint64_t size() const;  ///< plain bytes so far

  /// Ends the writing: all bytes are on the disk, not yet under their name. Errors: no_space, io.
  Result<> seal();
  /// Of the plain bytes; valid after seal().
  [[nodiscard]] const crypto::Digest& sha256() const;

  /// After seal(): gives the file its name, durably. A crash before the row that names it is
  /// committed leaves a file that clean_up() removes. Errors: no_space, permission, io (nothing is
  /// left).
  Result<vault::SealedFile> keep();

  /// After seal(): puts the file, which must have been made by create_for(damaged), into the place
  /// of the damaged one. Errors: as keep().
  Result<> replace();
  /// A writer of the same plain bytes in the place of a file that is damaged, under its key.
  static Result<SealedWriter> create_for(const vault::SealedFile& damaged,
                                         const std::filesystem::path& media, Random& random);

 private:
  struct Impl;
  explicit SealedWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Hands out the plain bytes, each authentic; at the end they were as many as `file` says, with its
/// hash. Errors: not_found, corrupt, permission, io, those of the sink. Runs on: any.
Result<> open_sealed(const std::filesystem::path& media, const vault::SealedFile& file,
                     const crypto::BytesSink& out);

/// As open_sealed, for whom the bytes don't matter.
Result<> check_sealed(const std::filesystem::path& media, const vault::SealedFile& file);

/// Seals the bytes of `good` anew under key and name of `damaged`, which must have the same hash
/// and size. Errors: as open_sealed and SealedWriter.
Result<> repair(const std::filesystem::path& media, const vault::SealedFile& good,
                const vault::SealedFile& damaged, Random& random);

/// Removes a file that no row names. One that is not there is no error. Errors: permission, io.
Result<> remove_sealed(const std::filesystem::path& media, std::string_view path);

}  // namespace sigilo::media
