// SPDX-License-Identifier: Apache-2.0
// Mails about the service itself. They live in memory only: they tell that the vault cannot be
// written.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "mail/letter.hpp"

namespace sigilo::mail {

using SteadyTime = std::chrono::steady_clock::time_point;

/// However often the state changes, managers hear of it at most once in this time.
inline constexpr Duration notice_interval = std::chrono::minutes(1);

/// A state of which managers are told when it lasts, so that a disk that fills and empties each
/// second makes no flood. What was not sent before the state changed again is not sent any more.
/// Runs on: mail.
class Notices {
 public:
  struct Pending {
    std::string to;
    std::string message;  ///< composed, the same at each attempt
    int attempts = 0;
    SteadyTime next;
  };

  /// Makes the mails about `latest`, one a manager in the language of the first team that names
  /// them, unless it has been told already or something was told a moment ago.
  void update(const ServiceNotice& latest, const Clock& clock, const std::string& from,
              const Letterhead& head, const std::vector<config::Team>& teams, Random& random);
  [[nodiscard]] std::vector<Pending>& pending() { return pending_; }
  /// When something is to be done again; nullopt: nothing waits.
  [[nodiscard]] std::optional<SteadyTime> next() const;

 private:
  ServiceNotice::Kind told_ = ServiceNotice::Kind::storage_recovered;
  std::optional<SteadyTime> last_told_;
  bool held_back_ = false;
  std::vector<Pending> pending_;
};

}  // namespace sigilo::mail
