// SPDX-License-Identifier: Apache-2.0
// Each limit of WebLimits, by a server that goes over it; and what interrupt() ends.
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
using test::saying_once;
using test::ScriptedServer;
using test::web_client;

constexpr std::uint64_t plenty = 1 << 20;

std::unique_ptr<WebClient> client_with(const std::function<void(WebLimits&)>& change) {
  return web_client([&](WebSettings& settings) { change(settings.limits); });
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
  CHECK(web_client()->exchange(getting(server.url()), 5));
  CHECK(web_client()->exchange(getting(server.url()), 5, sink));
  CHECK(taken == "hello");
  taken.clear();
  CHECK(fault_of(web_client()->exchange(getting(server.url()), 4)) == WebFault::body_too_large);
  CHECK(fault_of(web_client()->exchange(getting(server.url()), 4, sink)) ==
        WebFault::body_too_large);
  CHECK(taken.size() <= 4);
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

TEST_CASE("interim answers without end are ended") {
  ScriptedServer server([](Peer& peer, int) {
    peer.head();
    while (peer.say("HTTP/1.1 100 Continue\r\n\r\n")) {
    }
  });
  CHECK(fault_of(web_client()->exchange(getting(server.url()), plenty)) == WebFault::broken);
}

TEST_CASE("an answer's chunk extension can't grow without end") {
  ScriptedServer server([](Peer& peer, int) {
    peer.head();
    peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
    while (peer.say(std::string(1000, 'x'))) {
    }
  });
  CHECK(fault_of(web_client()->exchange(getting(server.url()), plenty)) == WebFault::broken);
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
  const auto answer = client_with([fault = fault](WebLimits& limits) {
                        (fault == WebFault::head_time ? limits.head_time : limits.stall_time) =
                            milliseconds(150);
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
  const auto web = web_client();
  auto call =
      std::async(std::launch::async, [&] { return web->exchange(getting(server.url()), plenty); });
  asked.get_future().get();
  const auto before = test::system_clock().steady();
  web->interrupt();
  CHECK(fault_of(call.get()) == WebFault::interrupted);
  CHECK(test::system_clock().steady() - before < std::chrono::seconds(5));
  CHECK(fault_of(web->exchange(getting(server.url()), plenty)) == WebFault::interrupted);
  CHECK(server.connections() == 1);
}

TEST_CASE("an interruption at any moment ends a call") {
  ScriptedServer server([](Peer& peer, int) { peer.wait_for_end(); });
  for (int i = 0; i < 50; ++i) {
    const auto web = web_client();
    std::thread other([&] { web->interrupt(); });
    CHECK(fault_of(web->exchange(getting(server.url()), plenty)) == WebFault::interrupted);
    other.join();
  }
}

}  // namespace
}  // namespace sigilo::net
