// SPDX-License-Identifier: Apache-2.0
// A stranger's text and picture before they are set: the text comes out as UTF-8 that does nothing,
// and a second time changes nothing; a picture's header is read within its bytes.
#include "paper/printable.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "paper/jpeg.hpp"
#include "text/unicode.hpp"

using namespace sigilo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto printed = paper::printable(as_text({data, size}));
  SIGILO_CHECK(text::is_utf8(printed), "printed text is UTF-8");
  for (const char* acting : {"\r", "\x1b", "\u202E", "\u2067", "\u2068", "\u200B", "\u0085"})
    SIGILO_CHECK(printed.find(acting) == std::string::npos, "a character that acts was left");
  SIGILO_CHECK(text::is_utf8(paper::grouped(printed, 3)), "grouping divides no character");
  const auto picture = paper::printable_jpeg({data, size});
  SIGILO_CHECK(!picture || (picture->width > 0 && picture->height <= paper::most_jpeg_side),
               "a picture's sides are within the limits");
  return 0;
}
