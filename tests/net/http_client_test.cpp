// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include "net/listen.hpp"
#include "support/net_server.hpp"
#include "support/process.hpp"

namespace sigilo::net {
namespace {

using std::chrono::seconds;
using test::RunningServer;

struct Place {
  test::TemporaryDirectory directory;
  std::string path = (directory / "api.sock").string();
  [[nodiscard]] ServerSettings settings() const {
    ServerSettings settings;
    settings.unix_path = path;
    return settings;
  }
};

Request asking(std::string method, std::string target, std::string body = {}) {
  Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

/// Accepts one connection and says `bytes`, whatever is asked.
class Impostor {
 public:
  Impostor(const std::string& path, std::string bytes)
      : listener_(listen_unix(path, 0600).value()), thread_([this, bytes = std::move(bytes)] {
          pollfd wait{listener_.get(), POLLIN, 0};
          poll(&wait, 1, 10'000);
          const Fd peer(accept(listener_.get(), nullptr, nullptr));
          char request[4096];
          [[maybe_unused]] auto ignored = recv(peer.get(), request, sizeof request, 0);
          ignored = send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        }) {}
  ~Impostor() { thread_.join(); }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;

 private:
  Fd listener_;
  std::thread thread_;
};

TEST_CASE("a request over a Unix socket is answered with status, headers and body") {
  const Place place;
  HttpHandlers handlers;
  handlers.request = [](const Request& request, const Peer&, const Responder& respond) {
    Response response;
    response.status = 404;
    response.content_type = "application/json";
    response.headers.emplace_back("X-Seen", request.header("X-Mine").value_or("nothing"));
    response.body = request.method + request.target + request.body;
    respond(response);
  };
  RunningServer server(place.settings(), handlers);
  Request request = asking("POST", "/search?q=" + percent_encode("coima & más"), "body");
  request.headers.emplace_back("X-Mine", "value");
  const auto answer = request_over_unix(place.path, request, seconds(10));
  REQUIRE(answer);
  CHECK(answer->status == 404);
  CHECK(answer->content_type == "application/json");
  CHECK(answer->body == "POST/search?q=coima%20%26%20m%C3%A1sbody");
  CHECK(std::find(answer->headers.begin(), answer->headers.end(), Header("X-Seen", "value")) !=
        answer->headers.end());
}

TEST_CASE("a large answer arrives whole, one over the limit is an error") {
  const Place place;
  HttpHandlers handlers;
  handlers.request = [](const Request&, const Peer&, const Responder& respond) {
    respond(test::text_response(std::string(20 * 1024 * 1024, 'x')));
  };
  RunningServer server(place.settings(), handlers);
  const auto whole = request_over_unix(place.path, asking("GET", "/"), seconds(30));
  REQUIRE(whole);
  CHECK((whole->body == std::string(20 * 1024 * 1024, 'x')));
  const auto cut =
      request_over_unix(place.path, asking("GET", "/"), seconds(30), 20 * 1024 * 1024 - 1);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code == ErrorCode::io);
}

TEST_CASE("the answer to HEAD is read without waiting for a body") {
  const Place place;
  RunningServer server(place.settings(), test::echo());
  const auto answer = request_over_unix(place.path, asking("HEAD", "/"), seconds(10));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body.empty());
}

TEST_CASE("a refusal before the body was read is an answer, not a broken pipe") {
  const Place place;
  HttpHandlers handlers;
  handlers.head = [](const Request&, const Peer&) -> std::optional<Response> {
    Response response;
    response.status = 403;
    return response;
  };
  RunningServer server(place.settings(), handlers);
  const auto answer = request_over_unix(
      place.path, asking("POST", "/", std::string(2 * 1024 * 1024, 'x')), seconds(10));
  REQUIRE(answer);
  CHECK(answer->status == 403);
}

TEST_CASE("nobody listening is unavailable and names the socket") {
  const Place place;
  const auto absent = request_over_unix(place.path, asking("GET", "/"), seconds(10));
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == ErrorCode::unavailable);
  CHECK(absent.error().what.find(place.path) != std::string::npos);
  { REQUIRE(listen_unix(place.path, 0600)); }
  const auto old = request_over_unix(place.path, asking("GET", "/"), seconds(10));
  REQUIRE_FALSE(old);
  CHECK(old.error().code == ErrorCode::unavailable);
}

TEST_CASE("a socket that is not ours to use is a matter of permission") {
  if (geteuid() == 0) SKIP("root may use every socket");
  const Place place;
  const auto listener = listen_unix(place.path, 0000);
  REQUIRE(listener);
  const auto refused = request_over_unix(place.path, asking("GET", "/"), seconds(10));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::permission);
}

TEST_CASE("a path too long for a socket is refused, not cut") {
  const auto refused =
      request_over_unix("/" + std::string(200, 'x'), asking("GET", "/"), seconds(1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::invalid_input);
}

TEST_CASE("a server that does not answer is a timeout") {
  const Place place;
  const auto listener = listen_unix(place.path, 0600);
  REQUIRE(listener);
  const auto late = request_over_unix(place.path, asking("GET", "/"), seconds(1));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::timeout);
  CHECK(late.error().what.find("1 s") != std::string::npos);
}

TEST_CASE("an answer that is not HTTP, or breaks off, is an error") {
  const Place place;
  for (const char* bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 2", ""}) {
    INFO(bytes);
    Impostor impostor(place.path, bytes);
    const auto answer = request_over_unix(place.path, asking("GET", "/"), seconds(10));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::io);
  }
}

}  // namespace
}  // namespace sigilo::net
