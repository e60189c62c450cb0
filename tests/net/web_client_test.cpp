// SPDX-License-Identifier: Apache-2.0
#include "net/web_client.hpp"

#include <future>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/web.hpp"

namespace sigilo::net {
namespace {

using std::chrono::milliseconds;
using test::fault_of;
using test::getting;
using test::Peer;
using test::saying;
using test::saying_once;
using test::ScriptedServer;
using test::trouble_of;
using test::web_client;

constexpr std::uint64_t plenty = 1 << 20;

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
  const auto answer = web_client()->exchange(request, plenty);
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
  const auto answer = web_client()->exchange(getting(server.url()), plenty);
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
  const auto answer = web_client()->exchange(getting(server.url()), plenty);
  INFO(trouble_of(answer));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "ok");
  CHECK_FALSE(answer->header("Link"));
}

TEST_CASE("a redirect is reported, not followed") {
  ScriptedServer server(
      saying("HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n"));
  const auto answer = web_client()->exchange(getting(server.url()), plenty);
  INFO(trouble_of(answer));
  REQUIRE(answer);
  CHECK(answer->status == 302);
  CHECK(answer->header("Location") == "https://evil.example/");
}

TEST_CASE("a connection is kept for the same origin, and not for another") {
  ScriptedServer server(saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  ScriptedServer other(saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  const auto web = web_client();
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
  const auto web = web_client();
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
  const auto web = web_client();
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
  const auto web = web_client();
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
  const auto web = web_client();
  REQUIRE(web->exchange(getting(server.url()), plenty));
  WebRequest post = getting(server.url());
  post.method = "POST";
  CHECK(fault_of(web->exchange(post, plenty)) == WebFault::broken);
  CHECK(posts == 1);
}

TEST_CASE("only the body of a success goes to the sink; an error's words are collected") {
  ScriptedServer server(saying_once("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"));
  const auto answer = web_client()->exchange(getting(server.url()), 2, [](BytesView) -> Result<> {
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
  const auto answer = web_client()->exchange(
      getting(server.url()), plenty,
      [](BytesView) -> Result<> { return fail(ErrorCode::no_space, "the disk is full"); });
  CHECK(fault_of(answer) == WebFault::sink);
  CHECK(answer.error().error.code == ErrorCode::no_space);
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
  CHECK(fault_of(web_client()->exchange(getting(server.url()), plenty)) == WebFault::broken);
}

TEST_CASE("a name that nobody knows, and a port where nobody listens, are told apart") {
  CHECK(fault_of(web_client()->exchange(getting("http://nobody.invalid/"), plenty)) ==
        WebFault::no_name);
  std::uint16_t unused = 0;
  {
    unused = ScriptedServer([](Peer&, int) {}).port();
  }
  const auto refused =
      web_client()->exchange(getting(fmt::format("http://127.0.0.1:{}/", unused)), plenty);
  CHECK(fault_of(refused) == WebFault::no_connection);
  CHECK(refused.error().error.what.find("127.0.0.1") != std::string::npos);
}

TEST_CASE("a name is tried at each of its addresses") {
  ScriptedServer server(saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  // On many machines localhost is ::1 first, where this server does not listen.
  CHECK(
      web_client()->exchange(getting(fmt::format("http://localhost:{}/", server.port())), plenty));
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
    const auto refused = web_client()->exchange(request, plenty);
    CHECK(fault_of(refused) == WebFault::invalid);
  }
}

TEST_CASE("no failure tells path, query or header, where secrets stand") {
  ScriptedServer server(saying_once("nonsense"));
  WebRequest request = getting(server.url("/hidden-path?token=hidden-query"));
  request.headers.emplace_back("Authorization", "Bearer hidden-token");
  const auto answer = web_client()->exchange(request, plenty);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().error.message().find("hidden") == std::string::npos);
}

}  // namespace
}  // namespace sigilo::net
