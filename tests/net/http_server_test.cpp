// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <semaphore>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/net_server.hpp"

namespace sigilo::net {
namespace {

using test::get;
using test::post;
using test::RawClient;
using test::RunningServer;

/// Keeps what it is asked, and answers when the test says so.
struct Deferred {
  HttpHandlers handlers() {
    HttpHandlers handlers;
    handlers.request = [this](Request request, const Peer&, Responder respond) {
      targets.push_back(request.target);
      responders.push_back(std::move(respond));
      asked.release();
    };
    return handlers;
  }
  std::counting_semaphore<> asked{0};
  std::vector<std::string> targets;
  std::vector<Responder> responders;
};

TEST_CASE("a request reaches the handler whole and its answer comes back") {
  HttpHandlers handlers;
  std::promise<Request> seen;
  handlers.request = [&](Request request, const Peer& peer, const Responder& respond) {
    Response response;
    response.status = 201;
    response.headers.emplace_back("X-Peer", peer.address);
    response.content_type = "application/json";
    response.body = "{}";
    seen.set_value(std::move(request));
    respond(response);
  };
  RunningServer server(test::on_loopback(), handlers);
  RawClient client(server.port());
  client.send(
      "PUT /a%20b?c=d HTTP/1.1\r\nHost: here\r\nX-One:  spaced \r\nContent-Length: 5\r\n\r\nhello");
  const auto answer = client.answer();
  const Request request = seen.get_future().get();
  CHECK(request.method == "PUT");
  CHECK(request.target == "/a%20b?c=d");
  CHECK(request.header("X-One") == "spaced");
  CHECK(request.body == "hello");
  REQUIRE(answer);
  CHECK(answer->head ==
        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\nX-Peer: "
        "127.0.0.1\r\n");
  CHECK(answer->body == "{}");
}

TEST_CASE("bodies may be chunked, in pieces of any size") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  const std::string request =
      "POST /c HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5\r\nhello\r\n1;name=value\r\n,\r\n6\r\n world\r\n0\r\n\r\n";
  for (const char c : request) REQUIRE(client.send({&c, 1}));
  CHECK(client.answer()->body == "POST /c hello, world");
}

TEST_CASE("a trailer adds no header after the head was judged") {
  HttpHandlers handlers;
  handlers.request = [](const Request& request, const Peer&, const Responder& respond) {
    respond(test::text_response(request.header("X-Late") ? "smuggled" : "clean"));
  };
  RunningServer server(test::on_loopback(), handlers);
  RawClient client(server.port());
  client.send(
      "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n"
      "1\r\na\r\n0\r\nX-Late: yes\r\n\r\n");
  CHECK(client.answer()->body == "clean");
}

TEST_CASE("a connection carries one request after the other") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  for (int i = 0; i < 100; ++i) {
    client.send(post("/" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'x')));
    const auto answer = client.answer();
    REQUIRE(answer);
    CHECK(answer->body ==
          "POST /" + std::to_string(i) + " " + std::string(static_cast<std::size_t>(i), 'x'));
    CHECK_FALSE(answer->has("Connection:"));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("requests sent together are answered one by one, in order") {
  Deferred deferred;
  RunningServer server(test::on_loopback(), deferred.handlers());
  RawClient client(server.port());
  client.send(get("/1") + post("/2", "body") + get("/3"));
  for (const char* target : {"/1", "/2", "/3"}) {
    deferred.asked.acquire();
    server.on_io([&](HttpServer&) {
      // The next request waits for this one's answer.
      CHECK(deferred.targets.size() == deferred.responders.size());
      CHECK(deferred.targets.back() == target);
      deferred.responders.back()(test::text_response(target));
    });
  }
  CHECK(client.answer()->body == "/1");
  CHECK(client.answer()->body == "/2");
  CHECK(client.answer()->body == "/3");
}

TEST_CASE("a body larger than any buffer arrives and leaves unchanged") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  std::string body(3 * 1024 * 1024, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 >> 3);
  std::thread sender([&] { client.send(post("/", body)); });
  const auto answer = client.answer();
  sender.join();
  REQUIRE(answer);
  CHECK((answer->body == "POST / " + body));
}

TEST_CASE("Connection: close is obeyed") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send(post("/", "a", "Connection: close\r\n"));
  CHECK(client.answer()->has("Connection: close"));
  CHECK(client.ends());
}

