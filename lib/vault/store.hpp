// SPDX-License-Identifier: Apache-2.0
// The store thread: alone writes the vault, and commits whatever waits in one transaction (group
// commit).
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

#include "base/log.hpp"
#include "base/result.hpp"
#include "vault/transaction.hpp"
#include "vault/vault.hpp"

namespace sigilo::vault {

/// Work of one caller: several operations that become durable together or not at all.
using Work = std::function<Result<>(WriteTransaction&)>;
/// Called after the commit (or the failure) of the group that the work was in. Runs on: store; must
/// be quick.
using Done = std::function<void(Result<>)>;

/// Runs its own thread. submit() may be called from any thread.
class StoreThread {
 public:
  struct Settings {
    std::size_t queue = 4096;  ///< work that may wait
    std::size_t group = 1024;  ///< most work of one transaction
    std::function<void()>
        after_group{};  ///< called once after each group's Done calls; may be empty. Runs on: store
  };
  StoreThread(Vault& vault, Settings settings, Logger log);
  /// Finishes what was accepted, then ends the thread.
  ~StoreThread();

  /// False when the queue is full (the caller answers "busy"); otherwise `done` is called exactly
  /// once. Work that fails by itself is undone alone; a failed commit (disk full, I/O) fails the
  /// whole group with that error, nothing of it stays, and the next group is tried again.
  [[nodiscard]] bool submit(Work work, Done done);

  /// Submits and waits for the commit. Not to be called on the io or store thread. Errors:
  /// unavailable (queue full).
  Result<> run(Work work);

  [[nodiscard]] std::size_t waiting() const;
  /// Ends the present epoch between two groups (see Vault::roll_epoch).
  [[nodiscard]] bool roll_epoch(Done done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigilo::vault
