// SPDX-License-Identifier: Apache-2.0
// By libsodium, whose conversions take the same time for every content: secrets pass through here.
#include "crypto/encoding.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "crypto/secret.hpp"
#include "crypto/sodium_impl.hpp"

namespace sigilo::crypto {
namespace {

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

std::string to_base64(BytesView bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), base64_variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), base64_variant);
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