TEST_CASE("a handler may end the connection with its answer") {
  HttpHandlers handlers;
  handlers.request = [](const Request&, const Peer&, const Responder& respond) {
    Response response;
    response.close = true;
    respond(response);
  };
  RunningServer server(test::on_loopback(), handlers);
  RawClient client(server.port());
  client.send(get("/") + get("/second"));
  CHECK(client.answer()->has("Connection: close"));
  CHECK(client.ends());
}

TEST_CASE("HTTP/1.0, which many proxies speak, is answered and closed") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send("POST /old HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi");
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "POST /old hi");
  CHECK(client.ends());
}

TEST_CASE("the answer to HEAD has no body, so that the next answer begins where it should") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send("HEAD /h HTTP/1.1\r\nHost: here\r\n\r\n" + get("/next"));
  CHECK(client.answer(true)->has("Content-Length: 8"));
  CHECK(client.answer()->body == "GET /next ");
}

TEST_CASE("malformed requests get 400 and the connection ends") {
  const std::string request = GENERATE(
      as<std::string>(), "nonsense\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nbad name: b\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "\x16\x03\x01\x02\x05\x01\x01\xfc\x03\x03\r\n\r\n");
  INFO(request);
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send(request);
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->status == 400);
  CHECK(answer->has("Connection: close"));
  CHECK(client.ends());
}

// What two programs in a row read differently lets one hide a request from the other (RFC 9112
// section 11.2).
TEST_CASE("requests whose end is in doubt are refused, not guessed") {
  const std::string headers = GENERATE(
      as<std::string>(),
      "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
      "HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n",
      "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n",
      "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n",
      "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n",
      "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
      "HTTP/1.0\r\nTransfer-Encoding: chunked\r\n");
  INFO(headers);
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send("POST / " + headers + "\r\n0\r\n\r\n");
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->status == 400);
  CHECK(client.ends());
}

TEST_CASE("a client that asks first is told to go on") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n");
  CHECK(client.answer()->head == "HTTP/1.1 100 Continue\r\n");
  client.send("body");
  CHECK(client.answer()->body == "POST / body");
}

TEST_CASE("a client that asks first can be refused before it sends") {
  HttpHandlers handlers = test::echo();
  handlers.head = [](const Request&, const Peer&) -> std::optional<Response> {
    Response response;
    response.status = 401;
    return response;
  };
  RunningServer server(test::on_loopback(), handlers);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  const auto answer = client.answer();
  CHECK(answer->status == 401);
  CHECK(answer->has("Connection: close"));
  CHECK(client.ends());
}

TEST_CASE("another expectation gets 417") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: miracles\r\n\r\n");
  CHECK(client.answer()->status == 417);
}

TEST_CASE("a refusal at the head reaches a client that goes on sending its body") {
  HttpHandlers handlers;
  handlers.head = [](const Request&, const Peer&) -> std::optional<Response> {
    Response response;
    response.status = 404;
    return response;
  };
  RunningServer server(test::on_loopback(), handlers);
  RawClient client(server.port());
  client.send(post("/", std::string(3 * 1024 * 1024, 'x')));
  CHECK(client.answer()->status == 404);
}

TEST_CASE("an answer may come later, from another task of the loop") {
  HttpHandlers handlers;
  Loop* loop = nullptr;
  handlers.request = [&](const Request&, const Peer&, const Responder& respond) {
    loop->after(std::chrono::milliseconds(5), [respond] { respond(test::text_response("later")); });
  };
  RunningServer server(test::on_loopback(), handlers);
  loop = &server.loop();
  RawClient client(server.port());
  client.send(get("/"));
  CHECK(client.answer()->body == "later");
}

TEST_CASE("a second answer to one request is nobody's") {
  Deferred deferred;
  RunningServer server(test::on_loopback(), deferred.handlers());
  RawClient client(server.port());
  client.send(get("/1"));
  deferred.asked.acquire();
  server.on_io([&](HttpServer&) {
    deferred.responders[0](test::text_response("first"));
    deferred.responders[0](test::text_response("second"));
  });
  CHECK(client.answer()->body == "first");
  client.send(get("/2"));
  deferred.asked.acquire();
  server.on_io([&](HttpServer&) {
    deferred.responders[0](test::text_response("third"));
    deferred.responders[1](test::text_response("of the second request"));
  });
  CHECK(client.answer()->body == "of the second request");
}

