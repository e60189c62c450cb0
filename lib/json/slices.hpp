// SPDX-License-Identifier: Apache-2.0
// Where the parts of a JSON text stand in its bytes, so that a record can keep what was really
// sent.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace sigilo::json {

/// Bytes [offset, offset + length) of a text.
struct Slice {
  std::size_t offset = 0;
  std::size_t length = 0;
  bool operator==(const Slice&) const = default;
  [[nodiscard]] std::string_view of(std::string_view text) const {
    return text.substr(offset, length);
  }
};

/// Walks a text that json::parse() accepted (anything else: unspecified slices, but never out of
/// bounds and never endless). Each call is linear in the slice that it is given and needs no memory
/// but the result. Slice of the value of member `key` in the object at `object` (the last one if it
/// is repeated, as parse() keeps it); {0, 0} where there is none. Keys are compared after
/// unescaping.
Slice member(std::string_view text, Slice object, std::string_view key);

/// Slices of the elements of the array at `array`, in order; empty where it is no array.
std::vector<Slice> elements(std::string_view text, Slice array);

/// Slice of the whole value in `text`, without the white space around it.
Slice whole(std::string_view text);

}  // namespace sigilo::json
