// SPDX-License-Identifier: Apache-2.0
#include "graph/rate_gate.hpp"

#include <algorithm>

namespace sigilo::graph {

Duration RateGate::closed_for(Area area) const {
  const auto now = clock_.steady();
  const std::lock_guard guard(mutex_);
  const auto until = area == Area::media ? std::max(open_again_, media_open_again_) : open_again_;
  return until > now ? std::chrono::ceil<Duration>(until - now) : Duration{};
}

void RateGate::close(Duration time) {
  const auto until = clock_.steady() + time;
  const std::lock_guard guard(mutex_);
  open_again_ = std::max(open_again_, until);
}

void RateGate::count_media_error() {
  const auto now = clock_.steady();
  const std::lock_guard guard(mutex_);
  while (!media_errors_.empty() && now - media_errors_.front() >= media_error_window) {
    media_errors_.pop_front();
  }
  media_errors_.push_back(now);
  if (media_errors_.size() < most_media_errors) return;
  media_errors_.clear();
  media_open_again_ = std::max(media_open_again_, now + media_pause);
}

}  // namespace sigilo::graph
