// SPDX-License-Identifier: Apache-2.0
// Members of the daemon's answers as people read them; "" and 0 for what is not there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "json/value.hpp"

namespace sigilo::cli {

/// A text, or a whole number in digits.
std::string text_of(const json::Object& object, std::string_view key);
std::int64_t number_of(const json::Object& object, std::string_view key);
bool flag_of(const json::Object& object, std::string_view key);
/// A time in the firm's zone.
std::string time_of(const json::Object& object, std::string_view key, const config::Config& config);

/// Calls `visit(object)` for each object in the array `key`; how many there were.
template <class Visit>
std::size_t for_each_in(const json::Object& object, std::string_view key, Visit visit) {
  const auto* value = object.if_contains(key);
  const auto* array = value != nullptr ? value->if_array() : nullptr;
  if (array == nullptr) return 0;
  std::size_t count = 0;
  for (const auto& element : *array) {
    if (const auto* member = element.if_object()) {
      visit(*member);
      ++count;
    }
  }
  return count;
}

/// "4 min 3 s", "2 h 5 min", "3 d 4 h"; "-" before it where it is negative.
std::string span_text(std::int64_t seconds);
/// "12,345 bytes", "3.4 MiB".
std::string size_text(std::int64_t bytes);

}  // namespace sigilo::cli
