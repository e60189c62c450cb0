// SPDX-License-Identifier: Apache-2.0
// The parts that read a stranger's bytes, without a page around them.
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "paper/jpeg.hpp"
#include "paper/printable.hpp"
#include "support/process.hpp"

using namespace sigilo;
using namespace sigilo::paper;

namespace {

std::string picture() {
  return test::read_file(SIGILO_SOURCE_DIR "/tests/paper/picture.jpg");
}

/// The place of the frame header's marker.
std::size_t frame_of(const std::string& jpeg) {
  return jpeg.find("\xFF\xC0");
}

}  // namespace

TEST_CASE("ordinary text of any script is printed as it is") {
  for (const char* text :
       {"Señor, ¿ação? “sí” — 10 €", "שָׁלוֹם", "مرحبا", "नमस्ते", "می‌خواهم",
        "👨‍👩‍👧 👍🏽 ❤️ 🇦🇷 🏴󠁧󠁢󠁳󠁣󠁴󠁿", "a\n\nb"})
    CHECK(printable(text) == text);
}

TEST_CASE("what would act on the page is shown by name") {
  CHECK(printable("a\u202Eb\u2066c\u2069d") == "a‹U+202E›b‹U+2066›cd");
  CHECK(printable("co\u200Bi\u00ADma\uFEFF") == "co‹U+200B›i‹U+00AD›ma‹U+FEFF›");
  CHECK(printable(std::string_view("\x1b[1m\0", 5)) == "‹U+001B›[1m‹U+0000›");
  CHECK(printable("\uE000\u3164") == "‹U+E000›‹U+3164›");
  CHECK(printable("x\U000E0041") == "x‹U+E0041›");  // hidden letters outside of a flag
}

TEST_CASE("marks around a mention are left out, since they reorder nothing") {
  CHECK(printable("@\u2068Ana\u2069 \u200Eok") == "@Ana ok");
}

TEST_CASE("line ends are one kind, and a tab is white space") {
  CHECK(printable("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd    e");
  CHECK(printable_line("a\nb") == "a⏎b");
}

TEST_CASE("malformed UTF-8 becomes a replacement character each byte") {
  CHECK(printable("ok\xff\xc3") == "ok\uFFFD\uFFFD");
  CHECK(printable("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("what is over a limit is counted, not silently dropped") {
  std::string marks = "a";
  for (std::size_t i = 0; i < most_marks + 3; ++i) marks += "\u0300";
  const auto printed = printable(marks + "b");
  CHECK(printed.ends_with("\u0300‹+3›b"));
  CHECK(printable(std::string(most_text + 5, 'x')).ends_with("x‹+5›"));
  CHECK(printable("a\n\n\n\n\n\n\n\n\n\n\nb") == "a\n\n\n\n\n\n\n\n\n‹+2›\nb");
}

TEST_CASE("hashes are printed in groups") {
  CHECK(grouped("0123456789", 4) == "0123 4567 89");
  CHECK(grouped("áéíóú", 2) == "áé íó ú");
  CHECK(grouped("", 4).empty());
}

TEST_CASE("a JPEG's dimensions are read from its header") {
  const auto size = printable_jpeg(as_bytes(picture()));
  REQUIRE(size);
  CHECK(size->width == 320);
  CHECK(size->height == 240);
}

TEST_CASE("a JPEG that ends anywhere before its picture is no picture") {
  const auto jpeg = picture();
  const auto scan = jpeg.find("\xFF\xDA");
  for (std::size_t size = 0; size < scan + 2; ++size)
    CHECK_FALSE(printable_jpeg(as_bytes(jpeg.substr(0, size))));
}

TEST_CASE("a JPEG that a PDF cannot hold as it is becomes a box") {
  const auto changed = [](std::size_t offset, char value) {
    auto jpeg = picture();
    jpeg[frame_of(jpeg) + offset] = value;
    return printable_jpeg(as_bytes(jpeg));
  };
  CHECK(changed(1, '\xC2'));        // progressive: fine
  CHECK_FALSE(changed(1, '\xC3'));  // lossless
  CHECK_FALSE(changed(1, '\xC9'));  // arithmetic coding
  CHECK_FALSE(changed(4, 12));      // 12 bits
  CHECK_FALSE(changed(5, '\x7F'));  // 32,000 high
  CHECK_FALSE(changed(9, 4));       // four colours
  auto none = picture();
  none[frame_of(none) + 5] = none[frame_of(none) + 6] = 0;  // the height comes later
  CHECK_FALSE(printable_jpeg(as_bytes(none)));
}

TEST_CASE("a JPEG with two frame headers is refused: readers differ in which they show") {
  const auto jpeg = picture();
  const auto at = frame_of(jpeg);
  const auto length = static_cast<std::size_t>(static_cast<unsigned char>(jpeg[at + 3])) + 2;
  auto twice = jpeg;
  twice.insert(at, jpeg.substr(at, length));
  CHECK_FALSE(printable_jpeg(as_bytes(twice)));
}

TEST_CASE("what is no JPEG or too large a file is no picture") {
  CHECK_FALSE(printable_jpeg(as_bytes("\x89PNG\r\n\x1a\n")));
  CHECK_FALSE(printable_jpeg({}));
  auto large = picture();
  large.resize(most_jpeg_bytes + 1);
  CHECK_FALSE(printable_jpeg(as_bytes(large)));
}
