// SPDX-License-Identifier: Apache-2.0
#include "chores.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/thread.hpp"

namespace sigilo {
namespace {

/// A clock may jump: nothing waits longer than this.
constexpr Duration longest_sleep = std::chrono::minutes(1);

}  // namespace

Chores::Chores(std::string thread, std::vector<Chore> chores, const Clock& clock, Logger log)
    : name_(std::move(thread)),
      chores_(std::move(chores)),
      clock_(clock),
      log_(log),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

Chores::~Chores() {
  stop();
}

void Chores::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Chores::wake() {
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Chores::work(const std::stop_token& stop) {
  name_this_thread(name_.c_str());
  std::vector<Time> due(chores_.size(), clock_.steady());
  while (!stop.stop_requested()) {
    for (std::size_t i = 0; i < chores_.size() && !stop.stop_requested(); ++i) {
      if (clock_.steady() < due[i]) continue;
      const auto wait = step(chores_[i], stop);
      due[i] = clock_.steady() + wait;
    }
    const auto next = due.empty() ? Time::max() : *std::ranges::min_element(due);
    const auto now = clock_.steady();
    const auto wait =
        next <= now ? Duration::zero()
                    : std::min(std::chrono::duration_cast<Duration>(next - now), longest_sleep);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, wait, [this] { return woken_; });
    if (std::exchange(woken_, false)) std::ranges::fill(due, clock_.steady());
  }
}

/// Libraries below may throw (out of memory): a chore must not end the daemon.
Duration Chores::step(const Chore& chore, const std::stop_token& stop) const {
  try {
    return chore.run(stop);
  } catch (const std::exception& thrown) {
    log_.error("{} failed and is tried again: {}", chore.name, thrown.what());
    return failed_rest;
  }
}

}  // namespace sigilo
