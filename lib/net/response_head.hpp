// SPDX-License-Identifier: Apache-2.0
// Private to net: answers as bytes.
#pragma once

#include <string>

#include "net/http.hpp"

namespace sigilo::net {

/// Appends status line and headers up to the empty line. A control character in a header's value
/// becomes a space, so that no value can begin another header.
void append_head(std::string& out, const Response& response, bool keep);

/// Appends what stands before a chunk of `size` bytes.
void append_chunk_head(std::string& out, std::size_t size);

/// 1xx, 204 and 304 have no body (RFC 9110 section 6.4.1).
bool may_have_body(int status);

/// An answer that says its status in words.
Response plain_response(int status);

}  // namespace sigilo::net
