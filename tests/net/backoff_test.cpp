// SPDX-License-Identifier: Apache-2.0
#include "net/backoff.hpp"

#include <algorithm>
#include <limits>

#include <catch2/catch_test_macros.hpp>

#include "support/fakes.hpp"

namespace sigilo::net {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint64_t number) : number_(number) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<std::uint8_t>(number_ >> (8 * (out.size() - 1 - i)));
    }
  }

 private:
  std::uint64_t number_;
};

TEST_CASE("the shortest wait is three quarters of a doubling delay") {
  FixedRandom lowest(0);
  const Backoff backoff{seconds(8), minutes(30)};
  CHECK(backoff.delay(1, lowest) == seconds(6));
  CHECK(backoff.delay(2, lowest) == seconds(12));
  CHECK(backoff.delay(5, lowest) == seconds(96));
}

TEST_CASE("the longest wait is five quarters of it") {
  FixedRandom highest(4'000'000);  // the jitter of a delay of 8 s is this number modulo 4,000,001
  CHECK(Backoff{seconds(8), minutes(30)}.delay(1, highest) == seconds(10));
}

TEST_CASE("no number of failed attempts takes the delay over its most") {
  FixedRandom lowest(0);
  const Backoff backoff{seconds(5), minutes(30)};
  CHECK(backoff.delay(9, lowest) == seconds(5 * 256) * 3 / 4);
  CHECK(backoff.delay(10, lowest) == seconds(1350));
  CHECK(backoff.delay(11, lowest) == seconds(1350));
  CHECK(backoff.delay(std::numeric_limits<int>::max(), lowest) == seconds(1350));
}

TEST_CASE("a first delay over the most is cut to it") {
  FixedRandom lowest(0);
  CHECK(Backoff{minutes(60), minutes(30)}.delay(1, lowest) == seconds(1350));
}

TEST_CASE("a delay of hundreds of years does not overflow") {
  FixedRandom any(std::numeric_limits<std::uint64_t>::max());
  const Duration longest = Duration::max() / 2;
  const Duration delay = Backoff{longest, longest}.delay(100, any);
  CHECK(delay >= longest - longest / 4);
  CHECK(delay <= longest / 4 * 5 + Duration(5));
}

TEST_CASE("delays spread over the whole range, so that many clients do not come back together") {
  test::FakeRandom random;
  const Backoff backoff{seconds(100), minutes(30)};
  Duration least = Duration::max();
  Duration most{};
  for (int i = 0; i < 1000; ++i) {
    const Duration delay = backoff.delay(1, random);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  CHECK(least >= seconds(75));
  CHECK(least < seconds(80));
  CHECK(most <= seconds(125));
  CHECK(most > seconds(120));
}

}  // namespace
}  // namespace sigilo::net
