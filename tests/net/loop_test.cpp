// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace sigilo::net {
namespace {

using std::chrono::milliseconds;

TEST_CASE("tasks posted by another thread run on the io thread in their order") {
  Loop loop;
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      loop.post([&, i] {
        order.push_back(i);
        threads.push_back(std::this_thread::get_id());
      });
    }
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  other.join();
  REQUIRE(order.size() == 1000);
  for (int i = 0; i < 1000; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  for (const auto id : threads) CHECK(id == std::this_thread::get_id());
}

TEST_CASE("a loop without work waits until it is stopped") {
  Loop loop;
  bool came = false;
  std::thread other([&] {
    loop.after(milliseconds(20), [&] {
      came = true;
      loop.stop();
    });
  });
  loop.run();
  other.join();
  CHECK(came);
}

TEST_CASE("tasks for later run in the order of their times") {
  Loop loop;
  std::vector<int> order;
  loop.after(milliseconds(30), [&] {
    order.push_back(3);
    loop.stop();
  });
  loop.after(milliseconds(1), [&] { order.push_back(1); });
  loop.after(milliseconds(10), [&] { order.push_back(2); });
  loop.run();
  CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("what was not run when the loop ends is destroyed, not run") {
  auto held = std::make_shared<int>(1);
  bool ran = false;
  {
    Loop loop;
    loop.after(std::chrono::hours(1), [held, &ran] { ran = true; });
    loop.post([held, &ran] { ran = true; });
    CHECK(held.use_count() == 3);
  }
  CHECK(held.use_count() == 1);
  CHECK_FALSE(ran);
}

TEST_CASE("each signal of the list reaches the handler on the loop, again and again") {
  Loop loop;
  std::vector<int> seen;
  loop.on_signals({SIGUSR1, SIGUSR2}, [&](int number) {
    seen.push_back(number);
    if (seen.size() == 1) std::raise(SIGUSR2);
    if (seen.size() == 2) std::raise(SIGUSR1);
    if (seen.size() == 3) loop.stop();
  });
  std::raise(SIGUSR1);
  loop.run();
  CHECK(seen == std::vector{SIGUSR1, SIGUSR2, SIGUSR1});
}

}  // namespace
}  // namespace sigilo::net
