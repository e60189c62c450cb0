// SPDX-License-Identifier: Apache-2.0
// HTTP messages as plain values: what the server hands out and the client takes in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sigilo::net {

using Header = std::pair<std::string, std::string>;

struct Request {
  std::string method;  ///< "GET"
  std::string target;  ///< as sent: path and query, percent-encoded
  std::vector<Header> headers;
  std::string body;

  /// First header of that name, ASCII case ignored; nullopt where absent.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  /// True when the header occurs more than once.
  [[nodiscard]] bool repeats(std::string_view name) const;
  [[nodiscard]] std::string_view path() const;
  /// Decoded value of a query parameter (the first of that name; "+" is a space, as browsers and
  /// curl write it); nullopt where absent or not valid percent-encoding.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::vector<Header>
      headers;  ///< without Content-Type, Content-Length, Connection: the server sets those
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  bool close = false;  ///< end the connection after this answer
};

/// RFC 3986 percent-encoding of everything but unreserved characters.
std::string percent_encode(std::string_view text);

}  // namespace sigilo::net
