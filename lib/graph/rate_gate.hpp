// SPDX-License-Identifier: Apache-2.0
// The provider's rate limits, kept by all clients together.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>

#include "base/clock.hpp"

namespace sigilo::graph {

/// Over more than 20 error answers about media in 60 minutes providers block media for 30: we stop
/// before, for as long, and lose nothing, since a file can be fetched for seven days.
inline constexpr std::size_t most_media_errors = 15;
inline constexpr Duration media_error_window = std::chrono::minutes(60);
inline constexpr Duration media_pause = std::chrono::minutes(30);

enum class Area { media, other };

/// Open or closed, for everything or for media alone. Shared by the clients of one access token.
/// Runs on: any.
class RateGate {
 public:
  /// `clock` must outlive the gate.
  explicit RateGate(const Clock& clock) : clock_(clock) {}
  /// How long calls of this kind must still wait; 0: the gate is open.
  [[nodiscard]] Duration closed_for(Area area) const;
  /// Closes for everything. A gate that is closed for longer stays so.
  void close(Duration time);
  /// One more error answer about media.
  void count_media_error();

 private:
  using Moment = std::chrono::steady_clock::time_point;

  const Clock& clock_;
  mutable std::mutex mutex_;
  Moment open_again_{};
  Moment media_open_again_{};
  std::deque<Moment> media_errors_;  // at most most_media_errors, oldest first
};

}  // namespace sigilo::graph
