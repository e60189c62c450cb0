// SPDX-License-Identifier: Apache-2.0
// Bytes as text: lower-case hex and base64 (RFC 4648, with padding).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sigilo::crypto {

std::string to_hex(BytesView bytes);
/// Accepts both cases, nothing else. Errors: invalid_input.
Result<Bytes> from_hex(std::string_view text);

std::string to_base64(BytesView bytes);
/// Standard alphabet with padding, no white space. Errors: invalid_input.
Result<Bytes> from_base64(std::string_view text);

}  // namespace sigilo::crypto
