// SPDX-License-Identifier: Apache-2.0
// Bytes as a value and as a view. Text that is known to be UTF-8 is std::string.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sigilo {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace sigilo
