// SPDX-License-Identifier: Apache-2.0
#include "net/response_head.hpp"

#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "net/asio_impl.hpp"

namespace sigilo::net {

namespace {

std::string_view reason(int status) {
  const auto text = http::obsolete_reason(static_cast<http::status>(status));
  return {text.data(), text.size()};
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  out.append("\r\n");
}

}  // namespace

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

void append_head(std::string& out, const Response& response, bool keep) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                 reason(response.status));
  if (may_have_body(response.status)) {
    append_header(out, "Content-Type", response.content_type);
    if (response.source) {
      out.append("Transfer-Encoding: chunked\r\n");
    } else {
      fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
    }
  }
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  out.append(keep ? "\r\n" : "Connection: close\r\n\r\n");
}

void append_chunk_head(std::string& out, std::size_t size) {
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", size);
}

Response plain_response(int status) {
  Response response;
  response.status = status;
  response.body = fmt::format("{}\n", reason(status));
  return response;
}

}  // namespace sigilo::net
