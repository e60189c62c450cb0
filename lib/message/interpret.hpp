// SPDX-License-Identifier: Apache-2.0
// The provider's JSON in, events out. Pure; anything unknown becomes an unrecognised event, never an error.
#pragma once

#include <string_view>

#include "message/event.hpp"

namespace sigilo::message {

/// Interprets the body of one Meta webhook (envelope: docs/business-api.md). What is not JSON or has another shape
/// becomes one unrecognised event over the whole body, unless it names only lines that are not configured.
/// Runs on: any.
Interpretation interpret_meta(std::string_view body, const LineBook& lines);

}  // namespace sigilo::message
