// SPDX-License-Identifier: Apache-2.0
// A JSON string as RFC 8785 (3.2.2.2) writes it, for whoever writes canonical JSON without a value.
#pragma once

#include <string>
#include <string_view>

namespace sigilo::json {

/// Appends `text` as a JSON string with RFC 8785's escapes. Where it is not UTF-8 (RFC 3629):
/// false, and `out` is as it was. Runs on: any.
[[nodiscard]] bool append_quoted(std::string& out, std::string_view text);

}  // namespace sigilo::json
