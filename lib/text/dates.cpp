// SPDX-License-Identifier: Apache-2.0
#include "text/dates.hpp"

#include <memory>

#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <unicode/simpletz.h>
#include <unicode/smpdtfmt.h>

#include "base/check.hpp"

namespace sigilo::text {
namespace {

/// How one language writes times. Patterns: UTS #35, "Date Field Symbol Table".
struct Style {
  const char* locale;
  const char16_t* long_pattern;
  const char16_t* short_pattern;
};

Style style_of(Language language) {
  constexpr auto romance = u"EEEE, d 'de' MMMM 'de' y, HH:mm:ss (O)";
  switch (language) {
    case Language::es:
      return {"es_419", romance, u"dd/MM HH:mm"};
    case Language::pt:
      return {"pt_BR", romance, u"dd/MM HH:mm"};
    case Language::en:
      return {"en", u"EEEE, d MMMM y, HH:mm:ss (O)", u"d MMM HH:mm"};
  }
  SIGILO_CHECK(false, "a language without a style");
  return {};
}

/// Whether the system knows the zone; then `zone` is set.
bool load_zone(std::string_view name, absl::TimeZone& zone) {
  // Debian 12's string_view of Abseil is a type of its own; later ones are the standard's.
  return absl::LoadTimeZone(absl::string_view(name.data(), name.size()), &zone);
}

/// Seconds east of UTC at that moment, by the system's own zone files (Debian's tzdata), which are
/// kept up to date within a release. ICU's built-in zones are not: Debian 12's still give Mexico
/// its summer time.
int offset_of(std::string_view zone, Timestamp time) {
  absl::TimeZone rules;
  SIGILO_CHECK(load_zone(zone, rules), "a zone that was not checked");
  return rules.At(absl::FromUnixSeconds(time.seconds())).offset;
}

std::string format(Timestamp time, std::string_view zone, const char* locale,
                   const char16_t* pattern) {
  UErrorCode status = U_ZERO_ERROR;
  icu::SimpleDateFormat writer(icu::UnicodeString(pattern), icu::Locale(locale), status);
  SIGILO_CHECK(U_SUCCESS(status), "ICU has no data for dates");
  const int offset = offset_of(zone, time);
  icu::SimpleTimeZone fixed(offset * 1000, icu::UnicodeString(u"fixed"));
  writer.setTimeZone(fixed);
  icu::UnicodeString written;
  // Whole seconds, since ICU's own rounding of fractions before 1970 goes the other way.
  writer.format(static_cast<UDate>(time.seconds()) * 1000.0, written);
  std::string utf8;
  return written.toUTF8String(utf8);
}

}  // namespace

bool is_time_zone(std::string_view zone) {
  constexpr std::size_t longest = 64;
  if (zone.empty() || zone.size() > longest) return false;
  for (const char c : zone) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && !(c >= '0' && c <= '9') && c != '/' && c != '_' && c != '-' && c != '+')
      return false;
  }
  if (zone.find('/') == std::string_view::npos) return zone == "UTC" || zone == "GMT";
  absl::TimeZone rules;
  return load_zone(zone, rules);
}

std::string long_local_time(Timestamp time, std::string_view zone, Language language) {
  const Style style = style_of(language);
  return format(time, zone, style.locale, style.long_pattern);
}

std::string short_local_time(Timestamp time, std::string_view zone, Language language) {
  const Style style = style_of(language);
  return format(time, zone, style.locale, style.short_pattern);
}

std::string table_local_time(Timestamp time, std::string_view zone) {
  return format(time, zone, "en", u"yyyy-MM-dd HH:mm:ss");
}

}  // namespace sigilo::text
