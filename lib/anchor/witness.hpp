// SPDX-License-Identifier: Apache-2.0
// Cosignatures by a witness (C2SP tlog-witness): it cosigns only what follows from what it saw.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "anchor/place.hpp"
#include "anchor/web.hpp"
#include "base/clock.hpp"
#include "crypto/digest.hpp"

namespace sigilo::anchor {

/// A witness' clock may be ahead of this machine's by so much.
inline constexpr Duration witness_clock_ahead = std::chrono::minutes(5);
/// Each answer "ask again from there" costs one; a witness that moves on between two questions
/// needs a second, more is a witness that doesn't know what it saw.
inline constexpr int witness_questions = 3;

/// Runs on: anchor; interrupt() on any.
class Witness final : public Place {
 public:
  struct Settings {
    std::string url;  ///< prefix of add-checkpoint
    std::string key;  ///< verifier key, as the witness publishes it
  };
  /// Proof that the first `old_size` records are a beginning of the first `size`.
  using Consistency = std::function<Result<std::vector<crypto::Digest>>(std::uint64_t old_size,
                                                                        std::uint64_t size)>;
  /// Borrows the clock.
  Witness(Settings settings, Consistency consistency, Exchange exchange,
          std::function<void()> interrupt, const Clock& clock);

  [[nodiscard]] vault::AnchorKind kind() const override { return vault::AnchorKind::witness; }
  [[nodiscard]] const std::string& where() const override { return settings_.key; }
  /// Its signature line. Errors: corrupt (it saw another history of this vault, or a longer one),
  /// refused (it doesn't know the vault or its key), unavailable, timeout, crypto (its line doesn't
  /// hold), invalid_input (no verifier key).
  Result<std::string> keep(const vault::KeptCheckpoint& checkpoint) override;
  void interrupt() override { interrupt_(); }

 private:
  const Settings settings_;
  const Consistency consistency_;
  const Exchange exchange_;
  const std::function<void()> interrupt_;
  const Clock& clock_;
  std::uint64_t seen_ = 0;  ///< what it saw last, as far as this run knows
};

}  // namespace sigilo::anchor
