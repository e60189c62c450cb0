// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <unistd.h>

using namespace sigilo;

namespace {

class RememberingSink final : public LogSink {
 public:
  void write(LogLevel level, std::string_view line) override { lines.emplace_back(level, line); }
  std::vector<std::pair<LogLevel, std::string>> lines;
};

/// What `action` writes to stderr.
template <class Action>
std::string stderr_of(Action action) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const int saved = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  close(ends[1]);
  action();
  dup2(saved, STDERR_FILENO);
  close(saved);
  std::string text;
  char part[512];
  ssize_t count = 0;
  while ((count = read(ends[0], part, sizeof part)) > 0)
    text.append(part, static_cast<std::size_t>(count));
  close(ends[0]);
  return text;
}

}  // namespace

TEST_CASE("a logger passes on what is at least as grave as its level") {
  RememberingSink sink;
  const Logger log(sink, LogLevel::warning);
  log.debug("a");
  log.info("b");
  log.warning("line {} of {}", 1, "x");
  log.error("d");
  REQUIRE(sink.lines.size() == 2);
  CHECK(sink.lines[0] == std::pair(LogLevel::warning, std::string("line 1 of x")));
  CHECK(sink.lines[1] == std::pair(LogLevel::error, std::string("d")));
}

TEST_CASE("under systemd each line begins with its priority") {
  const std::string text = stderr_of([] {
    StderrSink sink(true);
    const Logger log(sink, LogLevel::debug);
    log.debug("a");
    log.info("b");
    log.warning("c");
    log.error("d");
  });
  CHECK(text == "<7>a\n<6>b\n<4>c\n<3>d\n");
}

TEST_CASE("on a terminal each line begins with the level's word") {
  const std::string text = stderr_of([] {
    StderrSink sink(false);
    const Logger log(sink, LogLevel::debug);
    log.info("listening");
    log.error("cannot bind");
  });
  CHECK(text == "listening\nerror: cannot bind\n");
}

TEST_CASE("line breaks and escapes in an event cannot forge another line") {
  const std::string text = stderr_of([] {
    StderrSink sink(true);
    sink.write(LogLevel::info, std::string_view("a\n<3>forged\r\x1b[2J\x7f\0b", 19));
  });
  CHECK(text == "<6>a <3>forged  [2J  b\n");
}
