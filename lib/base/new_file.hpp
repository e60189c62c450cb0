// SPDX-License-Identifier: Apache-2.0
// A file that comes into being complete or not at all, and never in the place of another.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sigilo {

/// Written as "TARGET.part" (mode 0600), given its name when it is whole and durable. Destroyed
/// before finish() succeeded, it leaves nothing. Runs on: any; one thread at a time.
class NewFile {
 public:
  /// Errors: already_exists (the target, or a .part of an earlier run), not_found (the directory),
  /// permission, no_space, io.
  static Result<NewFile> create(std::filesystem::path target);
  NewFile(NewFile&& other) noexcept
      : target_(std::move(other.target_)),
        part_(std::move(other.part_)),
        buffer_(std::move(other.buffer_)),
        descriptor_(std::exchange(other.descriptor_, -1)),
        size_(other.size_) {}
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  /// Errors: no_space, io. After one the file can only be given up.
  Result<> write(BytesView bytes);
  /// Bytes written until now.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Makes content and name durable. Errors: already_exists (somebody made the target meanwhile),
  /// no_space, io.
  Result<> finish();

 private:
  NewFile(std::filesystem::path target, std::filesystem::path part, int descriptor)
      : target_(std::move(target)), part_(std::move(part)), descriptor_(descriptor) {}
  Result<> flush();
  [[nodiscard]] tl::unexpected<Error> failed(const char* what, int number) const;

  std::filesystem::path target_;
  std::filesystem::path part_;
  Bytes buffer_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

}  // namespace sigilo
