// SPDX-License-Identifier: Apache-2.0
// What the room asks of the file system. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sigilo::media {

/// What errno says about `path`; call it before anything else touches errno.
tl::unexpected<Error> disk_error(std::string_view doing, const std::filesystem::path& path);

/// A file descriptor that is closed at the end. Links are not followed.
class Descriptor {
 public:
  /// Errors: not_found, already_exists (with O_EXCL), no_space, permission, io.
  static Result<Descriptor> open(const std::filesystem::path& path, int flags, mode_t mode = 0);
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  /// All of it. Errors: no_space, io.
  Result<> write(BytesView bytes, const std::filesystem::path& path) const;
  /// How many were read; 0 at the end. Errors: io.
  Result<std::size_t> read(std::span<std::uint8_t> room, const std::filesystem::path& path) const;
  /// Errors: no_space, io.
  Result<> sync(const std::filesystem::path& path) const;
  [[nodiscard]] int number() const { return number_; }

 private:
  explicit Descriptor(int number) : number_(number) {}
  int number_;
};

/// What a file leaves free: a single video must never take the last room from the messages. Some
/// 30,000 of them, and the write-ahead log.
inline constexpr std::uint64_t room_for_messages = std::uint64_t{64} << 20U;

/// Whether `bytes` more fit beside that. Errors: no_space, io.
Result<> require_room(const std::filesystem::path& directory, std::uint64_t bytes);
/// Makes the directory (0700) if it is not there, durably. Errors: no_space, permission, io.
Result<> require_directory(const std::filesystem::path& directory);
/// Makes the names in it durable. Errors: permission, io.
Result<> sync_directory(const std::filesystem::path& directory);
/// True where there was one. Errors: permission, io.
Result<bool> remove_file(const std::filesystem::path& path);

}  // namespace sigilo::media
