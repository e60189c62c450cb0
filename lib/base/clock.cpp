// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

namespace sigilo {

Timestamp SystemClock::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp::from_micros(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

std::chrono::steady_clock::time_point SystemClock::steady() const {
  return std::chrono::steady_clock::now();
}

}  // namespace sigilo
