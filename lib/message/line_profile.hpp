// SPDX-License-Identifier: Apache-2.0
// What the provider answers about an account's lines when it is asked, in the same words as what it
// tells by itself: so a page of them can be stored as a delivery.
#pragma once

#include <string_view>

#include "message/event.hpp"

namespace sigilo::message {

inline constexpr std::string_view profile_type = "profile";

/// Interprets one page of GET /{account}/phone_numbers (docs/business-api.md): for each configured
/// line an event of kind line and type "profile" over its element of `data`, with no time, whose
/// details hold `account` and what describes the line. Lines that are not configured are counted
/// and cut out as in interpret_meta. An element that is no object or names no line, and a page of
/// another shape, become unrecognised events of type "profile:not-an-object", "profile:line",
/// "profile:page", "profile:not-json"; an account without lines gives none.
///
/// Event::content is over line and details only: as long as nothing that describes the line changes
/// it is the same, whatever else the answer says (usage, health and quality scores, which move by
/// the minute, are in no detail). A profile that changes back has the content that it had before:
/// compare with the last one of the line, not with all. Runs on: any.
Interpretation interpret_phone_numbers(std::string_view page, std::string_view account,
                                       const LineBook& lines);

}  // namespace sigilo::message
