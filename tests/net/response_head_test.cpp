// SPDX-License-Identifier: Apache-2.0
#include "net/response_head.hpp"

#include <catch2/catch_test_macros.hpp>

namespace sigilo::net {
namespace {

std::string head_of(const Response& response, bool keep = true) {
  std::string out;
  append_head(out, response, keep);
  return out;
}

TEST_CASE("a head says status, type, length and nothing about the program") {
  Response response;
  response.body = "hello";
  CHECK(head_of(response) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n");
}

TEST_CASE("a last answer says that the connection closes") {
  CHECK(head_of(plain_response(404), false).find("\r\nConnection: close\r\n\r\n") !=
        std::string::npos);
  CHECK(head_of(plain_response(404), true).find("Connection") == std::string::npos);
}

TEST_CASE("a status without a body has neither length nor type") {
  Response response;
  response.status = 204;
  CHECK(head_of(response) == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE("no value of a header can begin another header") {
  Response response;
  response.headers = {{"Allow", "GET\r\nSet-Cookie: a=b"}};
  response.content_type = std::string("text/plain\nX: y") + '\0';
  const auto head = head_of(response);
  CHECK(head.find("\r\nAllow: GET  Set-Cookie: a=b\r\n") != std::string::npos);
  CHECK(head.find("\r\nContent-Type: text/plain X: y \r\n") != std::string::npos);
}

}  // namespace
}  // namespace sigilo::net
