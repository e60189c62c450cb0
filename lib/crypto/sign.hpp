// SPDX-License-Identifier: Apache-2.0
// Ed25519 (RFC 8032), by libsodium.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace sigilo::crypto {

struct Signature {
  std::array<std::uint8_t, 64> bytes{};
  bool operator==(const Signature&) const = default;
  [[nodiscard]] BytesView view() const { return bytes; }
  static Result<Signature> from(BytesView bytes);
};

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  bool operator==(const PublicKey&) const = default;
  [[nodiscard]] BytesView view() const { return bytes; }
  static Result<PublicKey> from(BytesView bytes);
  /// False for a wrong signature, a non-canonical one and a low-order key. Runs on: any.
  [[nodiscard]] bool verify(BytesView message, const Signature& signature) const;
};

/// A secret signing key; 32-byte seed as in RFC 8032. Move-only. Runs on: any, one at a time.
class SigningKey {
 public:
  static SigningKey generate(Random& random);
  /// Errors: invalid_input unless the seed has 32 bytes.
  static Result<SigningKey> from_seed(BytesView seed);
  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] Signature sign(BytesView message) const;
  /// The seed, for storing or printing a recovery key.
  [[nodiscard]] BytesView seed() const { return secret_.view().first(32); }

 private:
  SigningKey() = default;
  SecretBytes secret_;  // 64 bytes: seed and public key, as libsodium keeps it
  PublicKey public_key_;
};

}  // namespace sigilo::crypto
