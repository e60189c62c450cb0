// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <stdexcept>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "archive/zip_reader.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using namespace sigilo;
using namespace sigilo::archive;
using namespace sigilo::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Opens and unpacks everything; the error's words, or "" where it is clean.
std::string verdict(const std::filesystem::path& file, const Limits& limits = {}) {
  const auto zip = ZipReader::open(file, limits);
  if (!zip) return zip.error().what;
  const auto read = zip->each([](const ZipEntry&) -> Result<EntrySink> { return EntrySink(); });
  return read ? "" : read.error().what;
}

class Samples {
 public:
  Samples() {
    const auto made = run("/usr/bin/python3 " SIGILO_SOURCE_DIR "/tests/archive/hostile_zips.py " +
                          directory_.path().string() + " 2>&1");
    if (made.status != 0) throw std::runtime_error(made.output);
  }
  [[nodiscard]] std::filesystem::path operator[](const std::string& name) const {
    return directory_ / (name + ".zip");
  }
  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("archives by other programs are read") {
  const Samples samples;
  std::size_t seen = 0;
  for (const auto& sample : std::filesystem::directory_iterator(samples.path())) {
    if (!sample.path().filename().string().starts_with("good-")) continue;
    INFO(sample.path().filename());
    CHECK(verdict(sample.path()) == "");
    ++seen;
  }
  CHECK(seen == 5);
}

TEST_CASE("an archive that deceives is refused, and the words say why") {
  const std::map<std::string, std::string> expected = {
      {"bomb", "more than 200 times its size"},
      {"duplicate", "is there twice"},
      {"duplicate-case", "is there twice"},
      {"file-and-directory", "is a file and a directory"},
      {"absolute", "is absolute"},
      {"traversal", "leads out of its directory"},
      {"backslash", "may not hold"},
      {"link", "a link or another special file"},
      {"truncated", "does not end as one"},
      {"truncated-data", "does not end as one"},
      {"appended", "does not end as one"},
      {"prepended", "directory elsewhere than it says"},
      {"commented", "does not end as one"},
      {"local-name", "two things of one entry"},
      {"central-name", "two things of one entry"},
      {"central-size", "two things of one entry"},
      {"central-offset", "overlap"},
      {"count", "fewer entries than it counts"},
      {"encrypted", "encrypted entry"},
      {"method", "packing method 12"},
      {"content", "damaged"},
      {"hidden", "bytes that belong to no entry"},
      {"no-alphabet", "two things of one entry"},
      {"nothing", "too short"},
      {"text", "does not end as one"},
  };
  const Samples samples;
  std::size_t seen = 0;
  for (const auto& sample : std::filesystem::directory_iterator(samples.path())) {
    auto name = sample.path().stem().string();
    if (!name.starts_with("bad-")) continue;
    name = name.substr(4);
    INFO(name);
    REQUIRE(expected.contains(name));
    CHECK_THAT(verdict(sample.path()), ContainsSubstring(expected.at(name)));
    ++seen;
  }
  CHECK(seen == expected.size());
}

TEST_CASE("each limit is kept to the last unit") {
  const Samples samples;
  const auto file = samples["good-python"];  // two files of 5,000 bytes
  Limits limits;
  limits.entries = 2;
  limits.entry_bytes = 5'000;
  limits.total_bytes = 10'000;
  CHECK(verdict(file, limits) == "");
  auto fewer = limits;
  fewer.entries = 1;
  CHECK_THAT(verdict(file, fewer), ContainsSubstring("more than 1 entries"));
  auto smaller = limits;
  smaller.entry_bytes = 4'999;
  CHECK_THAT(verdict(file, smaller), ContainsSubstring("more than 4999 bytes"));
  auto less = limits;
  less.total_bytes = 9'999;
  CHECK_THAT(verdict(file, less), ContainsSubstring("more than 9999 bytes"));
  auto tighter = limits;
  tighter.ratio = 10;
  CHECK(verdict(file, tighter) == "");  // small files may have any ratio
  tighter.ratio_from = 4'999;
  CHECK_THAT(verdict(file, tighter), ContainsSubstring("more than 10 times"));
}

TEST_CASE("any single byte changed or lost is found, or changes nothing that is read") {
  const Samples samples;
  TemporaryDirectory directory;
  const auto whole = read_file(samples["good-streamed"]);
  const auto original = ZipReader::open(samples["good-streamed"]);
  REQUIRE(original);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x15);
    write_file(directory / "a.zip", damaged);
    if (verdict(directory / "a.zip") == "") {  // times, versions, attributes
      const auto zip = ZipReader::open(directory / "a.zip");
      REQUIRE(zip->entries().size() == 2);
      for (const char* name : {"a.txt", "b.txt"})
        CHECK(zip->read(name, 1000).value() == original->read(name, 1000).value());
    }
    write_file(directory / "b.zip", whole.substr(0, at));
    CHECK(verdict(directory / "b.zip") != "");
  }
}

TEST_CASE("one file is read by its name, within a limit") {
  const Samples samples;
  const auto zip = ZipReader::open(samples["good-python"]);
  REQUIRE(zip);
  const auto content = zip->read("b.txt", 5'000);
  REQUIRE(content);
  CHECK(as_text(*content) == std::string(5'000, 'y'));
  CHECK(zip->read("b.txt", 4'999).error().code == ErrorCode::invalid_input);
  CHECK(zip->read("c.txt", 10).error().code == ErrorCode::not_found);
}

TEST_CASE("what is no file is told") {
  TemporaryDirectory directory;
  CHECK(ZipReader::open(directory / "none.zip").error().code == ErrorCode::not_found);
  CHECK(ZipReader::open(directory.path()).error().code == ErrorCode::invalid_input);
}
