// SPDX-License-Identifier: Apache-2.0
// A blocking HTTP client for the command line's use of the local API. What goes out of the building
// goes through web_client.hpp.
#pragma once

#include <chrono>
#include <cstdint>
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

/// As request_over_unix, but the body of an answer 2xx goes to `sink` piece by piece and is not in
/// the Response. Any other answer's body (an error's words) is, up to 1 MiB. `stall` is the longest
/// time without progress, not the whole. Errors: as above; the sink's own; io where the body broke
/// off, or is one whose end can't be told from breaking off (neither length nor chunks): what the
/// sink took is then not the whole. Runs on: any.
Result<Response> stream_over_unix(const std::string& socket_path, const Request& request,
                                  std::chrono::seconds stall, const BodySink& sink);

}  // namespace sigilo::net
