// SPDX-License-Identifier: Apache-2.0
// Hands values from station to station: source > message > scan > alert > vault > mail. It decides
// nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "net/loop.hpp"
#include "rules.hpp"
#include "source/meta_webhook.hpp"
#include "storage_watch.hpp"
#include "vault/store.hpp"
#include "work_pool.hpp"

namespace sigilo {

/// accept() runs on io; interpreting and scanning on work; storing on store; the answer comes back
/// on io.
class Pipeline {
 public:
  /// Called on store after a commit.
  struct Wakers {
    std::function<void()> mail;   ///< that put mails into the outbox
    std::function<void()> media;  ///< of messages that name files
  };

  /// Borrows all of them.
  Pipeline(net::Loop& io, const CurrentRules& rules, StorageWatch& storage, Random& random,
           Wakers wakers, Logger log);

  /// The threads exist only after the pipeline (the store thread calls flush() after each group),
  /// so that they end before it.
  void connect(WorkPool& work, vault::StoreThread& store) {
    work_ = &work;
    store_ = &store;
  }

  /// Takes one delivery; `done` is called once, on io, when it is durable or refused. Runs on: io.
  void accept(source::Delivery delivery, std::function<void(source::Outcome)> done);

  /// Hands the outcomes of a committed group to the io thread, all in one step. Runs on: store.
  void flush();

  /// Deliveries taken and not yet answered. Runs on: any.
  [[nodiscard]] std::size_t under_way() const { return under_way_; }

 private:
  struct Task;
  void take(const std::shared_ptr<Task>& task);
  void store(const std::shared_ptr<Task>& task);
  void answer(const std::shared_ptr<Task>& task, source::Outcome outcome);

  net::Loop& io_;
  WorkPool* work_ = nullptr;
  const CurrentRules& rules_;
  StorageWatch& storage_;
  Random& random_;
  Wakers wakers_;
  const Logger log_;
  vault::StoreThread* store_ = nullptr;
  std::atomic<std::size_t> under_way_ = 0;
  // Filled and emptied by the store thread only.
  std::vector<std::pair<std::shared_ptr<Task>, source::Outcome>> answers_;
  bool mails_committed_ = false;
  bool files_committed_ = false;
};

}  // namespace sigilo
