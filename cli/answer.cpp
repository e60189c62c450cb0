// SPDX-License-Identifier: Apache-2.0
#include "cli/answer.hpp"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/context.hpp"
#include "json/parse.hpp"

namespace sigilo::cli {

std::string text_of(const json::Object& object, std::string_view key) {
  if (const auto number = json::integer_at(object, key)) return std::to_string(*number);
  return std::string(json::text_at(object, key).value_or(""));
}

std::int64_t number_of(const json::Object& object, std::string_view key) {
  return json::integer_at(object, key).value_or(0);
}

bool flag_of(const json::Object& object, std::string_view key) {
  return json::boolean_at(object, key).value_or(false);
}

std::string time_of(const json::Object& object, std::string_view key,
                    const config::Config& config) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? std::string() : local_time(*value, config);
}

std::string span_text(std::int64_t seconds) {
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  const auto* const sign = seconds < 0 ? "-" : "";
  // No overflow: what a foreign daemon writes may be anything.
  const std::int64_t all = seconds == INT64_MIN ? INT64_MAX : std::abs(seconds);
  if (all < minute) return fmt::format("{}{} s", sign, all);
  if (all < hour) return fmt::format("{}{} min {} s", sign, all / minute, all % minute);
  if (all < day) return fmt::format("{}{} h {} min", sign, all / hour, all % hour / minute);
  return fmt::format("{}{} d {} h", sign, all / day, all % day / hour);
}

std::string size_text(std::int64_t bytes) {
  constexpr double unit = 1024;
  constexpr std::array names{"KiB", "MiB", "GiB"};
  if (bytes < static_cast<std::int64_t>(unit)) return fmt::format("{} bytes", bytes);
  double value = static_cast<double>(bytes) / unit;
  std::size_t name = 0;
  for (; value >= unit && name + 1 < names.size(); ++name) value /= unit;
  return fmt::format("{:.1f} {} ({} bytes)", value, names.at(name), bytes);
}

}  // namespace sigilo::cli
