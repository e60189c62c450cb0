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
/// of unrecognised events:
/// - the field of a change that is in neither table (message/fields.hpp), that names no line though
///   it should, or that has parts of another shape; then beside the events of what was understood
/// - "field:reason" of one element: the unknown type ("messages:poll", "statuses:pondered") or what
///   is wrong with it ("history:thread", "messages:edit", "messages:id")
/// - "change", "entry", "no-envelope", "too-many", "not-json" of what is no change. Runs on: any.
Interpretation interpret_meta(std::string_view body, const LineBook& lines);

}  // namespace sigilo::message
