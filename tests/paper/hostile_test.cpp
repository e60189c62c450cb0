// SPDX-License-Identifier: Apache-2.0
// Texts and files made to break a page: nothing hangs, nothing leaves its column, nothing grows.
#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "paper.hpp"
#include "support/broken_disk.hpp"

using namespace sigilo;
using namespace sigilo::paper;
using namespace sigilo::test;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

paper::Contents message(const std::string& text) {
  return [text](Document& doc) {
    Bubble bubble;
    bubble.sender = "Juan";
    bubble.time = "15:04";
    bubble.text = text;
    bubble.meta = {"N.º 1"};
    return doc.bubble(bubble);
  };
}

/// Whether any page has ink outside of the margins; at 50 dots an inch, 5 points of tolerance.
bool stays_on_paper(const Sheet& sheet) {
  for (std::size_t page = 1; page <= std::min<std::size_t>(sheet.written.pages, 3); ++page) {
    const auto picture = sheet.picture(static_cast<int>(page), 50);
    int width = 0;
    int height = 0;
    int offset = 0;
    if (std::sscanf(picture.c_str(), "P5 %d %d 255%n", &width, &height, &offset) != 2) return false;
    const auto points = picture.substr(static_cast<std::size_t>(offset) + 1);
    const int left = 38;
    const int right = width - 32;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        if ((x < left || x > right) &&
            static_cast<unsigned char>(points[static_cast<std::size_t>(y * width + x)]) < 250)
          return false;
  }
  return true;
}

/// The most memory that this process ever had, in KiB.
long peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  return 0;
}

Result<> conversation(Document& doc, int messages) {
  for (int i = 0; i < messages; ++i) {
    Bubble bubble;
    bubble.side = i % 3 == 0 ? Side::right : Side::left;
    bubble.sender = "Juan Pérez (+5491150009999)";
    bubble.time = "23/11/2026 15:04:11";
    bubble.text =
        fmt::format("Mensaje {}: le confirmo la audiencia del jueves, traiga la cédula.", i);
    bubble.meta = {fmt::format("N.º {} · wamid.HBgNNTQ5MTE1MDAwOTk5ORUCABEYEjA", i)};
    SIGILO_TRY_DO(doc.bubble(bubble));
  }
  return {};
}

}  // namespace

