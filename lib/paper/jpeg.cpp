// SPDX-License-Identifier: Apache-2.0
#include "paper/jpeg.hpp"

namespace sigilo::paper {
namespace {

// ITU-T T.81, table B.1.
constexpr std::uint8_t soi = 0xD8, eoi = 0xD9, sos = 0xDA, tem = 0x01;
constexpr std::uint8_t baseline = 0xC0, extended = 0xC1, progressive = 0xC2;

bool is_frame_header(std::uint8_t marker) {
  // C4, C8 and CC are tables and extensions.
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

std::uint32_t big_endian_16(BytesView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) << 8 | bytes[at + 1];
}

std::optional<JpegSize> read_frame_header(std::uint8_t marker, BytesView body) {
  if (marker != baseline && marker != extended && marker != progressive) return std::nullopt;
  if (body.size() < 6 || body[0] != 8) return std::nullopt;
  const JpegSize size{big_endian_16(body, 3), big_endian_16(body, 1)};
  const auto colours = body[5];
  if (colours != 1 && colours != 3) return std::nullopt;
  if (body.size() != 6U + 3U * colours) return std::nullopt;
  if (size.width == 0 || size.height == 0) return std::nullopt;
  if (size.width > most_jpeg_side || size.height > most_jpeg_side) return std::nullopt;
  return size;
}

}  // namespace

std::optional<JpegSize> printable_jpeg(BytesView file) {
  if (file.size() < 4 || file.size() > most_jpeg_bytes) return std::nullopt;
  if (file[0] != 0xFF || file[1] != soi) return std::nullopt;
  std::optional<JpegSize> size;
  std::size_t at = 2;
  for (int segment = 0; segment < most_jpeg_segments; ++segment) {
    // FF, marker, length of two bytes that counts itself.
    if (file.size() - at < 4 || file[at] != 0xFF) return std::nullopt;
    const std::uint8_t marker = file[at + 1];
    if (marker == sos) return size;
    if (marker <= tem || marker == 0xFF || (marker >= 0xD0 && marker <= eoi)) return std::nullopt;
    const std::size_t length = big_endian_16(file, at + 2);
    if (length < 2 || length > file.size() - at - 2) return std::nullopt;
    if (is_frame_header(marker)) {
      if (size) return std::nullopt;  // a second frame: readers differ in which one they show
      size = read_frame_header(marker, file.subspan(at + 4, length - 2));
      if (!size) return std::nullopt;
    }
    at += 2 + length;
  }
  return std::nullopt;
}

}  // namespace sigilo::paper
