// SPDX-License-Identifier: Apache-2.0
// The work threads: scanning, reading and verifying, off the io thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sigilo {

/// A bounded queue and a few threads. try_submit() may be called from any thread.
class WorkPool {
 public:
  using Task = std::function<void()>;

  /// `at_once`: most tasks that a thread takes together. More than 1 saves locks where all tasks
  /// are short; where one may last, those taken with it would wait although another thread is free.
  WorkPool(std::size_t threads, std::size_t capacity, std::size_t at_once = 1);
  /// Runs what was accepted, then ends the threads.
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// False when the queue is full: the caller answers "busy". A task must not throw.
  [[nodiscard]] bool try_submit(Task task);
  [[nodiscard]] std::size_t waiting() const;

 private:
  void work();

  const std::size_t capacity_;
  const std::size_t at_once_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> queue_;  // guarded by mutex_
  std::size_t idle_ = 0;    // guarded by mutex_
  bool ending_ = false;     // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace sigilo
