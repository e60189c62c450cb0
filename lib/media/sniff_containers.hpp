// SPDX-License-Identifier: Apache-2.0
// Formats that hold others, for sniff.cpp. Each function answers "" for bytes of another format.
// Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sigilo::media {

inline constexpr std::string_view word_type =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
inline constexpr std::string_view excel_type =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
inline constexpr std::string_view powerpoint_type =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/// The four bytes at `at`, which must be there.
std::uint32_t big_endian(std::string_view bytes, std::size_t at);

/// RIFF: WebP, WAVE, AVI.
std::string_view riff_type(std::string_view bytes);
/// IFF: AIFF.
std::string_view iff_type(std::string_view bytes);
/// MP4 and its relations, by brand (ISO/IEC 14496-12, mp4ra.org); QuickTime without one.
std::string_view iso_media_type(std::string_view bytes);
/// Ogg by its first stream (RFC 5334, RFC 7845).
std::string_view ogg_type(std::string_view bytes);
/// ZIP by its first entries: office documents, Java and Android packages.
std::string_view zip_type(std::string_view bytes);
/// MP3 and AAC (ADTS) without a tag before them.
std::string_view mpeg_audio_type(std::string_view bytes);

}  // namespace sigilo::media
