// SPDX-License-Identifier: Apache-2.0
#include "text/dates.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sigilo;
using namespace sigilo::text;

namespace {
Timestamp at(const char* rfc3339) {
  return parse_rfc3339(rfc3339).value();
}
constexpr auto buenos_aires = "America/Argentina/Buenos_Aires";
}  // namespace

TEST_CASE("a zone is a name of the time zone database and nothing else") {
  for (const char* zone :
       {buenos_aires, "America/Bogota", "America/Mexico_City", "America/Sao_Paulo", "Europe/Lisbon",
        "Etc/UTC", "UTC", "GMT", "Etc/GMT+3"}) {
    CAPTURE(zone);
    CHECK(is_time_zone(zone));
  }
  for (const char* zone :
       {"", "Mars/Olympus", "america/bogota", "ART", "BRT", "EST", "GMT-3", "UTC-03:00", "-03:00",
        "Etc/Unknown", "America/", "/", "America/Bogota ", "America/Bogotá", "../etc/passwd"}) {
    CAPTURE(zone);
    CHECK_FALSE(is_time_zone(zone));
  }
  CHECK_FALSE(is_time_zone(std::string_view("UTC\0x", 5)));
  CHECK_FALSE(is_time_zone(std::string(100000, 'A') + "/B"));
}

TEST_CASE("a long time names day, offset and seconds in the reader's language") {
  const Timestamp time = at("2026-11-23T18:04:11.999999Z");
  CHECK(long_local_time(time, buenos_aires, Language::es) ==
        "lunes, 23 de noviembre de 2026, 15:04:11 (GMT-3)");
  CHECK(long_local_time(time, "America/Sao_Paulo", Language::pt) ==
        "segunda-feira, 23 de novembro de 2026, 15:04:11 (GMT-3)");
  CHECK(long_local_time(time, "America/New_York", Language::en) ==
        "Monday, 23 November 2026, 13:04:11 (GMT-5)");
  CHECK(long_local_time(time, "UTC", Language::en) == "Monday, 23 November 2026, 18:04:11 (GMT)");
}

TEST_CASE("a short time is for lines of a conversation") {
  const Timestamp time = at("2026-03-05T03:04:59Z");
  CHECK(short_local_time(time, "America/Bogota", Language::es) == "04/03 22:04");
  CHECK(short_local_time(time, "America/Sao_Paulo", Language::pt) == "05/03 00:04");
  CHECK(short_local_time(time, "Europe/London", Language::en) == "5 Mar 03:04");
}

TEST_CASE("daylight saving follows the zone's own history") {
  CHECK(long_local_time(at("2018-12-01T12:00:00Z"), "America/Sao_Paulo", Language::pt) ==
        "sábado, 1 de dezembro de 2018, 10:00:00 (GMT-2)");
  // Brazil gave up summer time in 2019.
  CHECK(long_local_time(at("2020-12-01T12:00:00Z"), "America/Sao_Paulo", Language::pt) ==
        "terça-feira, 1 de dezembro de 2020, 09:00:00 (GMT-3)");
}

TEST_CASE("a second before the epoch is not rounded to the next") {
  CHECK(long_local_time(Timestamp::from_micros(-1), "UTC", Language::en) ==
        "Wednesday, 31 December 1969, 23:59:59 (GMT)");
}

TEST_CASE("zones are as up to date as the system's own: Mexico has had no summer time since 2022") {
  const auto summer = *sigilo::parse_rfc3339("2026-07-01T18:00:00Z");
  CHECK(table_local_time(summer, "America/Mexico_City") == "2026-07-01 12:00:00");
  const auto before = *sigilo::parse_rfc3339("2022-07-01T18:00:00Z");
  CHECK(table_local_time(before, "America/Mexico_City") == "2022-07-01 13:00:00");
}
