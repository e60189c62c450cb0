// SPDX-License-Identifier: Apache-2.0
// A blocking HTTP client for the command line's use of the local API. (The Graph client comes with
// media.)
#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace sigilo::net {

/// Sends one request over a Unix socket and reads the answer (at most `max_body` bytes).
/// Errors: unavailable (nobody listens; names the socket), permission, timeout, protocol errors as
/// io. Runs on: any.
Result<Response> request_over_unix(const std::string& socket_path, const Request& request,
                                   std::chrono::seconds timeout,
                                   std::size_t max_body = 256 * 1024 * 1024);

}  // namespace sigilo::net
