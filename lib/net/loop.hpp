// SPDX-License-Identifier: Apache-2.0
// The io thread: one Asio loop, all sockets and timers. Never block it.
#pragma once

#include <functional>
#include <memory>

#include "base/time.hpp"

namespace sigilo::net {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs handlers until stop(). Runs on: io (the caller becomes the io thread).
  void run();
  /// Runs on: any.
  void stop();
  /// Queues `task` for the io thread. Runs on: any.
  void post(std::function<void()> task);
  /// Runs `task` on the io thread after `delay`, unless the loop ends before. Runs on: any.
  void after(Duration delay, std::function<void()> task);
  /// Calls `handler` with the number of each POSIX signal of the list (SIGTERM, SIGHUP ...). Runs
  /// on: io.
  void on_signals(std::initializer_list<int> signals, std::function<void(int)> handler);

  struct Impl;  // defined in net's own .cpp files
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigilo::net
