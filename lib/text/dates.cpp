// SPDX-License-Identifier: Apache-2.0
#include "text/dates.hpp"

#include <memory>

#include <unicode/gregocal.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>
#include <unicode/ucal.h>

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

icu::UnicodeString to_icu(std::string_view ascii) {
  return icu::UnicodeString(ascii.data(), static_cast<std::int32_t>(ascii.size()), US_INV);
}

std::string format(Timestamp time, std::string_view zone, const char* locale,
                   const char16_t* pattern) {
  SIGILO_CHECK(is_time_zone(zone), "a zone that was not checked");
  UErrorCode status = U_ZERO_ERROR;
  icu::SimpleDateFormat writer(icu::UnicodeString(pattern), icu::Locale(locale), status);
  SIGILO_CHECK(U_SUCCESS(status), "ICU has no data for dates");
  writer.adoptTimeZone(icu::TimeZone::createTimeZone(to_icu(zone)));
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
  UErrorCode status = U_ZERO_ERROR;
  UBool is_system = false;
  icu::UnicodeString canonical;
  icu::TimeZone::getCanonicalID(to_icu(zone), canonical, is_system, status);
  return U_SUCCESS(status) && is_system && zone != "Etc/Unknown";
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
