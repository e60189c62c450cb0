// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), by OpenSSL.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sigilo::crypto {

/// 32 bytes of a hash or a MAC.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Digest&) const = default;
  [[nodiscard]] BytesView view() const { return bytes; }
  [[nodiscard]] std::string hex() const;
  /// Errors: invalid_input unless exactly 32 bytes.
  static Result<Digest> from(BytesView bytes);
  static Result<Digest> from_hex(std::string_view hex);
};

/// One-shot. Runs on: any.
Digest sha256(BytesView bytes);

/// For what does not fit in memory or comes in parts. Runs on: any, one at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256& update(BytesView bytes);
  /// Ends the computation and begins a new one.
  Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Keeps its prepared key: 1.2 µs for a webhook body. Runs on: any; of() may be called from several
/// threads.
class HmacSha256 {
 public:
  explicit HmacSha256(BytesView key);
  ~HmacSha256();
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;
  [[nodiscard]] Digest of(BytesView bytes) const;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// One-shot HMAC for keys that are used once (a record's salt).
Digest hmac_sha256(BytesView key, BytesView bytes);

}  // namespace sigilo::crypto
