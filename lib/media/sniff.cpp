// SPDX-License-Identifier: Apache-2.0
#include "media/sniff.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "media/sniff_containers.hpp"

namespace sigilo::media {
namespace {

using namespace std::string_view_literals;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// Types that begin with fixed bytes.
struct Signature {
  std::string_view bytes;
  std::string_view type;
};
constexpr Signature signatures[] = {
    // Images (6.1)
    {"\xff\xd8\xff"sv, "image/jpeg"},
    {"\x89PNG\r\n\x1a\n"sv, "image/png"},
    {"GIF87a"sv, "image/gif"},
    {"GIF89a"sv, "image/gif"},
    {"\0\0\1\0"sv, "image/x-icon"},
    {"\0\0\2\0"sv, "image/x-icon"},
    {"II*\0"sv, "image/tiff"},
    {"MM\0*"sv, "image/tiff"},
    // Sound and moving pictures (6.2); containers have functions of their own
    {"ID3"sv, "audio/mpeg"},
    {"MThd\0\0\0\6"sv, "audio/midi"},
    {"fLaC"sv, "audio/flac"},
    {"ADIF"sv, "audio/aac"},
    {"#!AMR-WB\n"sv, "audio/amr-wb"},  // RFC 4867; before scripts, which begin alike
    {"#!AMR\n"sv, "audio/amr"},
    {"\x1a\x45\xdf\xa3"sv, "video/webm"},
    // Documents (7.1) and what they are packed in (6.4)
    {"%PDF-"sv, "application/pdf"},
    {"%!PS-Adobe-"sv, "application/postscript"},
    {"{\\rtf"sv, "application/rtf"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "application/x-ole-storage"},
    {"\x1f\x8b\x08"sv, "application/gzip"},
    {"Rar!\x1a\7"sv, "application/vnd.rar"},
    {"7z\xbc\xaf\x27\x1c"sv, "application/x-7z-compressed"},
    {"MSCF\0\0\0\0"sv, "application/vnd.ms-cab-compressed"},
    // What can run and must not hide
    {"\x7f"
     "ELF"sv,
     "application/x-elf"},
    {"\xfe\xed\xfa\xce"sv, "application/x-mach-binary"},
    {"\xfe\xed\xfa\xcf"sv, "application/x-mach-binary"},
    {"\xce\xfa\xed\xfe"sv, "application/x-mach-binary"},
    {"\xcf\xfa\xed\xfe"sv, "application/x-mach-binary"},
    {"dex\n"sv, "application/vnd.android.dex"},
    {"\0asm"sv, "application/wasm"},
    {"L\0\0\0\1\x14\2\0"sv, "application/x-ms-shortcut"},
    {"#!"sv, "text/x-script"},
};

/// Elements that only HTML begins with (7.1), lower case.
constexpr std::string_view html_elements[] = {
    "<!doctype html", "<html", "<head",  "<script", "<iframe", "<h1",   "<div", "<font",
    "<table",         "<a",    "<style", "<title",  "<b",      "<body", "<br",  "<p"};

/// CAFEBABE begins Java classes and Mach-O files for several machines.
std::string_view cafebabe(std::string_view bytes) {
  constexpr std::uint32_t first_java_version = 45;
  if (!bytes.starts_with("\xca\xfe\xba\xbe"sv) || bytes.size() < 8) return {};
  return big_endian(bytes, 4) < first_java_version ? "application/x-mach-binary"
                                                   : "application/java-vm";
}

/// Bytes that no text has (section 3).
bool has_binary(std::string_view bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte <= 0x08 || byte == 0x0b || (byte >= 0x0e && byte <= 0x1a) ||
           (byte >= 0x1c && byte <= 0x1f);
  });
}

std::string_view without_space(std::string_view text) {
  const auto at = text.find_first_not_of("\t\n\f\r ");
  return at == text.npos ? std::string_view{} : text.substr(at);
}

bool is_html(std::string_view text) {
  if (text.starts_with("<!--")) return true;
  return std::any_of(std::begin(html_elements), std::end(html_elements), [&](auto element) {
    if (!starts_ignoring_case(text, element) || text.size() == element.size()) return false;
    const char after = text[element.size()];
    return after == ' ' || after == '>';
  });
}

/// The root element of an XML text, after declaration, comments and document type.
std::string_view xml_root(std::string_view text) {
  for (;;) {
    text = without_space(text);
    std::string_view end;
    if (text.starts_with("<?")) {
      end = "?>";
    } else if (text.starts_with("<!--")) {
      end = "-->";
    } else if (text.starts_with("<!")) {
      end = ">";
    } else {
      break;
    }
    const auto at = text.find(end);
    if (at == text.npos) return {};
    text = text.substr(at + end.size());
  }
  if (!text.starts_with('<')) return {};
  return text.substr(1, text.find_first_of("\t\n\f\r />", 1) - 1);
}

std::string_view text_type(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf"sv)) text.remove_prefix(3);
  text = without_space(text);
  const auto root = xml_root(text);
  if (root == "svg" || root.ends_with(":svg")) return "image/svg+xml";
  if (text.starts_with("<?xml")) return "text/xml";
  if (is_html(text)) return "text/html";
  if (starts_ignoring_case(text, "BEGIN:VCARD")) return "text/vcard";
  if (starts_ignoring_case(text, "BEGIN:VCALENDAR")) return "text/calendar";
  return "text/plain";
}

