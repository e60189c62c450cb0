// SPDX-License-Identifier: Apache-2.0
#include "chores.hpp"

#include <atomic>
#include <stdexcept>

#include <catch2/catch_test_macros.hpp>

#include "support/daemon.hpp"

using namespace sigilo;
using namespace sigilo::test;

TEST_CASE("each chore runs when it is due, and again when somebody wakes them") {
  FakeClock clock;
  MemorySink sink;
  Reports<int> done;
  Chores chores("sigilo-test",
                {{"one",
                  [&](const std::stop_token&) -> Duration {
                    done.add(1);
                    return std::chrono::hours(1);
                  }},
                 {"two",
                  [&](const std::stop_token&) -> Duration {
                    done.add(2);
                    return std::chrono::hours(2);
                  }}},
                clock, Logger(sink, LogLevel::debug));
  CHECK(done.wait_for(2) == std::vector<int>{1, 2});
  chores.wake();
  CHECK(done.wait_for(4) == std::vector<int>{1, 2, 1, 2});
  chores.stop();
  CHECK(done.count() == 4);
}

TEST_CASE("a chore that wants to go on at once does, and stopping waits for one step only") {
  FakeClock clock;
  MemorySink sink;
  Reports<int> done;
  Chores chores("sigilo-test",
                {{"busy",
                  [&](const std::stop_token&) -> Duration {
                    done.add(1);
                    return Duration::zero();
                  }}},
                clock, Logger(sink, LogLevel::debug));
  static_cast<void>(done.wait_for(100));
  chores.stop();
  const auto count = done.count();
  chores.wake();
  CHECK(done.count() == count);
}

TEST_CASE("what a chore throws ends neither the thread nor the other chores") {
  FakeClock clock;
  MemorySink sink;
  Reports<int> done;
  Chores chores(
      "sigilo-test",
      {{"the bad one",
        [](const std::stop_token&) -> Duration { throw std::runtime_error("no memory"); }},
       {"good",
        [&](const std::stop_token&) -> Duration {
          done.add(1);
          return std::chrono::hours(1);
        }}},
      clock, Logger(sink, LogLevel::debug));
  static_cast<void>(done.wait_for(1));
  chores.wake();
  static_cast<void>(done.wait_for(2));
  chores.stop();
  CHECK(sink.has("the bad one failed and is tried again: no memory"));
}
