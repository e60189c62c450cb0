// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <optional>

#include <fmt/format.h>

namespace sigilo {
namespace {

/// Reads exactly `count` decimal digits at the front of `text` and removes them.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// Fraction of a second in microseconds; nullopt where there is no digit after the point.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  std::int64_t micros = 0;
  std::size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 6) micros = micros * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  for (; digits < 6; ++digits) micros *= 10;
  return micros;
}

/// Offset from UTC in seconds; nullopt where there is none or it is malformed.
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return 0;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ":")) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

/// Overwrites `count` characters at `at` with the last decimal digits of `value`, 0 or more.
template <class Integer>
void put_digits(std::string& text, std::size_t at, std::size_t count, Integer value) {
  for (; count > 0; value /= 10) text[at + --count] = static_cast<char>('0' + value % 10);
}

}  // namespace

// Written into every record several times: a format string for it took longer than hashing the
// record's leaf.
std::string format_rfc3339(Timestamp time) {
  using namespace std::chrono;
  const sys_seconds whole{std::chrono::seconds(time.seconds())};
  const auto day = floor<days>(whole);
  const year_month_day date{day};
  const hh_mm_ss clock{whole - day};
  const int year = static_cast<int>(date.year());
  std::string text = "0000-00-00T00:00:00.000000Z";
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, clock.hours().count());
  put_digits(text, 14, 2, clock.minutes().count());
  put_digits(text, 17, 2, clock.seconds().count());
  put_digits(text, 20, 6, time.micros() - time.seconds() * 1'000'000);
  if (year >= 0 && year <= 9999)
    put_digits(text, 0, 4, year);
  else
    text.replace(0, 4, fmt::format("{:04}", year));
  return text;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto bad = [&] {
    return fail(ErrorCode::invalid_input, fmt::format("'{}' is not a time", text),
                "write it as 2026-11-23T18:04:11Z");
  };
  std::string_view rest = text;
  const auto y = take_digits(rest, 4);
  if (!y || !take(rest, "-")) return bad();
  const auto mo = take_digits(rest, 2);
  if (!mo || !take(rest, "-")) return bad();
  const auto d = take_digits(rest, 2);
  if (!d || !take(rest, "Tt ")) return bad();
  const auto h = take_digits(rest, 2);
  if (!h || *h > 23 || !take(rest, ":")) return bad();
  const auto mi = take_digits(rest, 2);
  if (!mi || *mi > 59 || !take(rest, ":")) return bad();
  const auto s = take_digits(rest, 2);
  if (!s || *s > 59) return bad();
  std::int64_t micros = 0;
  if (take(rest, ".")) {
    const auto fraction = take_fraction(rest);
    if (!fraction) return bad();
    micros = *fraction;
  }
  const auto offset = take_offset(rest);
  if (!offset || !rest.empty()) return bad();
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)},
                            day{static_cast<unsigned>(*d)}};
  if (!date.ok() || *y == 0) return bad();
  const std::int64_t days_since = sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds_since = days_since * 86'400 + *h * 3600 + *mi * 60 + *s - *offset;
  // An offset can lead out of the years that can be written again.
  constexpr std::int64_t year_1 = -62'135'596'800;
  constexpr std::int64_t year_9999_ends = 253'402'300'799;
  if (seconds_since < year_1 || seconds_since > year_9999_ends) return bad();
  return Timestamp::from_micros(seconds_since * 1'000'000 + micros);
}

}  // namespace sigilo
