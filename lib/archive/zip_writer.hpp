// SPDX-License-Identifier: Apache-2.0
// A ZIP file written as it comes, which every unpacking program opens. The same entries give the
// same bytes: no clock, no user, no time zone stands in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sigilo::archive {

enum class Packing {
  stored,   ///< as it is: pictures, sound, what is compressed already
  deflated  ///< text
};

/// Takes the bytes of one entry, in order.
using EntrySink = std::function<Result<>(BytesView)>;

/// Entries stand in the order in which they are added; sizes beyond 4 GiB are ZIP64. Every entry
/// has the time 1980-01-01 00:00, the earliest that ZIP can say (times of evidence stand in its
/// signed records), and names are UTF-8. Destroyed before finish() succeeded, nothing is left.
/// Runs on: work; one thread at a time.
class ZipWriter {
 public:
  /// Errors: those of NewFile::create.
  static Result<ZipWriter> create(std::filesystem::path file);
  ZipWriter(ZipWriter&&) noexcept;
  ZipWriter& operator=(ZipWriter&&) = delete;
  ~ZipWriter();

  /// Calls `content` with where its `size` bytes go. A size that turns out otherwise is an error: a
  /// file that changes while it is packed is no evidence.
  /// Errors: invalid_input (the name, or the size), no_space, io, and those of `content`. After one
  /// the archive can only be given up.
  Result<> add(std::string_view name, std::uint64_t size, Packing packing,
               const std::function<Result<>(const EntrySink&)>& content);
  Result<> add(std::string_view name, BytesView content, Packing packing);
  /// Writes the directory, makes the file durable and gives it its name. Errors: as
  /// NewFile::finish.
  Result<> finish();

 private:
  struct Impl;
  explicit ZipWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigilo::archive
