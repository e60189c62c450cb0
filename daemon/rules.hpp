// SPDX-License-Identifier: Apache-2.0
// What a delivery is judged by: lines, teams and policies of one moment. A reload makes a new one;
// whoever began with the old one ends with it.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "message/event.hpp"
#include "scan/policies.hpp"

namespace sigilo {

/// Immutable. Runs on: any.
class Rules {
 public:
  /// All or nothing. Problems of the policies come back as text, one a line of a policy file.
  static std::shared_ptr<const Rules> make(config::Config config,
                                           std::vector<config::Problem>& problems);

  [[nodiscard]] const config::Config& config() const { return config_; }
  [[nodiscard]] const message::LineBook& lines() const { return lines_; }
  [[nodiscard]] const scan::Policies& policies() const { return policies_; }
  /// Team of a configured line; nullptr for any other.
  [[nodiscard]] const config::Team* team_of(const E164& line) const;

 private:
  Rules(config::Config config, scan::Policies policies);

  config::Config config_;
  message::LineBook lines_;
  scan::Policies policies_;
  std::unordered_map<E164, std::size_t> team_of_line_;
};

/// The present rules; replaced as a whole. Runs on: any.
class CurrentRules {
 public:
  explicit CurrentRules(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}
  [[nodiscard]] std::shared_ptr<const Rules> get() const {
    const std::scoped_lock lock(mutex_);
    return rules_;
  }
  void replace(std::shared_ptr<const Rules> rules) {
    const std::scoped_lock lock(mutex_);
    rules_ = std::move(rules);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Rules> rules_;  // guarded by mutex_
};

}  // namespace sigilo
