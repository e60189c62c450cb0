// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <csignal>

#include <catch2/catch_test_macros.hpp>

#include "support/fakes.hpp"

using namespace sigilo;
using namespace std::chrono_literals;

TEST_CASE("progress tells how much is done, and after a second how long it will take") {
  CHECK(cli::progress_text(0, 1000, 5s) == "0 of 1000 records (0 %)");
  CHECK(cli::progress_text(10, 1000, 500ms) == "10 of 1000 records (1 %)");
  CHECK(cli::progress_text(250, 1000, 60s) == "250 of 1000 records (25 %), 3 min 1 s left");
  CHECK(cli::progress_text(1000, 1000, 60s) ==
        "1000 of 1000 records (100 %), now tables and files");
  CHECK(cli::progress_text(4096, 0, 60s) == "4096 records");
}

TEST_CASE("the first Ctrl-C stops the work, and the next command is not stopped by it") {
  const test::FakeClock clock;
  {
    cli::Progress progress(clock, false);
    CHECK(progress.step(1, 10));
    std::raise(SIGINT);
    CHECK_FALSE(progress.step(2, 10));
    CHECK_FALSE(progress.step(3, 10));
  }
  cli::Progress next(clock, false);
  CHECK(next.step(1, 10));
}
