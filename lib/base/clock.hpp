// SPDX-License-Identifier: Apache-2.0
// Time comes in through a constructor, so that a test can let an hour pass. Only clock.cpp asks the
// system.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace sigilo {

/// Runs on: any.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall clock, UTC. May jump; the ledger records it when it does.
  [[nodiscard]] virtual Timestamp now() const = 0;
  /// Never runs backwards; for measuring how long something took and for back-offs.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override;
};

}  // namespace sigilo
