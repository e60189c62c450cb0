// SPDX-License-Identifier: Apache-2.0
// [anchor] at work: the places that the configuration names, and the thread that serves them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "anchor/keeper.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "chores.hpp"
#include "config/config.hpp"
#include "crypto/secret.hpp"
#include "vault/store.hpp"

namespace sigilo {

/// Runs on: io, but for states() and attention() (any), and its own thread.
class Anchoring {
 public:
  struct Parts {
    const config::Config& config;
    const crypto::SecretBytes& vault_key;
    vault::StoreThread& store;
    const Clock& clock;
    Random& random;
  };
  /// Null where [anchor] names no place. Borrows all of `parts` but the configuration. Errors: the
  /// vault's.
  static Result<std::unique_ptr<Anchoring>> start(const Parts& parts, Logger log);

  /// Ends the thread; what is under way is broken off.
  void stop() { chores_->stop(); }
  /// After stop() and the last checkpoint.
  void finish() { keeper_.finish(); }
  [[nodiscard]] std::vector<anchor::PlaceState> states() const { return keeper_.states(); }
  [[nodiscard]] std::vector<std::string> attention() const { return keeper_.attention(); }

 private:
  Anchoring(anchor::Keeper::Places places, vault::Reader reader, const Parts& parts, Logger log);
  /// Errors: crypto (no certificate authorities).
  static Result<anchor::Keeper::Places> places(const Parts& parts);
  anchor::Keeper keeper_;
  std::unique_ptr<Chores> chores_;
};

}  // namespace sigilo
