// SPDX-License-Identifier: Apache-2.0
#include "work_pool.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/thread.hpp"
namespace sigilo {
WorkPool::WorkPool(std::size_t threads, std::size_t capacity, std::size_t at_once)
    : capacity_(capacity), at_once_(at_once) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkPool::~WorkPool() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool WorkPool::try_submit(Task task) {
  bool somebody_sleeps = false;
  {
    const std::scoped_lock lock(mutex_);
    if (ending_ || queue_.size() >= capacity_) return false;
    queue_.push_back(std::move(task));
    somebody_sleeps = idle_ > 0;
  }
  if (somebody_sleeps) wake_.notify_one();
  return true;
}

std::size_t WorkPool::waiting() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

void WorkPool::work() {
  name_this_thread("sigilo-work");
  std::vector<Task> taken;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      ++idle_;
      wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      --idle_;
      if (queue_.empty()) return;
      const auto share = std::clamp<std::size_t>(queue_.size() / threads_.size(), 1, at_once_);
      const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(share);
      taken.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
      queue_.erase(queue_.begin(), end);
    }
    for (auto& task : taken) task();
    taken.clear();
  }
}

}  // namespace sigilo
