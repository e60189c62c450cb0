// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <signal.h>

#include "cli/answer.hpp"

namespace sigilo::cli {
namespace {

using std::chrono::milliseconds;

// Often enough to be seen moving.
constexpr milliseconds redraw{200};

volatile sig_atomic_t interrupted = 0;

void on_interrupt(int) {
  interrupted = 1;
}

}  // namespace

std::string progress_text(std::uint64_t done, std::uint64_t all, milliseconds elapsed) {
  if (all == 0 || done > all) return fmt::format("{} records", done);
  std::string text = fmt::format("{} of {} records ({} %)", done, all, 100 * done / all);
  if (done == all) return text + ", now tables and files";
  if (done == 0 || elapsed < milliseconds(1000)) return text;
  const double a_record = static_cast<double>(elapsed.count()) / static_cast<double>(done);
  const double left = a_record * static_cast<double>(all - done) / 1000;
  return text + fmt::format(", {} left", span_text(static_cast<std::int64_t>(left) + 1));
}

Progress::Progress(const Clock& clock, bool shown)
    : clock_(&clock), shown_(shown), begun_(clock.steady()), drawn_(begun_) {
  interrupted = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
}

Progress::~Progress() {
  ::signal(SIGINT, SIG_DFL);
  if (shown_ && drawn_ != begun_) fmt::print(stderr, "\r\x1b[K");
}

bool Progress::step(std::uint64_t done, std::uint64_t all) {
  const auto now = clock_->steady();
  if (shown_ && now - drawn_ >= redraw) {
    drawn_ = now;
    fmt::print(stderr, "\r\x1b[K{}",
               progress_text(done, all, std::chrono::duration_cast<milliseconds>(now - begun_)));
    static_cast<void>(std::fflush(stderr));
  }
  return interrupted == 0;
}

}  // namespace sigilo::cli
