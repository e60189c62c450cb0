// SPDX-License-Identifier: Apache-2.0
// Which key had to sign at which place: from the genesis record through each key record.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "crypto/sign.hpp"

namespace sigilo::evidence {

/// Runs on: any, one at a time.
class Succession {
 public:
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  /// nullopt: the record that names it can't be relied on.
  [[nodiscard]] const std::optional<crypto::PublicKey>& key() const { return key_; }

  void begin(std::optional<crypto::PublicKey> key) { key_ = std::move(key); }
  void succeed(std::optional<crypto::PublicKey> key) {
    ++epoch_;
    key_ = std::move(key);
    reported_ = false;
  }
  /// True once an epoch whose key is not known: the time to say so.
  bool first_use_without_key() { return !key_ && !std::exchange(reported_, true); }

 private:
  std::uint64_t epoch_ = 0;
  std::optional<crypto::PublicKey> key_;
  bool reported_ = false;
};

}  // namespace sigilo::evidence
