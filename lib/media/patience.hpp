// SPDX-License-Identifier: Apache-2.0
// How long a file is tried, and when it is lost. Every number about that stands here.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/random.hpp"
#include "media/attempt.hpp"
#include "net/backoff.hpp"
#include "vault/media.hpp"

namespace sigilo::media {

/// For so long the provider keeps a file that a webhook names, and so long it is tried.
inline constexpr Duration webhook_life = std::chrono::hours(7 * 24);
/// Files of a phone's history are given for two weeks.
inline constexpr Duration history_life = std::chrono::hours(14 * 24);
/// A machine that was off for a week must not lose a file by its first failed attempt: these take
/// an hour and a half.
inline constexpr int least_attempts = 10;
/// Other bytes than were named, so many times since the start (about three hours): they will not
/// become the right ones.
inline constexpr int most_mismatches = 12;
/// Between two attempts at one file.
inline constexpr net::Backoff file_backoff{std::chrono::seconds(5), std::chrono::hours(1)};
/// Between two attempts at anything, when all would fail.
inline constexpr net::Backoff api_rest{std::chrono::seconds(5), std::chrono::minutes(5)};
/// However long a wait the provider asks for.
inline constexpr Duration longest_retry_after = std::chrono::hours(24);

/// What follows from an attempt that the provider answered for (not disk, not stopped).
struct Verdict {
  vault::MediaState state = vault::MediaState::waiting;
  Timestamp next;                                         ///< waiting: not before
  std::string reason;                                     ///< for the vault
  vault::MediaLoss loss = vault::MediaLoss::unreachable;  ///< lost
};

/// `mismatches`: attempts at this file that brought other bytes, with this one. A token that has
/// ended, a right that is missing, a rate that is used up lose no file: whoever mends them gets it,
/// if the provider still has it. Runs on: any.
Verdict judge(const vault::MediaJob& job, const Attempt& attempt, int mismatches, Timestamp now,
              Random& random);

/// How long nothing is asked of the provider after `failures` (1, 2 …) attempts in a row that all
/// others would have shared.
Duration rest_after(const graph::Failure& failure, int failures, Random& random);

}  // namespace sigilo::media
