// SPDX-License-Identifier: Apache-2.0
#include "crypto/sign.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/check.hpp"
#include "crypto/sodium_impl.hpp"

namespace sigilo::crypto {
namespace {

/// A T with a `bytes` array, out of exactly as many bytes.
template <class T>
Result<T> of_exact_size(BytesView bytes, std::string_view name) {
  T value;
  if (bytes.size() != value.bytes.size()) {
    return fail(ErrorCode::invalid_input, fmt::format("an Ed25519 {} has {} bytes, not {}", name,
                                                      value.bytes.size(), bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
  return value;
}

}  // namespace

Result<Signature> Signature::from(BytesView bytes) {
  return of_exact_size<Signature>(bytes, "signature");
}

Result<PublicKey> PublicKey::from(BytesView bytes) {
  return of_exact_size<PublicKey>(bytes, "public key");
}

bool PublicKey::verify(BytesView message, const Signature& signature) const {
  ready_sodium();
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     bytes.data()) == 0;
}

SigningKey SigningKey::generate(Random& random) {
  const SecretBytes seed = SecretBytes::random(crypto_sign_SEEDBYTES, random);
  return *from_seed(seed.view());
}

Result<SigningKey> SigningKey::from_seed(BytesView seed) {
  if (seed.size() != crypto_sign_SEEDBYTES) {
    return fail(ErrorCode::invalid_input, fmt::format("an Ed25519 seed has {} bytes, not {}",
                                                      crypto_sign_SEEDBYTES, seed.size()));
  }
  SigningKey key;
  key.secret_ = SecretBytes(crypto_sign_SECRETKEYBYTES);
  const int outcome = crypto_sign_seed_keypair(key.public_key_.bytes.data(),
                                               key.secret_.writable().data(), seed.data());
  SIGILO_CHECK(outcome == 0, "libsodium made no key of a seed");
  return key;
}

Signature SigningKey::sign(BytesView message) const {
  SIGILO_CHECK(!secret_.empty(), "signing with a key that was moved away");
  Signature signature;
  const int outcome = crypto_sign_detached(signature.bytes.data(), nullptr, message.data(),
                                           message.size(), secret_.view().data());
  SIGILO_CHECK(outcome == 0, "libsodium refused to sign");
  return signature;
}

}  // namespace sigilo::crypto
