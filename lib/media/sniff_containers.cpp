// SPDX-License-Identifier: Apache-2.0
#include "media/sniff_containers.hpp"

#include <algorithm>
#include <array>

namespace sigilo::media {
namespace {

using namespace std::string_view_literals;

/// The bytes [at, at + length), as far as they are there.
std::string_view part(std::string_view bytes, std::size_t at, std::size_t length) {
  return at < bytes.size() ? bytes.substr(at, length) : std::string_view{};
}

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8U | byte_at(bytes, at + i);
  return value;
}

std::string_view brand_type(std::string_view brand) {
  struct Brand {
    std::string_view begins;
    std::string_view type;
  };
  static constexpr Brand brands[] = {
      {"qt  ", "video/quicktime"}, {"3g2", "video/3gpp2"}, {"3gp", "video/3gpp"},
      {"3ge", "video/3gpp"},       {"3gs", "video/3gpp"},  {"3gr", "video/3gpp"},
      {"M4A", "audio/mp4"},        {"M4B", "audio/mp4"},   {"M4P", "audio/mp4"},
      {"heic", "image/heic"},      {"heix", "image/heic"}, {"heim", "image/heic"},
      {"heis", "image/heic"},      {"avif", "image/avif"}, {"avis", "image/avif"},
      {"mif1", "image/heif"},      {"msf1", "image/heif"}, {"hevc", "image/heic"},
      {"mp4", "video/mp4"},        {"isom", "video/mp4"},  {"iso", "video/mp4"},
      {"avc1", "video/mp4"},       {"M4V", "video/mp4"},   {"MSNV", "video/mp4"},
      {"dash", "video/mp4"},       {"mmp4", "video/mp4"},  {"f4v", "video/mp4"},
  };
  for (const auto& [begins, type] : brands)
    if (brand.starts_with(begins)) return type;
  return {};
}

}  // namespace

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) << 24U | byte_at(bytes, at + 1) << 16U | byte_at(bytes, at + 2) << 8U |
         byte_at(bytes, at + 3);
}

std::string_view riff_type(std::string_view bytes) {
  if (!bytes.starts_with("RIFF")) return {};
  const auto form = part(bytes, 8, 6);
  if (form == "WEBPVP") return "image/webp";
  if (form.starts_with("WAVE")) return "audio/wav";
  if (form.starts_with("AVI ")) return "video/avi";
  return {};
}

std::string_view iff_type(std::string_view bytes) {
  const auto form = part(bytes, 8, 4);
  return bytes.starts_with("FORM") && (form == "AIFF" || form == "AIFC") ? "audio/aiff"sv : ""sv;
}

std::string_view iso_media_type(std::string_view bytes) {
  if (bytes.size() < 12) return {};
  const auto box = part(bytes, 4, 4);
  if (box == "moov" || box == "mdat" || box == "wide" || box == "pnot") return "video/quicktime";
  const std::size_t size = big_endian(bytes, 0);
  if (box != "ftyp" || size < 12 || size % 4 != 0) return {};
  const auto major = brand_type(part(bytes, 8, 4));
  if (!major.empty() && major != "image/heif") return major;
  // A brand that says little, or is not known: what it says to be compatible with.
  for (std::size_t at = 16; at + 4 <= std::min(size, bytes.size()); at += 4) {
    const auto type = brand_type(part(bytes, at, 4));
    if (type == "image/heic" || type == "image/avif" || (major.empty() && !type.empty()))
      return type;
  }
  return major.empty() ? "application/mp4"sv : major;
}

std::string_view ogg_type(std::string_view bytes) {
  if (!bytes.starts_with("OggS\0"sv)) return {};
  constexpr std::size_t page_header = 27;  // RFC 3533, then as many bytes as segments
  if (bytes.size() < page_header) return "application/ogg";
  const auto packet = part(bytes, page_header + byte_at(bytes, page_header - 1), 8);
  if (packet == "OpusHead" || packet.starts_with("\1vorbis") || packet.starts_with("Speex   ") ||
      packet.starts_with("\x7f"
                         "FLAC"))
    return "audio/ogg";
  if (packet.starts_with("\x80theora")) return "video/ogg";
  return "application/ogg";
}

std::string_view zip_type(std::string_view bytes) {
  constexpr auto entry = "PK\3\4"sv;
  constexpr std::size_t entry_header = 30;  // APPNOTE 4.3.7: then name, extra field, content
  if (bytes.starts_with("PK\5\6")) return "application/zip";  // empty
  if (!bytes.starts_with(entry)) return {};
  bool java = false;
  // Entries are looked for, not walked along: their sizes may stand behind them, or lie.
  for (auto at = bytes.find(entry); at != bytes.npos; at = bytes.find(entry, at + 1)) {
    if (at + entry_header > bytes.size()) break;
    const auto name_size = little_endian(bytes, at + 26, 2);
    const auto extra_size = little_endian(bytes, at + 28, 2);
    const auto name = part(bytes, at + entry_header, name_size);
    if (name == "mimetype" && at == 0) {
      const auto content = part(bytes, entry_header + name_size + extra_size, 64);
      for (const auto type :
           {"application/vnd.oasis.opendocument.text"sv,
            "application/vnd.oasis.opendocument.spreadsheet"sv,
            "application/vnd.oasis.opendocument.presentation"sv, "application/epub+zip"sv})
        if (content.starts_with(type)) return type;
    }
    if (name == "AndroidManifest.xml" || name == "classes.dex" || name == "resources.arsc")
      return "application/vnd.android.package-archive";
    if (name.starts_with("word/")) return word_type;
    if (name.starts_with("xl/")) return excel_type;
    if (name.starts_with("ppt/")) return powerpoint_type;
    java = java || name == "META-INF/MANIFEST.MF" || name.ends_with(".class");
  }
  return java ? "application/java-archive"sv : "application/zip"sv;
}

std::string_view mpeg_audio_type(std::string_view bytes) {
  constexpr std::size_t adts_header = 7;
  if (bytes.size() < adts_header || byte_at(bytes, 0) != 0xff) return {};
  const auto second = byte_at(bytes, 1);
  const auto third = byte_at(bytes, 2);
  // ADTS (ISO/IEC 14496-3): twelve bits 1, layer 0, one of 13 sampling rates.
  if ((second & 0xf6U) == 0xf0U && (third >> 2U & 0xfU) < 13) {
    const std::size_t length =
        (byte_at(bytes, 3) & 3U) << 11U | byte_at(bytes, 4) << 3U | byte_at(bytes, 5) >> 5U;
    if (length < adts_header) return {};
    if (length + 2 > bytes.size()) return "audio/aac";
    return byte_at(bytes, length) == 0xff && (byte_at(bytes, length + 1) & 0xf6U) == 0xf0U
               ? "audio/aac"sv
               : ""sv;
  }
  // MP3 without ID3 (6.2.3): eleven bits 1, a layer, a bit rate and a sampling rate that exist.
  const bool layered = (second & 0xe0U) == 0xe0U && (second >> 1U & 3U) != 0;
  const auto rate = third >> 4U;
  if (layered && (second >> 3U & 3U) != 1 && rate != 0 && rate != 15 && (third >> 2U & 3U) != 3)
    return "audio/mpeg";
  return {};
}

}  // namespace sigilo::media
