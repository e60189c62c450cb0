// SPDX-License-Identifier: Apache-2.0
#include "evidence/workers.hpp"

#include <algorithm>

namespace sigilo::evidence {

Workers::Workers(unsigned threads) {
  const unsigned all = threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : threads;
  for (unsigned i = 1; i < all; ++i) threads_.emplace_back([this] { help(); });
}

Workers::~Workers() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  begun_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Workers::run(std::size_t count, const std::function<void(std::size_t)>& work) {
  {
    const std::scoped_lock lock(mutex_);
    work_ = &work;
    count_ = count;
    next_ = 0;
    helping_ = threads_.size();
    ++round_;
  }
  begun_.notify_all();
  take_part();
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return helping_ == 0; });
}

void Workers::take_part() {
  // A few at a time: one by one the counter would be what the threads wait for.
  constexpr std::size_t at_once = 8;
  for (std::size_t i = next_.fetch_add(at_once); i < count_; i = next_.fetch_add(at_once))
    for (std::size_t j = i; j < std::min(i + at_once, count_); ++j) (*work_)(j);
}

void Workers::help() {
  std::size_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      begun_.wait(lock, [&] { return over_ || round_ != seen; });
      if (over_) return;
      seen = round_;
    }
    take_part();
    const std::scoped_lock lock(mutex_);
    if (--helping_ == 0) done_.notify_one();
  }
}

}  // namespace sigilo::evidence
