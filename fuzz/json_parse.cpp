// SPDX-License-Identifier: Apache-2.0
// Whatever bytes come: parsing ends, the canonical form is a fixed point, and slices agree with the
// parsed value.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "json/slices.hpp"

using namespace sigilo;

namespace {

void check_slices(std::string_view text, json::Slice slice, const json::Value& value) {
  const auto again = json::parse(slice.of(text));
  SIGILO_CHECK(again && json::canonical(*again) == json::canonical(value),
               "a slice is another value");
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object)
      check_slices(text, json::member(text, slice, member.key()), member.value());
  } else if (const auto* array = value.if_array()) {
    const auto slices = json::elements(text, slice);
    SIGILO_CHECK(slices.size() == array->size(), "slices and elements differ in number");
    for (std::size_t i = 0; i < slices.size(); ++i) check_slices(text, slices[i], (*array)[i]);
  }
}

void walk(std::string_view text) {
  for (const json::Slice slice :
       {json::whole(text), json::Slice{0, text.size()}, json::Slice{1, text.size()}}) {
    const auto found = json::member(text, slice, "entry");
    SIGILO_CHECK(found.offset + found.length <= text.size(), "a member beyond the text");
    for (const auto element : json::elements(text, slice))
      SIGILO_CHECK(element.offset + element.length <= text.size(), "an element beyond the text");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  walk(text);
  if (const auto clean = json::without_lone_surrogates(text)) {
    SIGILO_CHECK(clean->size() == size, "positions moved");
    SIGILO_CHECK(!json::without_lone_surrogates(*clean), "a lone surrogate is left");
  }
  const auto value = json::parse(text);
  if (!value) return 0;
  const std::string canonical = json::canonical(*value);
  SIGILO_CHECK(json::is_canonical(canonical), "the canonical form is not canonical");
  if (size <= 4096) check_slices(text, json::whole(text), *value);  // parses each part again
  return 0;
}
