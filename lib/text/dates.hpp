// SPDX-License-Identifier: Apache-2.0
// Times as people of the firm read them, by ICU's zones and locales.
#pragma once

#include <string>
#include <string_view>

#include "base/domain.hpp"
#include "base/time.hpp"

namespace sigilo::text {

/// Whether `zone` is a name of the IANA time zone database, written as there: AREA/PLACE
/// ("America/Argentina/Buenos_Aires"), or "UTC" or "GMT". Bare abbreviations are refused: ICU takes
/// "ART" for Cairo.
bool is_time_zone(std::string_view zone);

/// "lunes, 23 de noviembre de 2026, 15:04:11 (GMT-3)" and its like in pt and en (24-hour clock,
/// seconds, offset). `zone` must satisfy is_time_zone(). Runs on: any.
std::string long_local_time(Timestamp time, std::string_view zone, Language language);

/// "23/11 15:04" (es, pt) or "23 Nov 15:04" (en), for lines of a conversation. `zone` must satisfy
/// is_time_zone().
std::string short_local_time(Timestamp time, std::string_view zone, Language language);

/// "2026-11-23 15:04:11", for tables. `zone` must satisfy is_time_zone().
std::string table_local_time(Timestamp time, std::string_view zone);

}  // namespace sigilo::text
