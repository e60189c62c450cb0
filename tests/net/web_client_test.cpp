// SPDX-License-Identifier: Apache-2.0
#include "net/web_client.hpp"

#include <future>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/web.hpp"

namespace sigilo::net {
namespace {

using std::chrono::milliseconds;
using test::Peer;
using test::ScriptedServer;

constexpr std::uint64_t plenty = 1 << 20;

const SystemClock& clock() {
  static const SystemClock once;
  return once;
}

std::unique_ptr<WebClient> client(WebSettings settings = {}) {
  settings.user_agent = "sigilo/test";
  auto made = WebClient::make(std::move(settings), clock());
  REQUIRE(made);
  return std::move(*made);
}

std::unique_ptr<WebClient> client_with(const std::function<void(WebLimits&)>& change) {
  WebSettings settings;
  change(settings.limits);
  return client(std::move(settings));
}

WebRequest getting(std::string url) {
  WebRequest request;
  request.url = std::move(url);
  return request;
}

/// A script that reads each head and answers with the same bytes, while the client stays.
ScriptedServer::Script saying(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer, int) {
    while (!peer.head().empty()) peer.say(bytes);
  };
}

/// The same, but ends the connection behind the first.
ScriptedServer::Script saying_once(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer, int) {
    peer.head();
    peer.say(bytes);
  };
}

/// Why a call failed, for the report of a failing test.
std::string trouble_of(const WebResult<Response>& result) {
  return result ? "none" : result.error().error.message();
}

WebFault fault_of(const WebResult<Response>& result) {
  REQUIRE_FALSE(result);
  INFO(result.error().error.message());
  CHECK_FALSE(result.error().error.what.empty());
  return result.error().fault;
}

TEST_CASE("a request goes out as written, and its answer comes back") {
  std::promise<std::string> seen;
  ScriptedServer server([&](Peer& peer, int) {
    seen.set_value(peer.head());
    peer.say(
        "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nContent-Type: text/x\r\nX-A: b\r\n\r\n"
        "hello");
  });
  WebRequest request = getting(server.url("/v23.0/1?fields=id"));
  request.method = "POST";
  request.headers.emplace_back("Authorization", "Bearer secret");
  request.content_type = "application/json";
  request.body = "{}";
  const auto answer = client()->exchange(request, plenty);
  INFO(trouble_of(answer));
  REQUIRE(answer);
  CHECK(answer->status == 201);
  CHECK(answer->body == "hello");
  CHECK(answer->content_type == "text/x");
  CHECK(answer->header("x-a") == "b");
  CHECK(seen.get_future().get() ==
        fmt::format("POST /v23.0/1?fields=id HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
                    "User-Agent: sigilo/test\r\nAccept-Encoding: identity\r\n"
                    "Authorization: Bearer secret\r\nContent-Type: application/json\r\n"
                    "Content-Length: 2\r\n\r\n",
                    server.port()));
}

TEST_CASE("bodies come by length, in chunks, or to the end of the connection") {
  const auto [head, body] = GENERATE(table<std::string, std::string>(
      {{"Content-Length: 5\r\n\r\nhello", "hello"},
       {"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nX-Late: 1\r\n\r\n",
        "hello"},
       {"\r\nhello", "hello"},
       {"Content-Length: 0\r\n\r\n", ""}}));
  ScriptedServer server(saying_once("HTTP/1.1 200 OK\r\n" + head));
  const auto answer = client()->exchange(getting(server.url()), plenty);
  INFO(trouble_of(answer));
  REQUIRE(answer);
  CHECK(answer->body == body);
  CHECK_FALSE(answer->header("X-Late"));
}

TEST_CASE("an answer may come byte by byte, behind interim ones") {
  ScriptedServer server([](Peer& peer, int) {
    peer.head();
    for (const char c : std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                                    "Link: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
                                    "ok")) {
      peer.say({&c, 1});
    }
  });
  const auto answer = client()->exchange(getting(server.url()), plenty);
  INFO(trouble_of(answer));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "ok");
  CHECK_FALSE(answer->header("Link"));
}

TEST_CASE("a redirect is reported, not followed") {
  ScriptedServer server(
      saying("HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n"));
  const auto answer = client()->exchange(getting(server.url()), plenty);
  INFO(trouble_of(answer));
  REQUIRE(answer);
  CHECK(answer->status == 302);
  CHECK(answer->header("Location") == "https://evil.example/");
}

