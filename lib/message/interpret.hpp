// SPDX-License-Identifier: Apache-2.0
// The provider's JSON in, events out. Pure; anything unknown becomes an unrecognised event, never
// an error.
#pragma once

#include <cstddef>
#include <string_view>

#include "message/event.hpp"

namespace sigilo::message {

/// Things in one delivery beyond which it is kept whole instead of element by element. A message
/// has more than 100 bytes and a delivery at most 3 MiB, so that a real one stays far below.
inline constexpr std::size_t max_events = 131'072;

/// Interprets the body of one Meta webhook (envelope: docs/business-api.md). What is not JSON or
/// has another shape becomes one unrecognised event over the whole body, unless it names only lines
/// that are not configured. Each change gives at least one event, or is foreign and counted. Types
/// of unrecognised events: the field of a change that has another field than "messages";
/// "messages:" or "statuses:" with the unknown type or with what is wrong ("messages:edit",
/// "messages:id"); "messages:errors" (system errors of the provider); "messages" (a change with
/// parts of another shape); "change", "entry", "no-envelope", "too-many", "not-json". Runs on: any.
Interpretation interpret_meta(std::string_view body, const LineBook& lines);

}  // namespace sigilo::message
