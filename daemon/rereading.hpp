// SPDX-License-Identifier: Apache-2.0
// What an earlier version kept without understanding it, read again by this one.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "rules.hpp"
#include "vault/reader.hpp"
#include "vault/rereading.hpp"
#include "vault/store.hpp"

namespace sigilo {

/// Deliveries of one step.
inline constexpr std::size_t deliveries_per_step = 16;
/// Between two steps while some are left: what arrives now goes first.
inline constexpr Duration rereading_pause = std::chrono::milliseconds(100);
/// Before the next attempt where the vault could not be read or written.
inline constexpr Duration rereading_rest = std::chrono::seconds(30);
/// When all are through: only another version reads more.
inline constexpr Duration rereading_done = std::chrono::hours(24);

/// Of the unrecognised records of a delivery, those that `understood` says: something in their
/// slice is understood, and nothing that overlaps it is not.
std::vector<Seq> read_now(const std::vector<vault::UnreadRecord>& records,
                          const vault::Ingest& understood);

/// Goes once through all deliveries with unrecognised records. What is understood now is stored as
/// if it came now, with the time of its first receipt, its alerts and mails, behind a `service`
/// record that says so. A record of which a part is still not understood waits for a version that
/// understands all of it. Runs on: chores.
class Rereading {
 public:
  struct Wakers {
    std::function<void()> mail;   ///< mails were committed
    std::function<void()> media;  ///< messages that may name files were committed
  };

  /// Borrows rules, store and random.
  Rereading(vault::Reader reader, const CurrentRules& rules, vault::StoreThread& store,
            Random& random, Wakers wakers, Logger log);

  /// One step; answers how long the next one may wait.
  Duration step();
  /// Records that were read so far.
  [[nodiscard]] std::uint64_t read() const { return read_; }

 private:
  Result<> take(vault::UnreadDelivery delivery);

  vault::Reader reader_;
  const CurrentRules& rules_;
  vault::StoreThread& store_;
  Random& random_;
  Wakers wakers_;
  Logger log_;
  std::int64_t after_ = -1;
  std::uint64_t read_ = 0;
};

}  // namespace sigilo
