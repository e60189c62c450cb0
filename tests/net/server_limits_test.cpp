// SPDX-License-Identifier: Apache-2.0
// Each limit of ServerLimits, by a client that goes over it.
#include <semaphore>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/net_server.hpp"

namespace sigilo::net {
namespace {

using std::chrono::milliseconds;
using test::get;
using test::post;
using test::RawClient;
using test::RunningServer;

constexpr milliseconds soon{40};

ServerSettings with(const std::function<void(ServerLimits&)>& change) {
  ServerSettings settings = test::on_loopback();
  change(settings.limits);
  return settings;
}

TEST_CASE("headers of exactly the limit pass, one byte more gets 431") {
  RunningServer server(with([](ServerLimits& limits) { limits.header_bytes = 1000; }),
                       test::echo());
  const std::string around = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
  for (const std::size_t size : {1000U, 1001U}) {
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(size - around.size(), 'x') +
                "\r\n\r\n");
    const auto answer = client.answer();
    REQUIRE(answer);
    CHECK(answer->status == (size == 1000 ? 200 : 431));
    if (size > 1000) CHECK(client.ends());
  }
}

TEST_CASE("headers that never end get 431, also in one name, value or target") {
  const std::string start = GENERATE(as<std::string>(), "GET /", "GET / HTTP/1.1\r\nHost: a\r\nX",
                                     "GET / HTTP/1.1\r\nX: ");
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send(start + std::string(100'000, 'x'));
  CHECK(client.answer()->status == 431);
}

TEST_CASE("more headers than allowed get 431, however short they are") {
  RunningServer server(with([](ServerLimits& limits) { limits.headers = 10; }), test::echo());
  for (const int more : {9, 10}) {
    std::string request = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < more; ++i) request += "a:\r\n";
    RawClient client(server.port());
    client.send(request + "\r\n");
    CHECK(client.answer()->status == (more == 9 ? 200 : 431));
  }
}

TEST_CASE("a body of exactly the limit passes, one byte more gets 413 and the connection ends") {
  RunningServer server(with([](ServerLimits& limits) { limits.body_bytes = 5000; }), test::echo());
  RawClient within(server.port());
  within.send(post("/", std::string(5000, 'x')));
  CHECK(within.answer()->status == 200);
  RawClient over(server.port());
  over.send(post("/", std::string(5001, 'x')));
  CHECK(over.answer()->status == 413);
  CHECK(over.ends());
}

TEST_CASE("the answer 413 reaches a client that sends all of 3 MiB and a byte first") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  CHECK(client.send(post("/", std::string(3 * 1024 * 1024 + 1, 'x'))));
  CHECK(client.answer()->status == 413);
}

TEST_CASE("chunks count together") {
  RunningServer server(with([](ServerLimits& limits) { limits.body_bytes = 5000; }), test::echo());
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "3e8\r\n" + std::string(1000, 'x') + "\r\n";
  RawClient within(server.port());
  within.send(head + chunk + chunk + chunk + chunk + chunk + "0\r\n\r\n");
  CHECK(within.answer()->status == 200);
  RawClient over(server.port());
  over.send(head + chunk + chunk + chunk + chunk + chunk + "1\r\nx\r\n0\r\n\r\n");
  CHECK(over.answer()->status == 413);
  CHECK(over.ends());
  RawClient huge(server.port());
  huge.send(head + "ffffffffffffffff\r\n");
  CHECK(huge.answer()->status == 413);
}

TEST_CASE("a chunk's extension can't grow without end") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
              std::string(200'000, 'x'));
  CHECK(client.answer()->status == 400);
}

TEST_CASE(
    "bodies being read count together: over the sum, 503 with Retry-After, until there is room "
    "again") {
  RunningServer server(with([](ServerLimits& limits) {
                         limits.body_bytes = 100'000;
                         limits.buffered_bytes = 150'000;
                       }),
                       test::echo());
  const std::string body(100'000, 'x');
  const std::string request = post("/", body);
  RawClient one(server.port());
  RawClient other(server.port());
  for (auto* client : {&one, &other}) client->send(request.substr(0, request.size() - 1));
  pollfd either[] = {{one.fd(), POLLIN, 0}, {other.fd(), POLLIN, 0}};
  REQUIRE(poll(either, 2, 10'000) > 0);
  auto& refused = either[0].revents != 0 ? one : other;
  auto& taken = either[0].revents != 0 ? other : one;
  const auto refusal = refused.answer();
  REQUIRE(refusal);
  CHECK(refusal->status == 503);
  CHECK(refusal->has("Retry-After: "));
  CHECK(refused.ends());
  taken.send(request.substr(request.size() - 1));
  CHECK(taken.answer()->status == 200);
  taken.send(request);
  CHECK(taken.answer()->status == 200);
}

TEST_CASE("a connection over the cap is closed, and there is room when another ends") {
  RunningServer server(with([](ServerLimits& limits) { limits.connections = 2; }), test::echo());
  auto first = std::make_unique<RawClient>(server.port());
  RawClient second(server.port());
  for (auto* client : {first.get(), &second}) {
    client->send(get("/"));
    CHECK(client->answer());
  }
  RawClient third(server.port());
  CHECK(third.ends());
  CHECK(server.log.has("2 connections are open"));
  first.reset();
  while (server.connections() == 2) std::this_thread::yield();
  RawClient fourth(server.port());
  fourth.send(get("/4"));
  CHECK(fourth.answer()->body == "GET /4 ");
}

TEST_CASE("headers that come too slowly get 408, while others are served") {
  RunningServer server(with([](ServerLimits& limits) { limits.header_time = soon; }), test::echo());
  RawClient slow(server.port());
  RawClient other(server.port());
  std::thread drip([&] {
    const std::string request = "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: " + std::string(10'000, 'x');
    for (std::size_t i = 0; i < request.size() && slow.send({&request[i], 1}); ++i) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  for (int i = 0; i < 20; ++i) {
    other.send(get("/fast"));
    CHECK(other.answer()->status == 200);
  }
  const auto answer = slow.answer();
  REQUIRE(answer);
  CHECK(answer->status == 408);
  CHECK(answer->has("Connection: close"));
  CHECK(slow.ends());
  slow.half_close();
  drip.join();
}

TEST_CASE("a connection that never asks anything is closed without a word") {
  RunningServer server(with([](ServerLimits& limits) { limits.header_time = soon; }), test::echo());
  RawClient client(server.port());
  CHECK(client.ends());
}

TEST_CASE("a body that comes too slowly gets 408 and no handler") {
  std::atomic<int> handled = 0;
  HttpHandlers handlers;
  handlers.request = [&](const Request&, const Peer&, const Responder&) { ++handled; };
  RunningServer server(with([](ServerLimits& limits) { limits.body_time = soon; }), handlers);
  const std::string half = GENERATE(as<std::string>(), "Content-Length: 10\r\n\r\nhalf",
                                    "Transfer-Encoding: chunked\r\n\r\n5\r\nha",
                                    "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\n" + half);
  auto answer = client.answer();
  if (answer && answer->status == 100) answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->status == 408);
  CHECK(client.ends());
  CHECK(handled == 0);
}

TEST_CASE("a kept connection without another request is closed without a word") {
  RunningServer server(with([](ServerLimits& limits) { limits.idle_time = soon; }), test::echo());
  RawClient client(server.port());
  client.send(get("/"));
  CHECK(client.answer()->status == 200);
  CHECK(client.ends());
}

TEST_CASE("a handler that does not answer in time gives 503, and its late answer is nobody's") {
  std::counting_semaphore<> asked{0};
  std::vector<Responder> responders;
  HttpHandlers handlers;
  handlers.request = [&](const Request&, const Peer&, Responder respond) {
    responders.push_back(std::move(respond));
    asked.release();
  };
  RunningServer server(with([](ServerLimits& limits) { limits.answer_time = soon; }), handlers);
  RawClient client(server.port());
  client.send(get("/"));
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->status == 503);
  CHECK(answer->has("Retry-After: "));
  CHECK(client.ends());
  asked.acquire();
  server.on_io([&](HttpServer&) { responders[0](test::text_response("late")); });
}

TEST_CASE("a client that takes no answer does not keep its connection") {
  HttpHandlers handlers;
  handlers.request = [](const Request&, const Peer&, const Responder& respond) {
    respond(test::text_response(std::string(64 * 1024 * 1024, 'x')));
  };
  RunningServer server(with([](ServerLimits& limits) { limits.write_time = soon; }), handlers);
  RawClient client(server.port());
  client.send(get("/"));
  while (server.connections() == 0) std::this_thread::yield();
  while (server.connections() == 1) std::this_thread::yield();  // CTest's own limit ends a fault
  CHECK_FALSE(client.answer());
}

}  // namespace
}  // namespace sigilo::net
