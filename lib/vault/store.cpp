// SPDX-License-Identifier: Apache-2.0
#include "vault/store.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <future>
#include <iterator>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/thread.hpp"
#include "vault/impl.hpp"
#include "vault/log_copier.hpp"

namespace sigilo::vault {
namespace {

// The log is copied into the file when it has this many pages of 8 KiB (8 MiB). A longer log is
// copied more cheaply, since pages that every commit writes are copied once; but it is read again
// after a crash, and the copy competes with the commits for the disk.
constexpr int log_pages_before_copy = 1024;

/// One submission; without work it is the end of an epoch.
struct Item {
  Work work;
  Done done;
  Result<> outcome;
};

// Libraries below may throw; one bad delivery must not end the thread that all others need.
Result<> run_work(const Work& work, WriteTransaction& transaction) {
  try {
    return work(transaction);
  } catch (const std::exception& thrown) {
    return fail(ErrorCode::invalid_input, fmt::format("storing failed: {}", thrown.what()));
  }
}

}  // namespace

struct StoreThread::Impl {
  Impl(Vault& opened, Settings chosen, Logger logger)
      : vault(opened),
        settings(std::move(chosen)),
        log(std::move(logger)),
        copier(vault.impl().copying),
        thread([this] { loop(); }) {}

  ~Impl() {
    {
      const std::lock_guard guard(mutex);
      ending = true;
    }
    wake.notify_one();
    thread.join();
  }

  bool submit(Item item) {
    {
      const std::lock_guard guard(mutex);
      if (ending || queue.size() >= settings.queue) return false;
      queue.push_back(std::move(item));
    }
    wake.notify_one();
    return true;
  }

  void loop() {
    name_this_thread("sigilo-store");
    for (auto group = next_group(); !group.empty(); group = next_group()) {
      if (group.front().work)
        write(group);
      else
        group.front().outcome = vault.roll_epoch();
      for (auto& item : group) {
        note(item.outcome);
        item.done(std::move(item.outcome));
      }
      group.clear();  // so that what after_group() hands on is freed where it goes, not here
      if (settings.after_group) settings.after_group();
      copy_log();
    }
  }

  /// Takes everything that waits, up to the group's size; a roll stands alone. Empty: the end.
  std::vector<Item> next_group() {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return ending || !queue.empty(); });
    auto end = queue.begin();
    const auto limit = std::min(settings.group, queue.size());
    while (end != queue.begin() + static_cast<std::ptrdiff_t>(limit) && end->work) ++end;
    if (end == queue.begin() && !queue.empty()) ++end;
    std::vector<Item> group(std::make_move_iterator(queue.begin()), std::make_move_iterator(end));
    queue.erase(queue.begin(), end);
    return group;
  }

  /// All in one transaction; where one of them fails by itself, each in its own.
  void write(std::vector<Item>& group) {
    if (write_together(group.data(), group.size())) return;
    for (auto& item : group) write_together(&item, 1);
  }

  /// False: work failed by itself and everything is undone; its outcome says why. A failed begin or
  /// commit is the outcome of all, and true: trying each alone would not help.
  bool write_together(Item* items, std::size_t count) {
    auto& writer = vault.impl();
    if (auto begun = writer.begin(); !begun) return all_fail(items, count, begun);
    WriteTransaction transaction(writer);
    for (std::size_t i = 0; i < count; ++i) {
      items[i].outcome = run_work(items[i].work, transaction);
      if (items[i].outcome) continue;
      writer.rollback();
      const auto code = items[i].outcome.error().code;
      if (code == ErrorCode::no_space || code == ErrorCode::io)
        return all_fail(items, count, items[i].outcome);
      return false;
    }
    if (auto committed = writer.commit(); !committed) return all_fail(items, count, committed);
    return true;
  }

  static bool all_fail(Item* items, std::size_t count, Result<> why) {
    for (std::size_t i = 0; i < count; ++i) items[i].outcome = why;
    return true;
  }

  /// One line when writing begins to fail and one when it works again, not one for each delivery.
  void note(const Result<>& outcome) {
    const bool disk = !outcome && (outcome.error().code == ErrorCode::no_space ||
                                   outcome.error().code == ErrorCode::io);
    if (disk == failing) return;
    if (disk) {
      log.error("nothing can be stored: {}", outcome.error().message());
    } else if (outcome) {
      log.info("storing works again");
    } else {
      return;
    }
    failing = disk;
  }

  /// The copier takes most of the log; what was committed meanwhile is copied here, between two
  /// groups, for only then a log that is copied whole can begin anew. What fails is not lost: the
  /// log keeps it, and a later group tries again.
  void copy_log() {
    if (auto copied = copier.ended()) {
      if (*copied) *copied = vault.checkpoint_wal();
      if (!*copied && !copy_failing)
        log.error("the write-ahead log cannot be copied into vault.db: {}",
                  copied->error().message());
      copy_failing = !*copied;
    } else if (vault.impl().log_pages >= log_pages_before_copy) {
      copier.begin();
    }
  }

  Vault& vault;
  const Settings settings;
  const Logger log;
  bool failing = false;       // own thread
  bool copy_failing = false;  // own thread

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Item> queue;  // mutex
  bool ending = false;     // mutex
  LogCopier copier;
  std::thread thread;  // last: it uses all the others
};

StoreThread::StoreThread(Vault& vault, Settings settings, Logger log)
    : impl_(std::make_unique<Impl>(vault, std::move(settings), std::move(log))) {}

StoreThread::~StoreThread() = default;

bool StoreThread::submit(Work work, Done done) {
  return impl_->submit({std::move(work), std::move(done), {}});
}

bool StoreThread::roll_epoch(Done done) {
  return impl_->submit({{}, std::move(done), {}});
}

Result<> StoreThread::run(Work work) {
  std::promise<Result<>> promise;
  auto future = promise.get_future();
  if (!submit(std::move(work),
              [&promise](Result<> outcome) { promise.set_value(std::move(outcome)); }))
    return fail(ErrorCode::unavailable, "the store has more work than it can take", "try again");
  return future.get();
}

std::size_t StoreThread::waiting() const {
  const std::lock_guard guard(impl_->mutex);
  return impl_->queue.size();
}

}  // namespace sigilo::vault