/// What a declared type may turn out to be. Several names of one format, formats packed in others.
struct Allowed {
  std::string_view declared;
  std::initializer_list<std::string_view> sniffed;
};
const Allowed allowed[] = {
    {"image/jpeg", {"image/jpeg"}},
    {"image/jpg", {"image/jpeg"}},
    {"image/png", {"image/png"}},
    {"image/webp", {"image/webp"}},
    {"image/gif", {"image/gif"}},
    {"image/bmp", {"image/bmp"}},
    {"image/tiff", {"image/tiff"}},
    {"image/heic", {"image/heic", "image/heif"}},
    {"image/heif", {"image/heic", "image/heif"}},
    {"image/avif", {"image/avif"}},
    {"image/svg+xml", {"image/svg+xml"}},
    {"video/mp4", {"video/mp4", "video/3gpp", "video/quicktime", "audio/mp4"}},
    {"video/3gpp", {"video/3gpp", "video/mp4"}},
    {"video/quicktime", {"video/quicktime", "video/mp4"}},
    {"video/webm", {"video/webm"}},
    {"audio/ogg", {"audio/ogg", "application/ogg"}},
    {"audio/opus", {"audio/ogg"}},
    {"audio/mpeg", {"audio/mpeg"}},
    {"audio/mp3", {"audio/mpeg"}},
    {"audio/aac", {"audio/aac", "audio/mp4"}},
    {"audio/mp4", {"audio/mp4", "video/mp4", "video/3gpp", "audio/aac"}},
    {"audio/x-m4a", {"audio/mp4", "video/mp4"}},
    {"audio/amr", {"audio/amr", "audio/amr-wb", "video/3gpp"}},
    {"audio/wav", {"audio/wav"}},
    {"audio/x-wav", {"audio/wav"}},
    {"application/pdf", {"application/pdf"}},
    {"application/zip", {"application/zip"}},
    {"application/x-zip-compressed", {"application/zip"}},
    {"application/rtf", {"application/rtf"}},
    {"text/rtf", {"application/rtf"}},
    // Word opens RTF and HTML by the old names too, but who says Word says Word.
    {"application/msword", {"application/x-ole-storage", "application/rtf"}},
    {"application/vnd.ms-excel", {"application/x-ole-storage"}},
    {"application/vnd.ms-powerpoint", {"application/x-ole-storage"}},
    {word_type, {word_type}},
    {excel_type, {excel_type}},
    {powerpoint_type, {powerpoint_type}},
    {"application/vnd.oasis.opendocument.text", {"application/vnd.oasis.opendocument.text"}},
    {"application/vnd.oasis.opendocument.spreadsheet",
     {"application/vnd.oasis.opendocument.spreadsheet"}},
    {"application/vnd.oasis.opendocument.presentation",
     {"application/vnd.oasis.opendocument.presentation"}},
    {"text/html", {"text/html", "text/xml", "text/plain"}},
    {"text/xml", {"text/xml", "text/plain", "image/svg+xml"}},
    {"application/xml", {"text/xml", "text/plain", "image/svg+xml"}},
    {"text/vcard", {"text/vcard"}},
    {"text/x-vcard", {"text/vcard"}},
    {"text/csv", {"text/plain"}},
    {"text/plain", {"text/plain", "text/xml", "text/vcard", "text/calendar"}},
};

constexpr std::string_view programs[] = {"application/vnd.microsoft.portable-executable",
                                         "application/x-elf",
                                         "application/x-mach-binary",
                                         "application/java-vm",
                                         "application/java-archive",
                                         "application/vnd.android.package-archive",
                                         "application/vnd.android.dex",
                                         "application/wasm",
                                         "application/x-ms-shortcut",
                                         "text/x-script"};

}  // namespace

std::string_view sniff(BytesView first) noexcept {
  const auto bytes = as_text(first.first(std::min(first.size(), sniffed_bytes)));
  if (bytes.empty()) return empty_type;
  for (const auto& [beginning, type] : signatures)
    if (bytes.starts_with(beginning)) return type;
  // UTF-16, before MP3, whose layer I would begin alike.
  if (bytes.starts_with("\xfe\xff"sv) || bytes.starts_with("\xff\xfe"sv)) return "text/plain";
  for (const auto by :
       {cafebabe, riff_type, iff_type, iso_media_type, ogg_type, zip_type, mpeg_audio_type})
    if (const auto type = by(bytes); !type.empty()) return type;
  if (!has_binary(bytes)) return text_type(bytes);
  // Two letters are little; text begins with them too.
  if (bytes.starts_with("MZ")) return "application/vnd.microsoft.portable-executable";
  if (bytes.starts_with("BM")) return "image/bmp";
  return unknown_type;
}

bool is_program(std::string_view sniffed) noexcept {
  return std::find(std::begin(programs), std::end(programs), sniffed) != std::end(programs);
}

bool contradicts(std::string_view declared, std::string_view sniffed) noexcept {
  declared = without_space(declared.substr(0, declared.find(';')));
  declared = declared.substr(0, declared.find_last_not_of("\t\n\f\r ") + 1);
  if (equal_ignoring_case(declared, sniffed)) return false;
  if (is_program(sniffed)) return true;
  const auto* found = std::find_if(std::begin(allowed), std::end(allowed), [&](const auto& entry) {
    return equal_ignoring_case(entry.declared, declared);
  });
  return found != std::end(allowed) &&
         std::find(found->sniffed.begin(), found->sniffed.end(), sniffed) == found->sniffed.end();
}

}  // namespace sigilo::media
