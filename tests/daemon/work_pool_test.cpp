// SPDX-License-Identifier: Apache-2.0
#include "work_pool.hpp"

#include <atomic>
#include <latch>
#include <set>
#include <thread>

#include <catch2/catch_test_macros.hpp>

using namespace sigilo;

TEST_CASE("each accepted task runs once, whoever submits it") {
  constexpr int submitters = 4;
  constexpr int each = 2000;
  std::vector<std::atomic<int>> runs(submitters * each);
  std::atomic<int> refused = 0;
  {
    WorkPool pool(3, 64);
    std::vector<std::jthread> threads;
    for (int s = 0; s < submitters; ++s) {
      threads.emplace_back([&, s] {
        for (int i = 0; i < each; ++i) {
          auto& count = runs[static_cast<std::size_t>(s * each + i)];
          if (pool.try_submit([&count] { ++count; })) continue;
          ++refused;
          ++count;  // so that every count must be one
        }
      });
    }
  }
  for (const auto& count : runs) CHECK(count == 1);
}

TEST_CASE("a full queue refuses, and takes again when there is room") {
  std::latch begun(1);
  std::latch release(1);
  std::atomic<int> ran = 0;
  WorkPool pool(1, 2);
  REQUIRE(pool.try_submit([&] {
    begun.count_down();
    release.wait();
  }));
  begun.wait();
  CHECK(pool.waiting() == 0);
  CHECK(pool.try_submit([&] { ++ran; }));
  CHECK(pool.try_submit([&] { ++ran; }));
  CHECK_FALSE(pool.try_submit([&] { ++ran; }));
  CHECK(pool.waiting() == 2);
  release.count_down();
  std::latch again(1);
  while (!pool.try_submit([&] { again.count_down(); })) std::this_thread::yield();
  again.wait();
  CHECK(ran == 2);
}

TEST_CASE("what was accepted runs before the pool ends") {
  std::atomic<int> ran = 0;
  {
    WorkPool pool(2, 1000);
    for (int i = 0; i < 1000; ++i) REQUIRE(pool.try_submit([&] { ++ran; }));
  }
  CHECK(ran == 1000);
}

TEST_CASE("several threads work at the same time") {
  std::latch together(3);
  WorkPool pool(3, 10);
  for (int i = 0; i < 3; ++i)
    REQUIRE(pool.try_submit([&] { together.arrive_and_wait(); }));  // one thread alone would hang
  together.wait();
  SUCCEED();
}

TEST_CASE("a pool without room refuses everything") {
  WorkPool pool(1, 0);
  CHECK_FALSE(pool.try_submit([] {}));
}
