// SPDX-License-Identifier: Apache-2.0
// Secrets are types that can't be printed, copied or left behind in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace sigilo::crypto {

/// Bytes in guarded, locked memory (sodium_malloc) that are wiped at the end. Move-only. Runs on:
/// any, one at a time.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size);
  /// A copy of `bytes`; wiping the source is the caller's part.
  static SecretBytes copy_of(BytesView bytes);
  static SecretBytes random(std::size_t size, Random& random);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  [[nodiscard]] std::span<std::uint8_t> writable() { return {data_, size_}; }
  [[nodiscard]] BytesView view() const { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const { return as_text(view()); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] SecretBytes clone() const { return copy_of(view()); }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Same length and same bytes, in time that tells only the length.
bool equal_constant_time(BytesView a, BytesView b);

/// Overwrites memory in a way that the compiler keeps.
void wipe(std::span<std::uint8_t> bytes);

}  // namespace sigilo::crypto

/// A secret in a log line does not compile.
template <>
struct fmt::formatter<sigilo::crypto::SecretBytes> {
  formatter() = delete;
};
