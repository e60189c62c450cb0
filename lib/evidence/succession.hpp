// SPDX-License-Identifier: Apache-2.0
// Which key had to sign at which place: from the genesis record through each key record.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "crypto/sign.hpp"
#include "evidence/sealed.hpp"

namespace sigilo::evidence {

/// Runs on: any, one at a time.
class Succession {
 public:
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  /// nullopt: the record that names it can't be relied on.
  [[nodiscard]] const std::optional<crypto::PublicKey>& key() const { return key_; }

  void begin(std::optional<crypto::PublicKey> key, std::optional<crypto::PublicKey> recovery) {
    key_ = std::move(key);
    recovery_ = std::move(recovery);
  }
  /// Signed by the key of this place; a key record may instead be by the recovery key. nullopt: no
  /// key is known.
  [[nodiscard]] std::optional<bool> signs(const Sealed& sealed) const {
    if (key_ && sealed.signed_by(*key_)) return true;
    if (is_recovery(sealed)) return true;
    return key_ ? std::optional(false) : std::nullopt;
  }
  [[nodiscard]] bool is_recovery(const Sealed& sealed) const {
    return recovery_ && sealed.header.kind == RecordKind::key && sealed.signed_by(*recovery_);
  }
  void succeed(std::optional<crypto::PublicKey> key) {
    ++epoch_;
    key_ = std::move(key);
    reported_ = false;
  }
  /// True once an epoch whose key is not known: the time to say so.
  bool first_use_without_key() { return !key_ && !std::exchange(reported_, true); }

 private:
  std::uint64_t epoch_ = 0;
  std::optional<crypto::PublicKey> key_, recovery_;
  bool reported_ = false;
};

}  // namespace sigilo::evidence
