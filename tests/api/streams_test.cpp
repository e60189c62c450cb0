// SPDX-License-Identifier: Apache-2.0
#include "api/streams.hpp"

#include <condition_variable>
#include <future>
#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

struct Io {
  net::Loop loop;
  std::thread thread{[this] { loop.run(); }};
  ~Io() {
    loop.stop();
    thread.join();
  }
  /// The next piece, asked for and given on the io thread.
  Result<std::string> next(const net::BodySource& source) {
    std::promise<Result<std::string>> piece;
    loop.post(
        [&] { source([&](Result<std::string> given) { piece.set_value(std::move(given)); }); });
    return piece.get_future().get();
  }
};

Result<net::BodySource> start(api::Streams& streams, Io& io, api::Streams::Make make) {
  return streams.start(io.loop, std::move(make), [](const Error&) {});
}

}  // namespace

TEST_CASE("a body comes in its pieces, in order, and ends with an empty one") {
  Io io;
  api::Streams streams;
  const auto source = must(start(streams, io, [](const net::BodySink& sink) -> Result<> {
    for (const auto* piece : {"uno", "dos", "tres"}) SIGILO_TRY_DO(sink(as_bytes(piece)));
    return {};
  }));
  for (const auto* piece : {"uno", "dos", "tres", ""}) CHECK(must(io.next(source)) == piece);
}

TEST_CASE("what breaks while it is made is an error, not an end") {
  Io io;
  api::Streams streams;
  const auto source = must(start(streams, io, [](const net::BodySink& sink) -> Result<> {
    SIGILO_TRY_DO(sink(as_bytes("uno")));
    return fail(ErrorCode::corrupt, "damaged");
  }));
  CHECK(must(io.next(source)) == "uno");
  CHECK_FALSE(io.next(source));
}

TEST_CASE("no more is made than one piece ahead, and nothing once nobody wants it") {
  Io io;
  std::atomic<int> made = 0;
  std::promise<void> ended;
  {
    api::Streams streams;
    auto source =
        std::make_optional(must(start(streams, io, [&](const net::BodySink& sink) -> Result<> {
          Result<> taken;
          while (taken) {
            ++made;
            taken = sink(as_bytes("x"));
          }
          ended.set_value();
          return taken;
        })));
    CHECK(must(io.next(*source)) == "x");
    CHECK(made <= 3);
    source.reset();  // the client left
    ended.get_future().wait();
  }
  CHECK(made <= 3);
}

TEST_CASE("streams that nobody reads end with their owner, and only so many are begun") {
  Io io;
  std::vector<net::BodySource> sources;
  api::Streams streams;
  const auto endless = [](const net::BodySink& sink) -> Result<> {
    for (;;) SIGILO_TRY_DO(sink(as_bytes("x")));
  };
  for (std::size_t i = 0; i < api::max_streams; ++i)
    sources.push_back(must(start(streams, io, endless)));
  const auto refused = start(streams, io, endless);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unavailable);
}
