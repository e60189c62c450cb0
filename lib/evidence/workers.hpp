// SPDX-License-Identifier: Apache-2.0
// A few threads that share the costly part of a block of records; whoever hands it to them waits
// and works along, so that results come in the order of records.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sigilo::evidence {

/// Runs on: the thread that made it, one call at a time.
class Workers {
 public:
  /// `threads` in all, the caller's among them; 0: one a core.
  explicit Workers(unsigned threads);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();
  /// Calls `work(0)` to `work(count - 1)`, each once, on any of the threads; back when all are
  /// done. `work` doesn't throw but for want of memory, which ends the process.
  void run(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  void help();
  void take_part();

  std::mutex mutex_;
  std::condition_variable begun_, done_;
  std::size_t round_ = 0;    ///< guarded by mutex_, as are the next two
  std::size_t helping_ = 0;  ///< threads that haven't finished this round
  bool over_ = false;
  // Set before a round begins, read in it.
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::size_t count_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace sigilo::evidence
