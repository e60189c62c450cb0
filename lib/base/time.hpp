// SPDX-License-Identifier: Apache-2.0
// Points in time as the product knows them: microseconds, UTC, and their one text form (RFC 3339).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sigilo {

using Duration = std::chrono::microseconds;

/// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
/// Range of what can be written as text: years 0001 to 9999.
class Timestamp {
 public:
  constexpr Timestamp() = default;
  static constexpr Timestamp from_micros(std::int64_t micros) { return Timestamp(micros); }
  static constexpr Timestamp from_seconds(std::int64_t seconds) {
    return Timestamp(seconds * 1'000'000);
  }
  [[nodiscard]] constexpr std::int64_t micros() const { return micros_; }
  /// Whole seconds, rounded down.
  [[nodiscard]] constexpr std::int64_t seconds() const {
    return micros_ / 1'000'000 - (micros_ % 1'000'000 < 0 ? 1 : 0);
  }
  constexpr auto operator<=>(const Timestamp&) const = default;
  friend constexpr Timestamp operator+(Timestamp t, Duration d) {
    return Timestamp(t.micros_ + d.count());
  }
  friend constexpr Timestamp operator-(Timestamp t, Duration d) {
    return Timestamp(t.micros_ - d.count());
  }
  friend constexpr Duration operator-(Timestamp a, Timestamp b) {
    return Duration(a.micros_ - b.micros_);
  }

 private:
  constexpr explicit Timestamp(std::int64_t micros) : micros_(micros) {}
  std::int64_t micros_ = 0;
};

/// "2026-11-23T18:04:11.123456Z": always six digits and Z, so that text order is time order.
std::string format_rfc3339(Timestamp time);

/// Reads RFC 3339 with Z or a numeric offset and 0 to 9 digits of fraction (beyond six: cut off).
/// Errors: invalid_input.
Result<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace sigilo
