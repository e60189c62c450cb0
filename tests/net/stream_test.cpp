// SPDX-License-Identifier: Apache-2.0
// Bodies that never stand in memory whole: from a source through the server into a sink.
#include <catch2/catch_test_macros.hpp>

#include "net/http_client.hpp"
#include "net/listen.hpp"
#include "support/net_server.hpp"
#include "support/process.hpp"

namespace sigilo::net {
namespace {

using std::chrono::seconds;
using test::get;
using test::RawClient;
using test::RunningServer;

/// Gives the pieces one after the other, then the end or an error.
BodySource source_of(std::vector<std::string> pieces, std::optional<Error> error = std::nullopt) {
  auto at = std::make_shared<std::size_t>(0);
  return [pieces = std::move(pieces), error = std::move(error), at](const GivePiece& give) {
    if (*at < pieces.size()) return give(pieces[(*at)++]);
    if (error) return give(tl::unexpected<Error>(*error));
    give(std::string());
  };
}

HttpHandlers answering(std::function<Response()> make) {
  HttpHandlers handlers;
  handlers.request = [make = std::move(make)](const Request&, const Peer&,
                                              const Responder& respond) { respond(make()); };
  return handlers;
}

Response streaming(BodySource source) {
  Response response;
  response.content_type = "image/jpeg";
  response.source = std::move(source);
  return response;
}

struct Place {
  test::TemporaryDirectory directory;
  std::string path = (directory / "api.sock").string();
  [[nodiscard]] ServerSettings settings() const {
    ServerSettings settings;
    settings.unix_path = path;
    return settings;
  }
};

/// What a sink took.
struct Taken {
  std::string bytes;
  std::size_t calls = 0;
  BodySink sink() {
    return [this](BytesView piece) -> Result<> {
      bytes += as_text(piece);
      ++calls;
      return {};
    };
  }
};

Request asking(std::string target) {
  Request request;
  request.method = "GET";
  request.target = std::move(target);
  return request;
}

TEST_CASE("a body from a source goes out in chunks, and the connection carries the next request") {
  RunningServer server(test::on_loopback(), answering([] {
                         return streaming(source_of({"hello", ", world"}));
                       }));
  RawClient client(server.port());
  client.send(get("/") + "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  const std::string chunks = "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n";
  const auto first = client.answer();
  REQUIRE(first);
  CHECK(first->head ==
        "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n");
  CHECK(client.rest() ==
        chunks + "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n" +
            "Connection: close\r\n\r\n" + chunks);
}

TEST_CASE(
    "a streamed body reaches the sink in pieces and whole, 100 MiB with one piece in memory") {
  const Place place;
  constexpr std::size_t piece_size = std::size_t{256} * 1024;
  constexpr int pieces = 400;
  int asked = 0;
  RunningServer server(place.settings(), answering([&] {
                         return streaming([&asked](const GivePiece& give) {
                           const int number = asked++;
                           give(number < pieces ? std::string(piece_size, static_cast<char>(number))
                                                : std::string());
                         });
                       }));
  std::uint64_t size = 0;
  bool right = true;
  std::size_t largest = 0;
  const auto answer =
      stream_over_unix(place.path, asking("/"), seconds(10), [&](BytesView bytes) -> Result<> {
        for (const auto byte : bytes) {
          right = right && byte == static_cast<std::uint8_t>(size / piece_size);
          ++size;
        }
        largest = std::max(largest, bytes.size());
        return {};
      });
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->content_type == "image/jpeg");
  CHECK(answer->body.empty());
  CHECK(size == std::uint64_t{pieces} * piece_size);
  CHECK(right);
  CHECK(largest <= piece_size);
  CHECK(asked == pieces + 1);
}

TEST_CASE("a source may answer later, from another thread through the loop") {
  const Place place;
  std::thread worker;
  RunningServer* running = nullptr;
  RunningServer server(
      place.settings(), answering([&] {
        auto at = std::make_shared<int>(0);
        return streaming([&, at](GivePiece give) {
          if (worker.joinable()) worker.join();
          worker = std::thread([&, at, give = std::move(give)] {
            const int number = (*at)++;
            running->loop().post([give, number] { give(number < 3 ? "later " : std::string()); });
          });
        });
      }));
  running = &server;
  Taken taken;
  const auto answer = stream_over_unix(place.path, asking("/"), seconds(10), taken.sink());
  worker.join();
  REQUIRE(answer);
  CHECK(taken.bytes == "later later later ");
}

TEST_CASE("a source that fails cuts the connection, so that the client can't take part for whole") {
  const Place place;
  RunningServer server(
      place.settings(), answering([] {
        return streaming(source_of(
            {"the first half"}, Error{ErrorCode::corrupt, "a seal is broken", "look at the disk"}));
      }));
  Taken taken;
  const auto answer = stream_over_unix(place.path, asking("/"), seconds(10), taken.sink());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::io);
  CHECK(taken.bytes == "the first half");
  CHECK(server.log.has("a seal is broken"));
}

TEST_CASE("a source that does not go on is cut when its time is over") {
  Place place;
  auto settings = place.settings();
  settings.limits.answer_time = std::chrono::milliseconds(100);
  RunningServer server(settings, answering([] {
                         auto at = std::make_shared<int>(0);
                         return streaming([at](const GivePiece& give) {
                           if ((*at)++ == 0) give("begun");
                         });
                       }));
  Taken taken;
  const auto answer = stream_over_unix(place.path, asking("/"), seconds(10), taken.sink());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::io);
  CHECK(server.log.has("did not come in time"));
}

