// SPDX-License-Identifier: Apache-2.0
// Makes records: numbers, dates, commits to and signs them. The only holder of the present signing
// key.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "ledger/record.hpp"
#include "ledger/tree.hpp"

namespace sigilo::ledger {

/// Runs on: store.
class Sealer {
 public:
  /// What a new vault begins with: nothing sealed yet.
  Sealer(std::string vault, crypto::SigningKey key, const Clock& clock, Random& random);
  /// Goes on after `frontier.size()` records.
  Sealer(std::string vault, Epoch epoch, crypto::SigningKey key, Frontier frontier, Timestamp last,
         const Clock& clock, Random& random);

  /// Seals the next record. Its time is the clock's, or the last record's where the clock went
  /// back. `body` must be canonical JSON.
  Record seal(RecordKind kind, std::string body);
  /// The same with a commitment to that body that was made before.
  Record seal(RecordKind kind, std::string body, const Commitment& made);

  /// From the next record on, `key` signs (the `key` record that names it was sealed with the old
  /// one).
  void succeed(crypto::SigningKey key);

  /// How far the clock is behind the last record's time; zero when it is not.
  [[nodiscard]] Duration clock_behind() const;

  [[nodiscard]] const std::string& vault() const { return vault_; }
  [[nodiscard]] Epoch epoch() const { return state_.epoch; }
  [[nodiscard]] Seq next() const { return Seq(state_.frontier.size()); }
  [[nodiscard]] const Frontier& frontier() const { return state_.frontier; }
  [[nodiscard]] const crypto::SigningKey& key() const { return key_; }

  /// All that seal() changes, so that a transaction that fails can be undone: state() before it,
  /// restore() after. A succession in between can not be undone (the old key is gone): call
  /// succeed() once its record is durable.
  struct State {
    Epoch epoch;
    Frontier frontier;
    Timestamp last;
  };
  [[nodiscard]] State state() const { return state_; }
  void restore(State state);

 private:
  std::string vault_;
  crypto::SigningKey key_;
  State state_;
  const Clock* clock_;
  Random* random_;
};

}  // namespace sigilo::ledger