TEST_CASE("a connection is kept for the same origin, and not for another") {
  ScriptedServer server(saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  ScriptedServer other(saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  const auto web = client();
  for (int i = 0; i < 10; ++i) REQUIRE(web->exchange(getting(server.url()), plenty));
  CHECK(web->connections() == 1);
  REQUIRE(web->exchange(getting(other.url()), plenty));
  CHECK(web->connections() == 2);
}

TEST_CASE("a connection is not kept after an error, a close, bytes too many, or its time") {
  const auto ending = GENERATE(
      as<std::string>(), "Connection: close\r\nContent-Length: 2\r\n\r\nok",
      "Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n", "Content-Length: 5\r\n\r\nlarge");
  ScriptedServer server([&](Peer& peer, int number) {
    peer.head();
    peer.say("HTTP/1.1 200 OK\r\n" +
             (number == 1 ? ending : std::string("Content-Length: 2\r\n\r\nok")));
    if (number == 1) return;
    peer.head();
  });
  const auto web = client();
  static_cast<void>(web->exchange(getting(server.url()), 4));
  const auto second = web->exchange(getting(server.url()), 4);
  REQUIRE(second);
  CHECK(second->body == "ok");
  CHECK(web->connections() == 2);
}

TEST_CASE("a connection that idled too long is not used again") {
  ScriptedServer server(saying_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  const test::FakeClock fake;
  WebSettings settings;
  settings.user_agent = "t";
  settings.limits.keep_time = milliseconds(0);
  const auto web = WebClient::make(settings, fake).value();
  REQUIRE(web->exchange(getting(server.url()), plenty));
  REQUIRE(web->exchange(getting(server.url()), plenty));
  CHECK(web->connections() == 2);
}

TEST_CASE("a kept connection that turns out closed is opened again once, silently") {
  ScriptedServer server([](Peer& peer, int) {
    peer.head();
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  const auto web = client();
  for (int i = 0; i < 3; ++i) {
    const auto answer = web->exchange(getting(server.url()), plenty);
    INFO(trouble_of(answer));
    REQUIRE(answer);
    CHECK(answer->body == "ok");
  }
  CHECK(web->connections() == 3);
}

TEST_CASE("a kept connection that breaks in its second answer is an error, not a third request") {
  std::atomic<int> requests = 0;
  ScriptedServer server([&](Peer& peer, int) {
    peer.head();
    ++requests;
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    if (peer.head().empty()) return;
    ++requests;
    peer.say("HTTP/1.1 2");
  });
  const auto web = client();
  REQUIRE(web->exchange(getting(server.url()), plenty));
  CHECK(fault_of(web->exchange(getting(server.url()), plenty)) == WebFault::broken);
  CHECK(requests == 2);
}

TEST_CASE("what may have been acted on is never sent twice") {
  std::atomic<int> posts = 0;
  ScriptedServer server([&](Peer& peer, int) {
    const auto head = peer.head();
    if (head.starts_with("POST")) {
      ++posts;
      return;
    }
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.wait_for_end();
  });
  const auto web = client();
  REQUIRE(web->exchange(getting(server.url()), plenty));
  WebRequest post = getting(server.url());
  post.method = "POST";
  CHECK(fault_of(web->exchange(post, plenty)) == WebFault::broken);
  CHECK(posts == 1);
}

TEST_CASE("a body of exactly the limit passes, one byte more does not, however it is sent") {
  const std::string body =
      GENERATE(as<std::string>(), "Content-Length: 5\r\n\r\nhello",
               "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "\r\nhello");
  ScriptedServer server(saying_once("HTTP/1.1 200 OK\r\n" + body));
  std::string taken;
  const BodySink sink = [&](BytesView bytes) -> Result<> {
    taken += as_text(bytes);
    return {};
  };
  CHECK(client()->exchange(getting(server.url()), 5));
  CHECK(client()->exchange(getting(server.url()), 5, sink));
  CHECK(taken == "hello");
  taken.clear();
  CHECK(fault_of(client()->exchange(getting(server.url()), 4)) == WebFault::body_too_large);
  CHECK(fault_of(client()->exchange(getting(server.url()), 4, sink)) == WebFault::body_too_large);
  CHECK(taken.size() <= 4);
}

TEST_CASE("only the body of a success goes to the sink; an error's words are collected") {
  ScriptedServer server(saying_once("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"));
  const auto answer = client()->exchange(getting(server.url()), 2, [](BytesView) -> Result<> {
    FAIL("the sink was given an error");
    return {};
  });
  INFO(trouble_of(answer));
  REQUIRE(answer);
  CHECK(answer->status == 404);
  CHECK(answer->body == "gone");
}

TEST_CASE("a sink's error ends the call and is returned as it is") {
  ScriptedServer server(saying_once("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"));
  const auto answer = client()->exchange(getting(server.url()), plenty, [](BytesView) -> Result<> {
    return fail(ErrorCode::no_space, "the disk is full");
  });
  CHECK(fault_of(answer) == WebFault::sink);
  CHECK(answer.error().error.code == ErrorCode::no_space);
}

TEST_CASE("an answer's headers of exactly the limit pass, one byte more does not") {
  const std::string start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
  for (const std::size_t size : {999U, 1000U, 1001U, 100'000U}) {
    ScriptedServer server(
        saying_once(start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n"));
    const auto answer = client_with([](WebLimits& limits) {
                          limits.header_bytes = 1000;
                        })->exchange(getting(server.url()), plenty);
    if (size <= 1000) {
      CHECK(answer);
    } else {
      CHECK(fault_of(answer) == WebFault::head_too_large);
    }
  }
}

TEST_CASE("more headers than allowed are too many, however short") {
  for (const int more : {9, 10}) {
    std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
    for (int i = 0; i < more; ++i) head += "a:\r\n";
    ScriptedServer server(saying_once(head + "\r\n"));
    const auto answer = client_with([](WebLimits& limits) {
                          limits.headers = 10;
                        })->exchange(getting(server.url()), plenty);
    CHECK(answer.has_value() == (more == 9));
  }
}

TEST_CASE("what is not HTTP, or breaks off, is broken") {
  const std::string bytes =
      GENERATE(as<std::string>(), "", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 2",
               "HTTP/1.1 200 OK\r\nX", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
               "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 099 Odd\r\n\r\n",
               "HTTP/1.1 100 Continue\r\n\r\n");
  ScriptedServer server(saying_once(bytes));
  CHECK(fault_of(client()->exchange(getting(server.url()), plenty)) == WebFault::broken);
}

TEST_CASE("interim answers without end are ended") {
  ScriptedServer server([](Peer& peer, int) {
    peer.head();
    while (peer.say("HTTP/1.1 100 Continue\r\n\r\n")) {
    }
  });
  CHECK(fault_of(client()->exchange(getting(server.url()), plenty)) == WebFault::broken);
}

TEST_CASE("an answer's chunk extension can't grow without end") {
  ScriptedServer server([](Peer& peer, int) {
    peer.head();
    peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
    while (peer.say(std::string(1000, 'x'))) {
    }
  });
  CHECK(fault_of(client()->exchange(getting(server.url()), plenty)) == WebFault::broken);
}

TEST_CASE("a server that hangs is given up at each stage, by the limit of that stage") {
  const auto [bytes, fault] = GENERATE(table<std::string, WebFault>(
      {{"", WebFault::head_time},
       {"HTTP/1.1 200 OK\r\n", WebFault::head_time},
       {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", WebFault::stall_time},
       {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", WebFault::stall_time},
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        WebFault::stall_time}}));
  ScriptedServer server([bytes = bytes](Peer& peer, int) {
    peer.head();
    peer.say(bytes);
    peer.wait_for_end();
  });
  const auto answer = client_with([](WebLimits& limits) {
                        limits.head_time = milliseconds(150);
                        limits.stall_time = milliseconds(150);
                      })->exchange(getting(server.url()), plenty);
  CHECK(fault_of(answer) == fault);
  CHECK(answer.error().error.code == ErrorCode::timeout);
  CHECK(answer.error().error.what.find("0.15 s") != std::string::npos);
}

TEST_CASE("a handshake that hangs is given up by the limit for connecting") {
  ScriptedServer server([](Peer& peer, int) { peer.wait_for_end(); });
  const auto answer =
      client_with([](WebLimits& limits) {
        limits.connect_time = milliseconds(150);
      })->exchange(getting(fmt::format("https://127.0.0.1:{}/", server.port())), plenty);
  CHECK(fault_of(answer) == WebFault::connect_time);
}

TEST_CASE("a trickle that never stalls is cut by its rate") {
  ScriptedServer server([](Peer& peer, int) {
    peer.head();
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (peer.say("x")) std::this_thread::sleep_for(milliseconds(10));
  });
  const auto answer = client_with([](WebLimits& limits) {
                        limits.rate_grace = milliseconds(100);
                        limits.least_bytes_a_second = 1000;
                      })->exchange(getting(server.url()), plenty);
  CHECK(fault_of(answer) == WebFault::rate);
}

TEST_CASE("a name that nobody knows, and a port where nobody listens, are told apart") {
  CHECK(fault_of(client()->exchange(getting("http://nobody.invalid/"), plenty)) ==
        WebFault::no_name);
  std::uint16_t unused = 0;
  {
    unused = ScriptedServer([](Peer&, int) {}).port();
  }
  const auto refused =
      client()->exchange(getting(fmt::format("http://127.0.0.1:{}/", unused)), plenty);
  CHECK(fault_of(refused) == WebFault::no_connection);
  CHECK(refused.error().error.what.find("127.0.0.1") != std::string::npos);
}

TEST_CASE("a name is tried at each of its addresses") {
  ScriptedServer server(saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  // On many machines localhost is ::1 first, where this server does not listen.
  CHECK(client()->exchange(getting(fmt::format("http://localhost:{}/", server.port())), plenty));
}

TEST_CASE("an interruption ends the call under way, and fails all later ones") {
  const std::string bytes =
      GENERATE(as<std::string>(), "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  std::promise<void> asked;
  ScriptedServer server([&](Peer& peer, int) {
    peer.head();
    peer.say(bytes);
    asked.set_value();
    peer.wait_for_end();
  });
  const auto web = client();
  auto call =
      std::async(std::launch::async, [&] { return web->exchange(getting(server.url()), plenty); });
  asked.get_future().get();
  const auto before = clock().steady();
  web->interrupt();
  CHECK(fault_of(call.get()) == WebFault::interrupted);
  CHECK(clock().steady() - before < milliseconds(500));
  CHECK(fault_of(web->exchange(getting(server.url()), plenty)) == WebFault::interrupted);
  CHECK(server.connections() == 1);
}

TEST_CASE("an interruption at any moment ends a call") {
  ScriptedServer server([](Peer& peer, int) { peer.wait_for_end(); });
  for (int i = 0; i < 50; ++i) {
    const auto web = client();
    std::thread other([&] { web->interrupt(); });
    CHECK(fault_of(web->exchange(getting(server.url()), plenty)) == WebFault::interrupted);
    other.join();
  }
}

TEST_CASE("no value can become another header or another request") {
  const std::string evil =
      GENERATE(as<std::string>(), "a\r\nX-Evil: 1", "a\nb", "a\rb", std::string("a\0b", 3), "\x7f");
  WebRequest by_value = getting("http://127.0.0.1:1/");
  by_value.headers.emplace_back("X", evil);
  WebRequest by_name = getting("http://127.0.0.1:1/");
  by_name.headers.emplace_back(evil, "x");
  WebRequest by_method = getting("http://127.0.0.1:1/");
  by_method.method = evil;
  WebRequest by_type = getting("http://127.0.0.1:1/");
  by_type.content_type = evil;
  for (const auto& request :
       {by_value, by_name, by_method, by_type, getting("http://127.0.0.1:1/" + evil)}) {
    const auto refused = client()->exchange(request, plenty);
    CHECK(fault_of(refused) == WebFault::invalid);
  }
}

TEST_CASE("no failure tells path, query or header, where secrets stand") {
  ScriptedServer server(saying_once("nonsense"));
  WebRequest request = getting(server.url("/hidden-path?token=hidden-query"));
  request.headers.emplace_back("Authorization", "Bearer hidden-token");
  const auto answer = client()->exchange(request, plenty);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().error.message().find("hidden") == std::string::npos);
}

}  // namespace
}  // namespace sigilo::net
