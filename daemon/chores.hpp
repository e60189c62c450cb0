// SPDX-License-Identifier: Apache-2.0
// What is done beside the data's way, now and then, on a thread that may wait.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

namespace sigilo {

/// One piece of work. `run` does a short step and answers after what time the next one is wanted;
/// it may block, but must end within a second when `stop` is requested. What it throws is logged,
/// and it is tried again after failed_rest.
struct Chore {
  std::string name;  ///< for the log
  std::function<Duration(const std::stop_token&)> run;
};

/// Between two attempts at a chore whose library threw (out of memory).
inline constexpr Duration failed_rest = std::chrono::seconds(30);

/// Runs its own thread, the chores one after the other, each when it is due. Runs on: any.
class Chores {
 public:
  /// `thread`: its name (base/thread.hpp). Borrows the clock.
  Chores(std::string thread, std::vector<Chore> chores, const Clock& clock, Logger log);
  /// Stops.
  ~Chores();
  Chores(const Chores&) = delete;
  Chores& operator=(const Chores&) = delete;

  /// Ends the thread as soon as the step under way ends.
  void stop();
  /// All chores are due now.
  void wake();

 private:
  using Time = std::chrono::steady_clock::time_point;
  void work(const std::stop_token& stop);
  Duration step(const Chore& chore, const std::stop_token& stop) const;

  const std::string name_;
  const std::vector<Chore> chores_;
  const Clock& clock_;
  const Logger log_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace sigilo
