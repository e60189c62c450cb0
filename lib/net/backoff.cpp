// SPDX-License-Identifier: Apache-2.0
#include "net/backoff.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace sigilo::net {

namespace {

std::uint64_t random_number(Random& random) {
  std::array<std::uint8_t, 8> bytes{};
  random.fill(bytes);
  std::uint64_t number = 0;
  for (std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

}  // namespace

Duration Backoff::delay(int attempts, Random& random) const {
  SIGILO_CHECK(attempts >= 1, "a delay follows a failed attempt");
  Duration middle = std::min(first, most);
  // Stops at `most`, so that no number of attempts overflows.
  for (int i = 1; i < attempts && middle < most; ++i) {
    middle = middle > most / 2 ? most : middle * 2;
  }
  const auto span = static_cast<std::uint64_t>(middle.count() / 2);
  const auto jitter = random_number(random) % (span + 1);
  return middle - middle / 4 + Duration(static_cast<Duration::rep>(jitter));
}

}  // namespace sigilo::net
