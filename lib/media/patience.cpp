// SPDX-License-Identifier: Apache-2.0
#include "media/patience.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/check.hpp"

namespace sigilo::media {
namespace {

using graph::FailureKind;
using vault::MediaLoss;
using vault::MediaState;

struct Loss {
  vault::MediaLoss kind = MediaLoss::unreachable;
  std::string why;
};

/// nullopt where it is worth waiting.
std::optional<Loss> loss_of(const vault::MediaJob& job, const Attempt& attempt, int mismatches,
                            Timestamp now) {
  using End = Attempt::End;
  if (attempt.end == End::too_large) return Loss{MediaLoss::too_large, attempt.what};
  if (attempt.end == End::erased) return Loss{MediaLoss::erased, attempt.what};
  const Duration life = job.history ? history_life : webhook_life;
  const bool over = now - job.recorded >= life;
  const bool tried = job.attempts + 1 >= least_attempts;
  const auto days = std::chrono::duration_cast<std::chrono::hours>(life).count() / 24;
  if (attempt.end == End::other_bytes) {
    if (mismatches < most_mismatches && !(over && tried)) return std::nullopt;
    return Loss{MediaLoss::other_bytes,
                fmt::format("given up after {} downloads: {}", mismatches, attempt.what)};
  }
  switch (attempt.failure.kind) {
    case FailureKind::token:
    case FailureKind::permission:
    case FailureKind::rate_limited:
    case FailureKind::stopped:
      return std::nullopt;
    case FailureKind::missing:
      if (!over) return std::nullopt;
      return Loss{MediaLoss::gone, fmt::format("the provider no longer has it after {} days: {}",
                                               days, attempt.what)};
    case FailureKind::temporary:
    case FailureKind::refused:
      if (!over || !tried) return std::nullopt;
      return Loss{MediaLoss::unreachable,
                  fmt::format("given up after {} days and {} attempts; the last answer: {}", days,
                              job.attempts + 1, attempt.what)};
  }
  SIGILO_CHECK(false, "not a kind of failure");
}

Duration asked_wait(const graph::Failure& failure) {
  return std::clamp(failure.retry_after, Duration::zero(), longest_retry_after);
}

}  // namespace

Verdict judge(const vault::MediaJob& job, const Attempt& attempt, int mismatches, Timestamp now,
              Random& random) {
  if (attempt.end == Attempt::End::stored) return {MediaState::stored, {}, attempt.what};
  if (auto loss = loss_of(job, attempt, mismatches, now))
    return {MediaState::lost, {}, std::move(loss->why), loss->kind};
  auto wait = file_backoff.delay(job.attempts + 1, random);
  // It is not this file's fault: it is tried when the others are.
  if (attempt.whole_api) wait = std::min(wait, api_rest.most);
  wait = std::max(wait, asked_wait(attempt.failure));
  return {MediaState::waiting, now + wait, attempt.what};
}

Duration rest_after(const graph::Failure& failure, int failures, Random& random) {
  return std::max(api_rest.delay(failures, random), asked_wait(failure));
}

}  // namespace sigilo::media
