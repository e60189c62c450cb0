// SPDX-License-Identifier: Apache-2.0
// Whether a stranger's JPEG can stand in a PDF as it is. Only the header is read; nothing is ever
// decoded here, so a crafted picture meets no decoder of ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace sigilo::paper {

/// Larger pictures become boxes: the provider's own limit for images is 5 MiB.
inline constexpr std::size_t most_jpeg_bytes = 8 * 1024 * 1024;
/// In pixels; telephones reach 200 megapixels, but what messages carry is below 4,096 a side.
inline constexpr std::uint32_t most_jpeg_side = 8192;
/// Segments before the picture; real files have fewer than 50, a profile in pieces included.
inline constexpr int most_jpeg_segments = 512;

struct JpegSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// Dimensions of a baseline, extended or progressive JPEG of 8 bits with one or three colours (what
/// PDF's DCTDecode takes without more words); nothing for anything else. Runs on: any.
std::optional<JpegSize> printable_jpeg(BytesView file);

}  // namespace sigilo::paper
