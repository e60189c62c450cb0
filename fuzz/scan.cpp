// SPDX-License-Identifier: Apache-2.0
// Any text against the delivered policies: spans are in order, inside, and of whole characters.
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "scan/policies.hpp"
#include "text/unicode.hpp"

#ifndef SIGILO_SOURCE_DIR
#define SIGILO_SOURCE_DIR "."  // run from the top of the project
#endif

namespace {

const sigilo::scan::Policies& packs() {
  static const sigilo::scan::Policies policies = [] {
    auto loaded = sigilo::scan::Policies::load(SIGILO_SOURCE_DIR "/etc/policies.d");
    SIGILO_CHECK(loaded.policies.has_value(), "the delivered policies do not load");
    return std::move(*loaded.policies);
  }();
  return policies;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sigilo;
  if (size == 0) return 0;
  const Direction direction = data[0] % 2 == 0 ? Direction::in : Direction::out;
  const std::string_view text = as_text({data + 1, size - 1});
  const bool is_valid = text::is_utf8(text);
  for (const scan::Match& match : packs().scan(text, direction)) {
    SIGILO_CHECK(!match.spans.empty() && match.spans.size() <= scan::max_spans,
                 "a number of spans");
    std::uint32_t before = 0;
    for (const scan::Span& span : match.spans) {
      SIGILO_CHECK(before <= span.begin && span.begin < span.end && span.end <= text.size(),
                   "a span is out of place");
      SIGILO_CHECK(!is_valid || text::is_utf8(text.substr(span.begin, span.end - span.begin)),
                   "a span cuts a character");
      before = span.end;
    }
  }
  return 0;
}