TEST_CASE("a source is let go when its client leaves, and when the server ends") {
  auto alive = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = alive;
  RunningServer server(test::on_loopback(), answering([&alive] {
                         return streaming([alive](const GivePiece& give) {
                           give(std::string(std::size_t{1024} * 1024, 'x'));
                         });
                       }));
  {
    RawClient client(server.port());
    client.send(get("/"));
    REQUIRE(client.answer());
  }
  while (server.connections() > 0) std::this_thread::yield();
  CHECK(watched.use_count() == 1);
  RawClient client(server.port());
  client.send(get("/"));
  REQUIRE(client.answer());
  server.end_server();
  while (watched.use_count() > 1) std::this_thread::yield();
  SUCCEED("nothing holds the source");
}

TEST_CASE("HEAD gets the head of a streamed answer, and its source is not asked") {
  bool asked = false;
  RunningServer server(test::on_loopback(), answering([&] {
                         return streaming([&asked](const GivePiece& give) {
                           asked = true;
                           give(std::string());
                         });
                       }));
  RawClient client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  CHECK(client.answer(true)->has("Transfer-Encoding: chunked"));
  CHECK(client.ends());
  CHECK_FALSE(asked);
}

TEST_CASE("a client of HTTP/1.0 can't tell the end of a stream and gets 505") {
  RunningServer server(test::on_loopback(),
                       answering([] { return streaming(source_of({"bytes"})); }));
  RawClient client(server.port());
  client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->status == 505);
}

TEST_CASE("the words of a refusal come as a body, not into the sink") {
  const Place place;
  RunningServer server(place.settings(), answering([] {
                         Response response;
                         response.status = 403;
                         response.body = "not yours";
                         return response;
                       }));
  Taken taken;
  const auto answer = stream_over_unix(place.path, asking("/"), seconds(10), taken.sink());
  REQUIRE(answer);
  CHECK(answer->status == 403);
  CHECK(answer->body == "not yours");
  CHECK(taken.calls == 0);
}

TEST_CASE("a sink's error ends the exchange and is passed on") {
  const Place place;
  RunningServer server(place.settings(), answering([] {
                         return streaming(source_of({"one", "two"}));
                       }));
  const auto answer = stream_over_unix(
      place.path, asking("/"), seconds(10),
      [](BytesView) -> Result<> { return fail(ErrorCode::no_space, "the disk is full"); });
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::no_space);
}

TEST_CASE("a stream whose last chunk is missing, or that names no end, is an error") {
  const Place place;
  for (const char* body :
       {"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "Transfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", "Content-Length: 10\r\n\r\nhello",
        "\r\nhello"}) {
    INFO(body);
    const auto listener = listen_unix(place.path, 0600).value();
    std::thread impostor([&] {
      pollfd wait{listener.get(), POLLIN, 0};
      poll(&wait, 1, 10'000);
      const Fd peer(accept(listener.get(), nullptr, nullptr));
      char request[4096];
      [[maybe_unused]] auto ignored = recv(peer.get(), request, sizeof request, 0);
      const std::string answer = std::string("HTTP/1.1 200 OK\r\n") + body;
      ignored = send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
    Taken taken;
    const auto answer = stream_over_unix(place.path, asking("/"), seconds(10), taken.sink());
    impostor.join();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::io);
  }
}

TEST_CASE("a stream that stands still is a timeout, however long it went before") {
  const Place place;
  RunningServer server(place.settings(), answering([] {
                         auto at = std::make_shared<int>(0);
                         return streaming([at](const GivePiece& give) {
                           if ((*at)++ < 3) give("more");
                         });
                       }));
  Taken taken;
  const auto answer = stream_over_unix(place.path, asking("/"), seconds(1), taken.sink());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::timeout);
  CHECK(taken.bytes == "moremoremore");
}

}  // namespace
}  // namespace sigilo::net
