// SPDX-License-Identifier: Apache-2.0
// One question to a service of somebody else. Private to this room.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"
#include "net/web_client.hpp"

namespace sigilo::anchor {

/// Blocks; net::WebClient::exchange in production, a script in tests.
using Exchange =
    std::function<net::WebResult<net::Response>(const net::WebRequest&, std::uint64_t max_body)>;

/// Errors: unavailable (no answer: the origin and the reason), timeout.
inline Result<net::Response> post(const Exchange& exchange, std::string url, std::string type,
                                  std::string body, std::size_t max_body) {
  net::WebRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.content_type = std::move(type);
  request.body = std::move(body);
  auto answer = exchange(request, max_body);
  if (answer) return std::move(*answer);
  auto& error = answer.error().error;
  // What this room calls an alarm never comes from the network.
  if (error.code == ErrorCode::corrupt) error.code = ErrorCode::unavailable;
  return tl::unexpected(std::move(error));
}

}  // namespace sigilo::anchor
