// SPDX-License-Identifier: Apache-2.0
#include "vault/log_copier.hpp"

#include <utility>

#include "base/thread.hpp"

namespace sigilo::vault {

LogCopier::LogCopier(Database& connection) : connection_(connection), thread_([this] { work(); }) {}

LogCopier::~LogCopier() {
  {
    const std::lock_guard guard(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void LogCopier::begin() {
  {
    const std::lock_guard guard(mutex_);
    if (std::exchange(under_way_, true)) return;
  }
  wake_.notify_one();
}

std::optional<Result<>> LogCopier::ended() {
  const std::lock_guard guard(mutex_);
  return std::exchange(outcome_, std::nullopt);
}

void LogCopier::work() {
  name_this_thread("sigilo-copy");
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || under_way_; });
    if (ending_) return;
    lock.unlock();
    auto copied = connection_.checkpoint_log();
    lock.lock();
    outcome_ = std::move(copied);
    under_way_ = false;
  }
}

}  // namespace sigilo::vault
