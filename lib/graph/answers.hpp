// SPDX-License-Identifier: Apache-2.0
// The provider's successful answers, read. Untrusted bytes in, values out; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "graph/api.hpp"

namespace sigilo::graph {

/// Errors: invalid_input (no JSON object, or one without a url). The url itself is not judged here.
Result<MediaInfo> read_media(std::string_view body);

/// The cursor of the page behind this one; nullopt on the last. Errors: invalid_input (no JSON
/// object, or a further page that names no cursor).
Result<std::optional<std::string>> read_next_cursor(std::string_view body);

/// "" where the provider gave none: it has taken the request all the same. Errors: invalid_input
/// (no JSON object).
Result<std::string> read_request_id(std::string_view body);

}  // namespace sigilo::graph
