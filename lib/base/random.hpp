// SPDX-License-Identifier: Apache-2.0
// Randomness comes in through a constructor: crypto/random.hpp in production, a counter in tests.
#pragma once

#include <cstdint>
#include <span>

namespace sigilo {

/// Runs on: any.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills `out` with unpredictable bytes; never fails (a system without randomness aborts).
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace sigilo
