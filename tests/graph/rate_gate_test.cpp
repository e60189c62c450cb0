// SPDX-License-Identifier: Apache-2.0
#include "graph/rate_gate.hpp"

#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "graph/hosts.hpp"
#include "support/fakes.hpp"

namespace sigilo::graph {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("a closed gate opens when its time is over, and not before") {
  test::FakeClock clock;
  RateGate gate(clock);
  CHECK(gate.closed_for(Area::other) == Duration{});
  gate.close(minutes(5));
  CHECK(gate.closed_for(Area::other) == minutes(5));
  CHECK(gate.closed_for(Area::media) == minutes(5));
  gate.close(seconds(1));  // shorter: changes nothing
  clock.advance(minutes(5) - Duration(1));
  CHECK(gate.closed_for(Area::other) == Duration(1));
  clock.advance(Duration(1));
  CHECK(gate.closed_for(Area::other) == Duration{});
}

TEST_CASE("the wall clock does not move the gate") {
  test::FakeClock clock;
  RateGate gate(clock);
  gate.close(minutes(5));
  clock.set(Timestamp::from_seconds(4'000'000'000));
  CHECK(gate.closed_for(Area::other) == minutes(5));
}

TEST_CASE("many error answers about media close the gate for media alone") {
  test::FakeClock clock;
  RateGate gate(clock);
  for (std::size_t i = 1; i < most_media_errors; ++i) gate.count_media_error();
  CHECK(gate.closed_for(Area::media) == Duration{});
  gate.count_media_error();
  CHECK(gate.closed_for(Area::media) == media_pause);
  CHECK(gate.closed_for(Area::other) == Duration{});
  clock.advance(media_pause);
  CHECK(gate.closed_for(Area::media) == Duration{});
  gate.count_media_error();  // counting began anew
  CHECK(gate.closed_for(Area::media) == Duration{});
}

TEST_CASE("error answers count for an hour") {
  test::FakeClock clock;
  RateGate gate(clock);
  for (int i = 0; i < 100; ++i) {  // 15 take 14 times 258 s, over an hour
    gate.count_media_error();
    clock.advance(seconds(258));
    CHECK(gate.closed_for(Area::media) == Duration{});
  }
}

TEST_CASE("threads share a gate") {
  test::FakeClock clock;
  RateGate gate(clock);
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 3; ++j) gate.count_media_error();
      gate.close(seconds(1));
      static_cast<void>(gate.closed_for(Area::media));
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(gate.closed_for(Area::media) == media_pause);
}

TEST_CASE("the token may be shown to the provider's hosts and to graph_url's own") {
  const auto allowed = [](const char* url, const char* graph = "https://graph.facebook.com") {
    return is_provider(net::parse_web_url(url).value(), net::parse_web_url(graph).value());
  };
  for (const char* url :
       {"https://graph.facebook.com/x", "https://lookaside.fbsbx.com/whatsapp/?mid=1",
        "https://facebook.com/", "https://scontent.xx.fbcdn.net/v", "https://mmg.whatsapp.net/",
        "https://media.whatsapp.com/", "https://LOOKASIDE.FBSBX.COM./"}) {
    INFO(url);
    CHECK(allowed(url));
  }
  for (const char* url :
       {"http://lookaside.fbsbx.com/", "https://evilfbsbx.com/", "https://fbsbx.com.evil.example/",
        "https://evil.example/fbsbx.com", "https://fbsbx.co/", "https://127.0.0.1/",
        "https://localhost/", "https://facebook.com.evil/"}) {
    INFO(url);
    CHECK_FALSE(allowed(url));
  }
  CHECK(allowed("https://waba.example/media", "https://waba.example"));
  CHECK_FALSE(allowed("http://waba.example/media", "https://waba.example"));
  CHECK_FALSE(allowed("https://sub.waba.example/media", "https://waba.example"));
  CHECK(allowed("http://127.0.0.1:81/x", "http://127.0.0.1:81"));
  CHECK_FALSE(allowed("http://127.0.0.1:82/x", "http://127.0.0.1:81"));
  CHECK_FALSE(allowed("http://localhost:81/x", "http://127.0.0.1:81"));
  CHECK_FALSE(allowed("http://10.0.0.1:81/x", "http://10.0.0.1:81"));
}

}  // namespace
}  // namespace sigilo::graph
