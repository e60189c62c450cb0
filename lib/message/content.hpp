// SPDX-License-Identifier: Apache-2.0
// Event::content: when two deliveries say the same thing.
#pragma once

#include <string>
#include <string_view>

#include "json/value.hpp"
#include "message/event.hpp"

namespace sigilo::message {

/// Event::content of `event`, which `slice` says. `mark` tells apart what the slice alone doesn't
/// (time and account of an entry).
crypto::Digest content_digest(const Event& event, const json::Value& slice,
                              std::string_view mark = {});

/// Event::content of an event that is the same as long as its line and details are, whatever slice
/// says it.
crypto::Digest details_digest(const Event& event);

/// Gives what concerns a line and has neither an id nor a time (the provider's errors) another
/// content on each day (UTC) on which it is received: the same words next week are a second event,
/// while a delivery that is repeated comes again within minutes. Leaves every other event alone.
void tell_apart_by_day(Event& event, Timestamp received);

/// A file's SHA-256 as 64 lower-case hex digits, whether it came as that, in capitals or in base64
/// (samples show both spellings); anything else as it came.
std::string plain_sha256(std::string_view text);

}  // namespace sigilo::message
