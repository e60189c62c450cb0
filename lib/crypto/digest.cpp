// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.hpp"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/check.hpp"
#include "crypto/encoding.hpp"

namespace sigilo::crypto {
namespace {

void must(bool outcome) {
  SIGILO_CHECK(outcome, "OpenSSL refused SHA-256 or HMAC");
}

/// Algorithms are looked up once a process: OpenSSL 3 takes longer to look one up than to hash a
/// tree node.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  must(algorithm != nullptr);
  return algorithm;
}

EVP_MAC* hmac_algorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  must(algorithm != nullptr);
  return algorithm;
}

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }  // wipes the key
};
using Mac = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

/// For SHA-256, still without a key.
Mac new_mac() {
  Mac mac(EVP_MAC_CTX_new(hmac_algorithm()));
  must(mac != nullptr);
  char name[] = "SHA2-256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                   OSSL_PARAM_construct_end()};
  must(EVP_MAC_CTX_set_params(mac.get(), parameters) == 1);
  return mac;
}

void begin(EVP_MAC_CTX* mac, BytesView key) {
  constexpr std::uint8_t no_key = 0;  // a null pointer would mean "the key from before"
  must(EVP_MAC_init(mac, key.empty() ? &no_key : key.data(), key.size(), nullptr) == 1);
}

Digest finish(EVP_MAC_CTX* mac, BytesView bytes) {
  Digest digest;
  std::size_t length = 0;
  must(EVP_MAC_update(mac, bytes.data(), bytes.size()) == 1);
  must(EVP_MAC_final(mac, digest.bytes.data(), &length, digest.bytes.size()) == 1);
  must(length == digest.bytes.size());
  return digest;
}

}  // namespace

std::string Digest::hex() const {
  return to_hex(bytes);
}

Result<Digest> Digest::from(BytesView bytes) {
  Digest digest;
  if (bytes.size() != digest.bytes.size()) {
    return fail(ErrorCode::invalid_input,
                fmt::format("a hash has {} bytes, not {}", digest.bytes.size(), bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
  return digest;
}

Result<Digest> Digest::from_hex(std::string_view hex) {
  SIGILO_TRY(const Bytes bytes, crypto::from_hex(hex));
  return from(bytes);
}

Digest sha256(BytesView bytes) {
  thread_local Sha256 scratch;
  return scratch.update(bytes).finish();
}

struct Sha256::Context {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(digest); }
  void begin() {
    must(digest != nullptr && EVP_DigestInit_ex2(digest, sha256_algorithm(), nullptr) == 1);
  }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  context_->begin();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(BytesView bytes) {
  must(EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()) == 1);
  return *this;
}

Digest Sha256::finish() {
  Digest digest;
  unsigned length = 0;
  must(EVP_DigestFinal_ex(context_->digest, digest.bytes.data(), &length) == 1);
  must(length == digest.bytes.size());
  context_->begin();
  return digest;
}

struct HmacSha256::Context {
  Mac keyed = new_mac();
  std::mutex one_at_a_time;
};

HmacSha256::HmacSha256(BytesView key) : context_(std::make_unique<Context>()) {
  begin(context_->keyed.get(), key);
}
HmacSha256::~HmacSha256() = default;
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;

// Begun anew with the key from before: a copy of the context would take twelve allocations.
Digest HmacSha256::of(BytesView bytes) const {
  const std::lock_guard guard(context_->one_at_a_time);
  must(EVP_MAC_init(context_->keyed.get(), nullptr, 0, nullptr) == 1);
  return finish(context_->keyed.get(), bytes);
}

// The context is kept for the next key: making one looks SHA-256 up by its name. The key, a
// record's salt, is overwritten by the next one.
Digest hmac_sha256(BytesView key, BytesView bytes) {
  thread_local const Mac scratch = new_mac();
  begin(scratch.get(), key);
  return finish(scratch.get(), bytes);
}

}  // namespace sigilo::crypto
