// SPDX-License-Identifier: Apache-2.0
// When to try again. Retry times live here and nowhere else.
#pragma once

#include <chrono>

#include "base/random.hpp"
#include "base/time.hpp"

namespace sigilo::net {

/// Exponential back-off with jitter: first, ×2 each time, never over `most`; each between 75 % and
/// 125 % of that (so that many who failed together do not come back together).
struct Backoff {
  Duration first = std::chrono::seconds(5);
  Duration most = std::chrono::minutes(30);
  /// Delay before attempt number `attempts` + 1, when `attempts` (1, 2 …) failed.
  [[nodiscard]] Duration delay(int attempts, Random& random) const;
};

}  // namespace sigilo::net
