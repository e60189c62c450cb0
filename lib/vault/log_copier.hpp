// SPDX-License-Identifier: Apache-2.0
// Copies the write-ahead log into vault.db beside the store thread, which goes on committing.
// Private to this room.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.hpp"
#include "vault/database.hpp"

namespace sigilo::vault {

/// Has a thread of its own. begin() and ended() are for one other thread.
class LogCopier {
 public:
  /// `connection`: of nobody else, outlives this.
  explicit LogCopier(Database& connection);
  /// Waits for a copy that is under way.
  ~LogCopier();
  LogCopier(const LogCopier&) = delete;
  LogCopier& operator=(const LogCopier&) = delete;

  /// Copies what the log holds now; nothing where a copy is under way.
  void begin();
  /// The outcome of a copy, once, as soon as it has ended. What was committed meanwhile is not in
  /// it.
  [[nodiscard]] std::optional<Result<>> ended();

 private:
  void work();

  Database& connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool under_way_ = false;           // mutex_
  bool ending_ = false;              // mutex_
  std::optional<Result<>> outcome_;  // mutex_
  std::thread thread_;               // last: it uses all the others
};

}  // namespace sigilo::vault
