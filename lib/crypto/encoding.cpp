// SPDX-License-Identifier: Apache-2.0
// What secrets pass through is by libsodium, whose conversions take the same time for every
// content.
#include "crypto/encoding.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/check.hpp"
#include "crypto/secret.hpp"
#include "crypto/sodium_impl.hpp"

namespace sigilo::crypto {
namespace {

/// OpenSSL counts in int.
constexpr std::size_t most_encoded = std::size_t{1} << 30;
constexpr int base64_variant = sodium_base64_VARIANT_ORIGINAL;

/// libsodium 1.0.18 decodes some bytes from 0x80 on as if they were letters.
bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

/// Fills `bytes`, half as many as the text has characters.
bool decode_hex(std::string_view text, Bytes& bytes) {
  if (text.empty()) return true;  // libsodium wants no null pointers
  std::size_t length = 0;
  return sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length,
                        nullptr) == 0 &&
         length == bytes.size();
}

/// Fills `bytes` and cuts off what padding stood for.
bool decode_base64(std::string_view text, Bytes& bytes) {
  if (text.empty()) return true;
  if (!is_ascii(text)) return false;
  std::size_t length = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length,
                        nullptr, base64_variant) != 0)
    return false;
  bytes.resize(length);
  return true;
}

}  // namespace

std::string to_hex(BytesView bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');  // libsodium ends it with a zero
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  Bytes bytes(text.size() / 2);
  if (text.size() % 2 != 0 || !decode_hex(text, bytes)) {
    wipe(bytes);
    return fail(ErrorCode::invalid_input,
                fmt::format("{} characters are not hexadecimal digits in pairs", text.size()),
                "write two of 0-9 and a-f for each byte, nothing else");
  }
  return bytes;
}

// Only what anybody may read is written in base64: signatures, hashes, what was received. OpenSSL's
// table takes a tenth of the time of libsodium's constant-time conversion, and each record has one.
std::string to_base64(BytesView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
  SIGILO_CHECK(bytes.size() <= most_encoded, "base64 of 1 GiB");
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  Bytes bytes(text.size() / 4 * 3);
  if (text.size() % 4 != 0 || !decode_base64(text, bytes)) {
    wipe(bytes);
    return fail(ErrorCode::invalid_input,
                fmt::format("{} characters are not base64 with padding", text.size()),
                "use the standard alphabet of RFC 4648, padded with =, without spaces");
  }
  return bytes;
}

}  // namespace sigilo::crypto
