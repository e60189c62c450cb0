// SPDX-License-Identifier: Apache-2.0
#include "media/sniff.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "media/sniff_containers.hpp"

using namespace sigilo;
using namespace std::string_literals;
using media::contradicts;

namespace {

std::string type_of(std::string_view bytes) {
  return std::string(media::sniff(as_bytes(bytes)));
}

std::string ftyp(const std::string& major, const std::string& compatible = "") {
  const auto size = static_cast<char>(16 + compatible.size());
  return "\0\0\0"s + size + "ftyp" + major + "\0\0\0\0"s + compatible + "\0\0\0\x08moov"s;
}

std::string ogg(const std::string& packet) {
  return "OggS\0\2"s + std::string(20, '\0') + "\1"s + static_cast<char>(packet.size()) + packet;
}

/// A local entry of a ZIP file, stored.
std::string entry(const std::string& name, const std::string& content = "x") {
  return "PK\3\4"s + std::string(22, '\0') + static_cast<char>(name.size()) + "\0\0\0"s + name +
         content;
}

}  // namespace

TEST_CASE("what WhatsApp carries is seen by its first bytes") {
  const std::pair<std::string, std::string> samples[] = {
      {"\xff\xd8\xff\xe0\0\x10JFIF"s, "image/jpeg"},
      {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, "image/png"},
      {"RIFF\x10\0\0\0WEBPVP8 "s, "image/webp"},
      {"GIF89a\1\0\1\0"s, "image/gif"},
      {ftyp("mp42", "isom"), "video/mp4"},
      {ftyp("isom", "iso2avc1"), "video/mp4"},
      {ftyp("3gp4", "isom"), "video/3gpp"},
      {ftyp("qt  "), "video/quicktime"},
      {"\0\0\0\x08wide\0\0\0\0mdat"s, "video/quicktime"},
      {ftyp("M4A ", "isom"), "audio/mp4"},
      {ftyp("heic", "mif1"), "image/heic"},
      {ftyp("mif1", "heic"), "image/heic"},
      {ftyp("mif1"), "image/heif"},
      {ftyp("xyzw", "mp41"), "video/mp4"},
      {ftyp("xyzw"), "application/mp4"},
      {ogg("OpusHead\1\1"), "audio/ogg"},
      {ogg("\1vorbis"), "audio/ogg"},
      {ogg("\x80theora"), "video/ogg"},
      {ogg("what"), "application/ogg"},
      {"ID3\4\0"s, "audio/mpeg"},
      {"\xff\xfb\x90\x44\0\0\0\0"s, "audio/mpeg"},
      {"\xff\xf1\x50\x80\x02\x1f\xfc\x21"s + std::string(8, '\0') + "\xff\xf1"s, "audio/aac"},
      {"#!AMR\n\x3c"s, "audio/amr"},
      {"RIFF\x10\0\0\0WAVEfmt "s, "audio/wav"},
      {"%PDF-1.7\n"s, "application/pdf"},
      {"{\\rtf1\\ansi"s, "application/rtf"},
      {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"s, "application/x-ole-storage"},
      {entry("hola.txt"), "application/zip"},
      {entry("[Content_Types].xml") + entry("word/document.xml"), std::string(media::word_type)},
      {entry("_rels/.rels") + entry("xl/workbook.xml"), std::string(media::excel_type)},
      {entry("[Content_Types].xml") + entry("ppt/presentation.xml"),
       std::string(media::powerpoint_type)},
      {entry("mimetype", "application/vnd.oasis.opendocument.text"),
       "application/vnd.oasis.opendocument.text"},
      {"\xef\xbb\xbf<!DOCTYPE html><p>", "text/html"},
      {"  \n<HTML >", "text/html"},
      {"<?xml version=\"1.0\"?><a/>", "text/xml"},
      {"<?xml version=\"1.0\"?><!-- x --><!DOCTYPE svg>\n<svg xmlns=\"x\">", "image/svg+xml"},
      {"<svg>", "image/svg+xml"},
      {"BEGIN:VCARD\r\nVERSION:3.0", "text/vcard"},
      {"Buen día, doctora", "text/plain"},
      {"<amable>", "text/plain"},
      {"\xff\xfeH\0o\0l\0a\0"s, "text/plain"},
      {"\xfe\xff\0H"s, "text/plain"},
      {"a\0b"s, "application/octet-stream"},
      {"", "application/x-empty"},
  };
  for (const auto& [bytes, type] : samples) CHECK(type_of(bytes) == type);
}

TEST_CASE("what can run does not hide") {
  const std::pair<std::string, std::string> samples[] = {
      {"MZ\x90\0\3\0\0\0"s, "application/vnd.microsoft.portable-executable"},
      {"\x7f"
       "ELF\2\1\1"s,
       "application/x-elf"},
      {"\xcf\xfa\xed\xfe\7\0\0\1"s, "application/x-mach-binary"},
      {"\xca\xfe\xba\xbe\0\0\0\2"s, "application/x-mach-binary"},
      {"\xca\xfe\xba\xbe\0\0\0\x3d"s, "application/java-vm"},
      {"#!/bin/sh\n", "text/x-script"},
      {entry("AndroidManifest.xml"), "application/vnd.android.package-archive"},
      {entry("res/a.png") + entry("classes.dex"), "application/vnd.android.package-archive"},
      {entry("META-INF/MANIFEST.MF"), "application/java-archive"},
      {"L\0\0\0\1\x14\2\0\0"s, "application/x-ms-shortcut"},
  };
  for (const auto& [bytes, type] : samples) {
    CHECK(type_of(bytes) == type);
    CHECK(media::is_program(type));
    CHECK(contradicts("application/pdf", type));
    CHECK(contradicts("application/x-something-new", type));
    CHECK_FALSE(contradicts(type, type));
  }
  CHECK(type_of("MZ es la sigla del partido") == "text/plain");
  CHECK(type_of("BM es otra") == "text/plain");
}

TEST_CASE("a declared type that lies is seen, one that says the same in other words is not") {
  CHECK(contradicts("image/jpeg", "image/png"));
  CHECK(contradicts("application/pdf", "application/octet-stream"));
  CHECK(contradicts("application/pdf; name=x", "text/html"));
  CHECK(contradicts("image/png", "image/svg+xml"));
  CHECK(contradicts(media::word_type, "application/zip"));
  CHECK(contradicts("image/jpeg", "application/x-empty"));
  CHECK_FALSE(contradicts("audio/ogg; codecs=opus", "audio/ogg"));
  CHECK_FALSE(contradicts(" IMAGE/JPEG ", "image/jpeg"));
  CHECK_FALSE(contradicts("text/csv", "text/plain"));
  CHECK_FALSE(contradicts("application/msword", "application/x-ole-storage"));
  CHECK_FALSE(contradicts("application/x-new", "application/octet-stream"));
  CHECK_FALSE(contradicts("", "image/jpeg"));
}

TEST_CASE("whatever is cut off anywhere is looked at no further than it goes") {
  for (const auto& whole : {ftyp("mif1", "heic"), ogg("OpusHead\1"), entry("word/document.xml"),
                            "\xff\xf1\x50\x80\x02\x1f\xfc\x21"s, "<?xml version='1.0'?><svg>"s,
                            "\xca\xfe\xba\xbe\0\0\0\2"s, "RIFF\x10\0\0\0WEBPVP8 "s})
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      const std::vector<std::uint8_t> exact(whole.begin(),
                                            whole.begin() + static_cast<std::ptrdiff_t>(length));
      CHECK_FALSE(media::sniff(exact).empty());
    }
}

TEST_CASE("an entry's size in a ZIP file that points beyond it is not followed") {
  auto bytes = entry("word/document.xml");
  bytes[26] = '\xff';
  bytes[27] = '\xff';
  CHECK(type_of(bytes) == media::word_type);
  bytes[28] = '\xff';
  bytes[29] = '\xff';
  CHECK(type_of(bytes) == media::word_type);
  CHECK(type_of("PK\3\4"s + std::string(26, '\xff')) == "application/zip");
}
