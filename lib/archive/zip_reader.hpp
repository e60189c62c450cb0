// SPDX-License-Identifier: Apache-2.0
// A ZIP file from somebody else, read so that there is only one way to read it: what this program
// verifies is what any other unpacks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "archive/zip_writer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sigilo::archive {

/// What an archive may be at most. The defaults let a bundle of 100,000 messages with their media
/// through, and stop a bomb after the first megabytes.
struct Limits {
  std::size_t entries = 200'000;
  std::uint64_t entry_bytes = std::uint64_t{4} << 30;   ///< of one file, unpacked
  std::uint64_t total_bytes = std::uint64_t{64} << 30;  ///< of all files, unpacked
  /// Unpacked bytes for each packed one. Deflate reaches 1,032; texts 5 to 20, JSON of repeated
  /// records 50.
  std::uint64_t ratio = 200;
  /// Files smaller than this may have any ratio: a page of zeros harms nobody.
  std::uint64_t ratio_from = std::uint64_t{1} << 20;
};

struct ZipEntry {
  std::string name;  ///< a file; as check_name() allows
  std::uint64_t size = 0;
  std::uint64_t packed_size = 0;
  std::uint32_t crc = 0;
  bool deflated = false;
  std::uint64_t offset = 0;  ///< of its local header
};

/// Refused, each with its own words: names that check_name() refuses, links and other special
/// files, duplicates, encrypted entries, other methods than stored and deflated, several disks,
/// bytes before, between and after the entries, entries that overlap, comments, a local header that
/// says otherwise than the directory, and whatever is over a limit. Entries for directories are
/// allowed and passed over.
/// Runs on: work; one thread at a time.
class ZipReader {
 public:
  /// Reads the directory and every local header. Errors: not_found, permission, io; corrupt (no
  /// whole ZIP file, or one that can be read in two ways), invalid_input (what is refused above).
  static Result<ZipReader> open(const std::filesystem::path& file, const Limits& limits = {});
  ZipReader(ZipReader&&) noexcept;
  ZipReader& operator=(ZipReader&&) = delete;
  ~ZipReader();

  /// In the order of the file.
  [[nodiscard]] const std::vector<ZipEntry>& entries() const;
  /// Unpacks every entry in order: `begin` says where its bytes go (an empty sink: nowhere, the
  /// checksum is compared all the same). Errors: corrupt (the checksum, the size), those of
  /// `begin` and its sink.
  Result<> each(const std::function<Result<EntrySink>(const ZipEntry&)>& begin) const;
  /// One entry, whole. Errors: not_found, invalid_input (over `most` bytes), and as each().
  [[nodiscard]] Result<Bytes> read(std::string_view name, std::size_t most) const;

 private:
  struct Impl;
  explicit ZipReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigilo::archive
