// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "base/bytes.hpp"

using namespace sigilo;

TEST_CASE("every byte of the room is filled, and nothing beside it") {
  crypto::SystemRandom random;
  Bytes seen(66, 0);
  // 64 chances of 1/256 each to stay zero: forty rounds leave one untouched with probability
  // 2^-314.
  for (int round = 0; round < 40; ++round) {
    Bytes room(66, 0);
    random.fill(std::span(room).subspan(1, 64));
    for (std::size_t i = 0; i < room.size(); ++i) seen[i] = seen[i] | room[i];
  }
  CHECK(seen.front() == 0);
  CHECK(seen.back() == 0);
  CHECK(std::all_of(seen.begin() + 1, seen.end() - 1, [](auto byte) { return byte != 0; }));
}

TEST_CASE("no two draws are the same") {
  crypto::SystemRandom random;
  std::set<Bytes> draws;
  for (int i = 0; i < 1000; ++i) {
    Bytes draw(16);
    random.fill(draw);
    draws.insert(draw);
  }
  CHECK(draws.size() == 1000);
  random.fill({});
}
