// SPDX-License-Identifier: Apache-2.0
// HTTP messages as plain values: what the server hands out and the client takes in.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

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

/// Takes one piece of a body. An empty piece is the body's end; an error cuts the connection so
/// that the client cannot take what came for the whole. Call exactly once, on the io thread.
using GivePiece = std::function<void(Result<std::string>)>;
/// Asked for the next piece when the one before has gone out, so that no body stands in memory
/// whole. May answer later. Destroyed when the answer ends, however it ends. Runs on: io.
using BodySource = std::function<void(GivePiece)>;
/// Takes a body's bytes as they come; an error of its own ends the exchange and is passed on.
using BodySink = std::function<Result<>(BytesView)>;

struct Response {
  int status = 200;
  std::vector<Header>
      headers;  ///< without Content-Type, Content-Length, Connection: the server sets those
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  /// Not empty: the body comes from here instead, as chunks. A client of HTTP/1.0 gets 505, since
  /// it could not tell a whole body from one that broke off.
  BodySource source = nullptr;
  bool close = false;  ///< end the connection after this answer

  /// First header of that name, ASCII case ignored; nullopt where absent.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// RFC 3986 percent-encoding of everything but unreserved characters.
std::string percent_encode(std::string_view text);

}  // namespace sigilo::net