TEST_CASE("65,536 combining marks on one letter neither hang nor cover the page") {
  const Sheet sheet(message("a" + repeated("\u0301", 65'536) + "b"));
  CHECK(sheet.written.pages == 1);
  CHECK_THAT(sheet.text(), ContainsSubstring("‹+65520›"));
}

TEST_CASE("a word of 100,000 letters is broken at the column's edge, all of it printed") {
  const Sheet sheet(message(repeated("x", 100'000)));
  CHECK(stays_on_paper(sheet));
  const auto text = sheet.text();
  CHECK(std::count(text.begin(), text.end(), 'x') == 100'000);
}

TEST_CASE("clusters that Unicode never divides stay in their column") {
  for (const auto& text :
       {repeated("\U0001F468\u200D", 20'000), repeated("\u1100", 20'000),
        repeated("\u0915\u094D", 20'000), repeated("\uFDFD", 300), repeated("\u0600", 5'000),
        repeated("\U0001F3F4\U000E0067\U000E0062", 3'000), repeated("\u00A0", 20'000)}) {
    INFO(text.substr(0, 12));
    const Sheet sheet(message(text));
    CHECK(stays_on_paper(sheet));
    const auto checked = sheet.say("qpdf --check {}");
    INFO(checked.output);
    CHECK(checked.status == 0);
  }
}

TEST_CASE("a text of line ends alone does not fill a ream") {
  const Sheet sheet(message("a" + repeated("\n", 1'000'000) + "b"));
  CHECK(sheet.written.pages == 1);
  CHECK_THAT(sheet.text(), ContainsSubstring("‹+999991›"));
}

TEST_CASE("an override of direction is shown and turns nothing round") {
  const Sheet sheet(message("pago \u202E0001 USD\u202C al juez\u0007"));
  CHECK_THAT(sheet.words(), ContainsSubstring("pago ‹U+202E›0001 USD‹U+202C› al juez‹U+0007›"));
}

TEST_CASE("malformed bytes and NUL are printed as what they are") {
  const Sheet sheet(message(std::string("a\xff\xfe") + '\0' + "b"));
  CHECK_THAT(sheet.words(), ContainsSubstring("‹U+0000›b"));
}

TEST_CASE("names, headings and cells of strangers stay in their place") {
  const std::string longest = repeated("nombre\u202E ", 3'000);
  const Sheet sheet([&](Document& doc) -> Result<> {
    SIGILO_TRY_DO(doc.heading(longest.substr(0, 200), 2));
    SIGILO_TRY_DO(doc.divider(longest));
    Bubble bubble;
    bubble.sender = bubble.time = bubble.notice = bubble.quoted = longest;
    bubble.attachments = {{longest, {longest}, longest, {}}};
    bubble.earlier = {{longest, longest}};
    SIGILO_TRY_DO(doc.bubble(bubble));
    const std::array<Column, 2> columns{Column{"a", 9}, Column{"b", 1}};
    SIGILO_TRY_DO(doc.begin_table(columns));
    const std::array<std::string, 2> cells{"corto", longest};  // a row over several pages
    SIGILO_TRY_DO(doc.row(cells));
    return doc.end_table();
  });
  CHECK(stays_on_paper(sheet));
  CHECK(sheet.say("qpdf --check {}").status == 0);
}

TEST_CASE("a text that names PDF objects does not become one") {
  auto options = paper_options();
  options.title = ") /Lang (xx) << /Type /Catalog\nxref\n0 9\nstartxref\n";
  const Sheet sheet(message(options.title), options);
  CHECK(sheet.say("qpdf --check {}").status == 0);
  CHECK_THAT(sheet.bytes(), ContainsSubstring("/Lang (es)"));
}

TEST_CASE("ten thousand messages take no more memory than a thousand") {
  const auto written = [](int messages) {
    std::size_t bytes = 0;
    const auto result = write_document(
        paper_options(),
        [&](BytesView part) -> Result<> {
          bytes += part.size();
          return {};
        },
        [&](Document& doc) { return conversation(doc, messages); });
    REQUIRE(result);
    return std::pair{bytes, result->pages};
  };
  const auto few = written(1'000);
  [[maybe_unused]] const long before = peak_memory();
  const auto many = written(10'000);
  CHECK(many.second > 9 * few.second);
// A sanitizer keeps freed memory for a while.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(peak_memory() - before < 8 * 1024);  // KiB; the list of a thousand pages is a part of it
#endif
}

TEST_CASE("a full disk is told as such and nothing is left") {
  TemporaryDirectory directory;
  const auto written = [&] {
    const BrokenDisk disk;
    return write_document(paper_options(), directory / "a.pdf",
                          [](Document& doc) { return conversation(doc, 3'000); });
  }();
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::no_space);
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("a document never takes the place of a file") {
  TemporaryDirectory directory;
  write_file(directory / "a.pdf", "anterior");
  const auto written = write_document(paper_options(), directory / "a.pdf", message("x"));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::already_exists);
  CHECK(read_file(directory / "a.pdf") == "anterior");
}

TEST_CASE("an error of the contents ends the document and leaves nothing") {
  TemporaryDirectory directory;
  int asked = 0;
  const auto written =
      write_document(paper_options(), directory / "a.pdf", [&](Document& doc) -> Result<> {
        SIGILO_TRY_DO(conversation(doc, 200));
        if (++asked == 2) return fail(ErrorCode::corrupt, "a record is broken");
        return {};
      });
  REQUIRE_FALSE(written);
  CHECK(written.error().what == "a record is broken");
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("a machine without the fonts says which package it needs") {
  TemporaryDirectory directory;
  write_file(directory / "fonts.conf", "<?xml version='1.0'?><fontconfig><dir>" +
                                           directory.path().string() + "</dir><cachedir>" +
                                           directory.path().string() + "</cachedir></fontconfig>");
  const auto result =
      run("FONTCONFIG_FILE=" + (directory / "fonts.conf").string() + " " +
          std::filesystem::read_symlink("/proc/self/exe").string() + " '[.no-fonts]' 2>&1");
  INFO(result.output);
  CHECK(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("All tests passed"));
}

TEST_CASE("runs where no font is installed", "[.no-fonts]") {
  const auto written = write_document(
      paper_options(), [](BytesView) { return Result<>(); }, message("x"));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::not_found);
  CHECK_THAT(written.error().message(),
             ContainsSubstring("DejaVu Sans") && ContainsSubstring("fonts-dejavu-core"));
}
