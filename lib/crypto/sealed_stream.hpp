// SPDX-License-Identifier: Apache-2.0
// Sealing what does not fit in memory: libsodium's secretstream (XChaCha20-Poly1305) in chunks. The
// format, for readers without libsodium: docs/media-format.md.
//
//   header                  24 random bytes
//   chunk, chunk … chunk    each: 1 byte (the tag, encrypted), the encrypted bytes, 16 bytes MAC
//
// Every chunk but the last has sealed_chunk plain bytes and tag 0 (MESSAGE). The last one has
// tag 3 (FINAL) and 1 to sealed_chunk plain bytes; only where there are no plain bytes at all it
// has none. So there is one way to cut a plain text into chunks, and a sealed text's length tells
// the plain one's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace sigilo::crypto {

inline constexpr std::size_t sealed_chunk = std::size_t{64} << 10U;  ///< plain bytes of a chunk
inline constexpr std::size_t sealed_header = 24;
inline constexpr std::size_t sealed_overhead =
    17;  ///< bytes that a chunk has more than its plain text
inline constexpr std::size_t sealing_key_size = 32;

/// Length of the sealed text of so many plain bytes.
std::uint64_t sealed_length(std::uint64_t plain);

/// Takes bytes as they come out; its error ends the work and is passed on.
using BytesSink = std::function<Result<>(BytesView)>;

/// Plain bytes in, sealed bytes out. A key may seal many streams: each header is random. After an
/// error it can only be thrown away. Runs on: any, one at a time.
class SealingStream {
 public:
  /// `key` must have sealing_key_size bytes.
  SealingStream(const SecretBytes& key, BytesSink out);
  SealingStream(SealingStream&&) noexcept = default;
  SealingStream& operator=(SealingStream&&) = delete;
  ~SealingStream();

  /// Errors: those of the sink.
  Result<> update(BytesView plain);
  /// Writes the last chunk; nothing may follow. Errors: those of the sink.
  Result<> finish();

 private:
  Result<> push(std::uint8_t tag);

  BytesSink out_;
  SecretBytes state_;
  std::optional<std::array<std::uint8_t, sealed_header>> header_;  ///< until it is written
  Bytes plain_;
  Bytes sealed_;
};

/// Sealed bytes in, plain bytes out, each of them authentic when it comes out. Whether they are all
/// is known at finish() only. Runs on: any, one at a time.
class OpeningStream {
 public:
  /// `key` must have sealing_key_size bytes.
  OpeningStream(const SecretBytes& key, BytesSink out);
  OpeningStream(OpeningStream&&) noexcept = default;
  OpeningStream& operator=(OpeningStream&&) = delete;
  ~OpeningStream();

  /// Errors: corrupt (not sealed with this key, altered, in another order, bytes after the end),
  /// those of the sink. After one each call fails with the same.
  Result<> update(BytesView sealed);
  /// Errors: corrupt (the end is missing).
  Result<> finish();

 private:
  enum class At { header, chunks, end };
  Result<> take(BytesView sealed);
  Result<> pull();

  BytesSink out_;
  SecretBytes key_;
  SecretBytes state_;
  At at_ = At::header;
  bool first_ = true;
  std::optional<Error> failed_;
  Bytes sealed_;
  Bytes plain_;
};

}  // namespace sigilo::crypto
