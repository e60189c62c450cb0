// SPDX-License-Identifier: Apache-2.0
// Folding of any bytes: the way back stays in order and inside, both ways of folding agree, and the
// result is UTF-8.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "text/unicode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sigilo;
  const std::string_view bytes = as_text({data, size});
  const text::Folded folded = text::fold(bytes);
  SIGILO_CHECK(text::is_utf8(folded.text), "folded text is not UTF-8");
  SIGILO_CHECK(folded.origin.size() == folded.text.size() + 1, "an origin is missing");
  SIGILO_CHECK(folded.origin.back() == size, "the end is elsewhere");
  for (std::size_t i = 0; i < folded.text.size(); ++i) {
    SIGILO_CHECK(folded.origin[i] <= folded.origin[i + 1], "the way back turns");
    SIGILO_CHECK(folded.origin[i] < size, "the way back leaves the text");
  }
  std::string again;
  text::fold_into(bytes, again);
  SIGILO_CHECK(again == folded.text, "the two ways of folding differ");
  text::fold_into(folded.text, again);
  SIGILO_CHECK(again == folded.text, "folding twice changes the text");
  const std::string valid = text::to_utf8(bytes);
  SIGILO_CHECK(text::is_utf8(valid), "mended text is not UTF-8");
  SIGILO_CHECK(text::is_utf8(bytes) == (valid == bytes), "well-formed text was changed");
  SIGILO_CHECK(text::fold(valid).text == folded.text, "mended text folds differently");
  const std::string cut = text::shorten(valid, 20);
  SIGILO_CHECK(text::is_utf8(cut) && cut.size() <= 20 * 64 + 3, "a cut text is broken or long");
  return 0;
}
