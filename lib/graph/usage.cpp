// SPDX-License-Identifier: Apache-2.0
#include "graph/usage.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "json/parse.hpp"

namespace sigilo::graph {

namespace {

constexpr const char* shares[] = {"call_count", "total_cputime", "total_time"};

Duration in_range(double seconds) {
  const double most = std::chrono::duration<double>(longest_pause).count();
  if (!(seconds > 0)) return Duration{};
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(seconds, most)));
}

double number_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) return 0;
  if (value->is_double()) return value->get_double();
  if (value->is_int64()) return static_cast<double>(value->get_int64());
  return value->is_uint64() ? static_cast<double>(value->get_uint64()) : 0;
}

Duration pause_of(const json::Object& usage) {
  const auto regained = in_range(number_at(usage, "estimated_time_to_regain_access") * 60);
  const bool used_up = std::ranges::any_of(
      shares, [&](const char* share) { return number_at(usage, share) >= nearly_used_up; });
  return regained > Duration{} || !used_up ? regained : pause_when_used_up;
}

Duration pause_of_header(std::string_view text) {
  const auto value = json::parse(text);
  if (!value || !value->is_object()) return {};
  // X-App-Usage is the usage itself; the other holds a list of them for each account.
  Duration longest = pause_of(value->get_object());
  for (const auto& account : value->get_object()) {
    if (!account.value().is_array()) continue;
    for (const auto& usage : account.value().get_array()) {
      if (usage.is_object()) longest = std::max(longest, pause_of(usage.get_object()));
    }
  }
  return longest;
}

Duration retry_after(std::string_view text) {
  std::uint32_t seconds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return failed == std::errc() && end == text.data() + text.size() ? in_range(seconds) : Duration{};
}

}  // namespace

Duration pause_asked_by(const net::Response& answer) {
  return std::max({retry_after(answer.header("Retry-After").value_or("")),
                   pause_of_header(answer.header("X-Business-Use-Case-Usage").value_or("")),
                   pause_of_header(answer.header("X-App-Usage").value_or(""))});
}

}  // namespace sigilo::graph