TEST_CASE("an answer for a client that has gone harms nobody") {
  Deferred deferred;
  RunningServer server(test::on_loopback(), deferred.handlers());
  {
    RawClient client(server.port());
    client.send(get("/1"));
    deferred.asked.acquire();
  }
  server.on_io(
      [&](HttpServer&) { deferred.responders[0](test::text_response(std::string(1 << 20, 'x'))); });
  RawClient other(server.port());
  other.send(get("/2"));
  deferred.asked.acquire();
  server.on_io([&](HttpServer&) { deferred.responders[1](test::text_response("alive")); });
  CHECK(other.answer()->body == "alive");
}

TEST_CASE("a client that ends its side after asking is still answered") {
  RunningServer server(test::on_loopback(), test::echo());
  RawClient client(server.port());
  client.send(get("/"));
  client.half_close();
  CHECK(client.answer()->body == "GET / ");
  CHECK(client.ends());
}

TEST_CASE("a client that breaks off in the middle of a request reaches no handler") {
  Deferred deferred;
  RunningServer server(test::on_loopback(), deferred.handlers());
  for (const char* part :
       {"GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"}) {
    RawClient client(server.port());
    client.send(part);
    client.half_close();
    CHECK(client.ends());
  }
  CHECK(server.on_io([&](HttpServer&) { return deferred.targets.empty(); }));
}

TEST_CASE(
    "after stop_accepting answers in progress go out, idle connections end and nobody new comes "
    "in") {
  Deferred deferred;
  RunningServer server(test::on_loopback(), deferred.handlers());
  RawClient idle(server.port());
  RawClient used(server.port());
  used.send(get("/1"));
  deferred.asked.acquire();
  server.on_io([&](HttpServer&) { deferred.responders[0](test::text_response("kept")); });
  CHECK(used.answer()->body == "kept");
  RawClient waiting(server.port());
  waiting.send(get("/2"));
  deferred.asked.acquire();

  const auto port = server.port();
  server.on_io([](HttpServer& running) { running.stop_accepting(); });
  CHECK(idle.ends());
  CHECK(used.ends());
  CHECK_THROWS(RawClient(port));
  server.on_io([&](HttpServer&) { deferred.responders[1](test::text_response("finished")); });
  const auto answer = waiting.answer();
  REQUIRE(answer);
  CHECK(answer->body == "finished");
  CHECK(answer->has("Connection: close"));
  CHECK(waiting.ends());
}

TEST_CASE("a server that ends closes its connections and calls nobody any more") {
  Deferred deferred;
  RunningServer server(test::on_loopback(), deferred.handlers());
  RawClient waiting(server.port());
  waiting.send(get("/1"));
  deferred.asked.acquire();
  RawClient half(server.port());
  half.send("GET /2 HTTP/1.1\r\n");
  server.end_server();
  CHECK(waiting.ends());
  CHECK(half.ends());
  std::promise<void> done;
  server.loop().post([&] {
    deferred.responders[0](test::text_response("too late"));
    done.set_value();
  });
  done.get_future().get();
  CHECK(deferred.targets.size() == 1);
}

TEST_CASE("an exception of a handler ends its connection only") {
  HttpHandlers handlers;
  handlers.request = [](const Request& request, const Peer&, const Responder& respond) {
    if (request.target == "/bad") throw std::runtime_error("out of everything");
    respond(test::text_response("fine"));
  };
  RunningServer server(test::on_loopback(), handlers);
  RawClient bad(server.port());
  bad.send(get("/bad"));
  CHECK(bad.ends());
  RawClient good(server.port());
  good.send(get("/"));
  CHECK(good.answer()->body == "fine");
  CHECK(server.log.has("out of everything"));
}

TEST_CASE("sixty-four clients at once get each their own answers") {
  RunningServer server(test::on_loopback(), test::echo());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 64; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) clients[i]->send(get("/" + std::to_string(i)));
    for (std::size_t i = 0; i < clients.size(); ++i) {
      CHECK(clients[i]->answer()->body == "GET /" + std::to_string(i) + " ");
    }
  }
}

}  // namespace
}  // namespace sigilo::net
