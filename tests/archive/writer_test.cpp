// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "archive/entry_name.hpp"
#include "archive/zip_reader.hpp"
#include "archive/zip_writer.hpp"
#include "support/broken_disk.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using namespace sigilo;
using namespace sigilo::archive;
using namespace sigilo::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr const char* accented = "transcripción/conversación ñ 日本 👍.html";

void must(const Result<>& result) {
  if (!result) throw std::runtime_error(result.error().message());
}

ZipWriter writer_of(const std::filesystem::path& file) {
  auto writer = ZipWriter::create(file);
  if (!writer) throw std::runtime_error(writer.error().message());
  return std::move(*writer);
}

void write_bundle(const std::filesystem::path& file) {
  auto zip = writer_of(file);
  must(zip.add("MANIFEST.sha256", as_bytes("abc  records.jsonl\n"), Packing::stored));
  must(zip.add(accented, as_bytes(std::string(50'000, 'x')), Packing::deflated));
  must(zip.add("media/empty", {}, Packing::stored));
  must(zip.add("media/none", {}, Packing::deflated));
  must(zip.finish());
}

/// What Debian's python3 answers about the file in its first argument.
std::string python(const std::string& code, const std::filesystem::path& file) {
  return run("/usr/bin/python3 -c \"import sys, zipfile; z = zipfile.ZipFile('" + file.string() +
             "'); " + code + "\" 2>&1")
      .output;
}

}  // namespace

TEST_CASE("what is written is read by other programs, names in every alphabet included") {
  TemporaryDirectory directory;
  const auto file = directory / "a.zip";
  write_bundle(file);
  CHECK(run("unzip -tqq " + file.string() + " 2>&1").status == 0);
  CHECK(python("print(z.testzip(), z.namelist())", file) ==
        std::string("None ['MANIFEST.sha256', '") + accented + "', 'media/empty', 'media/none']\n");
  CHECK(python("print([(i.file_size, i.compress_type, i.date_time[:3]) for i in z.infolist()])",
               file) ==
        "[(19, 0, (1980, 1, 1)), (50000, 8, (1980, 1, 1)), (0, 0, (1980, 1, 1)), "
        "(0, 8, (1980, 1, 1))]\n");
  CHECK(python("print(z.infolist()[1].flag_bits & 0x800, z.infolist()[1].compress_size < 500)",
               file) == "2048 True\n");
}

TEST_CASE("what is written is read by our own strict reader") {
  TemporaryDirectory directory;
  write_bundle(directory / "a.zip");
  const auto zip = ZipReader::open(directory / "a.zip");
  INFO((zip ? "" : zip.error().message()));
  REQUIRE(zip);
  REQUIRE(zip->entries().size() == 4);
  CHECK(zip->entries()[1].name == accented);
  const auto page = zip->read(accented, 100'000);
  REQUIRE(page);
  CHECK(as_text(*page) == std::string(50'000, 'x'));
}

TEST_CASE("the same entries give the same bytes, in any time zone") {
  TemporaryDirectory directory;
  write_bundle(directory / "a.zip");
  ::setenv("TZ", "America/Argentina/Buenos_Aires", 1);
  ::tzset();
  write_bundle(directory / "b.zip");
  ::setenv("TZ", "Pacific/Kiritimati", 1);
  ::tzset();
  write_bundle(directory / "c.zip");
  ::unsetenv("TZ");
  ::tzset();
  CHECK(read_file(directory / "a.zip") == read_file(directory / "b.zip"));
  CHECK(read_file(directory / "a.zip") == read_file(directory / "c.zip"));
}

TEST_CASE("a file beyond 4 GiB is whole in other programs and in ours") {
  TemporaryDirectory directory;
  const auto file = directory / "large.zip";
  constexpr std::uint64_t size = (std::uint64_t{4} << 30) + 12'345;
  const std::vector<std::uint8_t> zeros(1 << 20);
  {
    auto zip = writer_of(file);
    must(zip.add("large", size, Packing::deflated, [&](const EntrySink& sink) -> Result<> {
      for (std::uint64_t left = size; left > 0;) {
        const auto part = std::min<std::uint64_t>(left, zeros.size());
        SIGILO_TRY_DO(sink(BytesView(zeros).first(part)));
        left -= part;
      }
      return {};
    }));
    must(zip.add("after", as_bytes("it"), Packing::stored));
    must(zip.finish());
  }
  CHECK(python("print([i.file_size for i in z.infolist()], z.read('after'))", file) ==
        "[4294979641, 2] b'it'\n");
  CHECK_FALSE(ZipReader::open(file));  // a bomb by our limits
  Limits limits;
  limits.entry_bytes = size;
  limits.ratio = 2000;
  const auto zip = ZipReader::open(file, limits);
  INFO((zip ? "" : zip.error().message()));
  REQUIRE(zip);
  CHECK(zip->entries()[0].size == size);
  CHECK(zip->read("after", 10));
}

TEST_CASE("names that could leave the directory or deceive are refused") {
  for (const std::string name :
       {"", "/etc/passwd", "../a", "a/../b", "a/./b", "a//b", "a/", "a\\b", "C:a", "a\nb", "a\x7f",
        "a\xc2\x85", "a\xff", "\xc0\xaf", "a\u202Eb", "a.", "a /b", "a?"}) {
    INFO(name);
    CHECK_FALSE(check_name(name));
  }
  CHECK_FALSE(check_name(std::string(most_name_bytes + 1, 'a')));
  CHECK(check_name(std::string(most_name_bytes, 'a')));
  CHECK(check_name(accented));
  CHECK(check_name("..a/b..c"));
}

TEST_CASE("a name is given once, upper and lower case being one, and never to file and directory") {
  Names names;
  CHECK(names.add("a/B.txt"));
  CHECK_FALSE(names.add("a/B.txt"));
  CHECK_FALSE(names.add("A/b.TXT"));
  CHECK_FALSE(names.add("a"));
  CHECK_FALSE(names.add("a/b.txt/c"));
  CHECK(names.add("a/c.txt"));
}

TEST_CASE("a refused entry gives the archive up and leaves nothing") {
  TemporaryDirectory directory;
  {
    auto zip = writer_of(directory / "a.zip");
    must(zip.add("a", as_bytes("1"), Packing::stored));
    const auto again = zip.add("a", as_bytes("2"), Packing::stored);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::invalid_input);
  }
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("a file that changes while it is packed is an error") {
  TemporaryDirectory directory;
  for (const std::uint64_t told : {2, 4}) {
    auto zip = writer_of(directory / "a.zip");
    const auto added = zip.add("a", told, Packing::deflated,
                               [](const EntrySink& sink) { return sink(as_bytes("abc")); });
    REQUIRE_FALSE(added);
    CHECK(added.error().code == ErrorCode::invalid_input);
  }
}

TEST_CASE("an archive never takes the place of a file, nor of one that came meanwhile") {
  TemporaryDirectory directory;
  write_file(directory / "a.zip", "earlier");
  const auto refused = ZipWriter::create(directory / "a.zip");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::already_exists);

  {
    auto zip = writer_of(directory / "b.zip");
    CHECK_FALSE(std::filesystem::exists(directory / "b.zip"));
    CHECK_FALSE(ZipWriter::create(directory / "b.zip"));  // a second run at the same time
    write_file(directory / "b.zip", "meanwhile");
    const auto finished = zip.finish();
    REQUIRE_FALSE(finished);
    CHECK(finished.error().code == ErrorCode::already_exists);
  }
  CHECK(read_file(directory / "a.zip") == "earlier");
  CHECK(read_file(directory / "b.zip") == "meanwhile");
  CHECK_FALSE(std::filesystem::exists(directory / "b.zip.part"));
}

TEST_CASE("a full disk is told as such and nothing is left") {
  TemporaryDirectory directory;
  {
    auto zip = writer_of(directory / "a.zip");
    const std::vector<std::uint8_t> much(1 << 20);
    const BrokenDisk disk;
    const auto added = zip.add("a", much, Packing::stored);
    REQUIRE_FALSE(added);
    CHECK(added.error().code == ErrorCode::no_space);
  }
  CHECK(std::filesystem::is_empty(directory.path()));

  {  // found only at the end, since little was written
    auto zip = writer_of(directory / "b.zip");
    must(zip.add("a", as_bytes("1"), Packing::stored));
    const BrokenDisk disk;
    const auto finished = zip.finish();
    REQUIRE_FALSE(finished);
    CHECK(finished.error().code == ErrorCode::no_space);
  }
  CHECK(std::filesystem::is_empty(directory.path()));
}
