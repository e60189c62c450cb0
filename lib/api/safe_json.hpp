// SPDX-License-Identifier: Apache-2.0
// JSON that may go anywhere, also straight to a terminal.
#pragma once

#include <string>

#include "json/value.hpp"

namespace sigilo::api {

/// One line of JSON (no newline), members sorted. Text that is not UTF-8, as a damaged row or a
/// relay's reply may hold, gets U+FFFD; characters that could move a cursor or turn a line round
/// are written as \uXXXX, which every JSON reader gives back as they were.
std::string safe_json(json::Value value);

}  // namespace sigilo::api
