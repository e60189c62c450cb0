// SPDX-License-Identifier: Apache-2.0
// Where checkpoints are remembered outside of this machine.
#pragma once

#include <string>

#include "base/result.hpp"
#include "vault/anchors.hpp"

namespace sigilo::anchor {

/// Runs on: anchor; interrupt() on any.
class Place {
 public:
  Place() = default;
  virtual ~Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] virtual vault::AnchorKind kind() const = 0;
  /// As the record names it (vault::Anchor::where): the same after a restart.
  [[nodiscard]] virtual const std::string& where() const = 0;
  /// Every checkpoint goes there, as soon as it is made; else one in a while.
  [[nodiscard]] virtual bool takes_all() const { return false; }

  /// Blocks until it is remembered there; the proof (vault::Anchor::proof). To be asked again with
  /// what it has already does no harm. Errors: corrupt is an alarm (what is remembered there
  /// contradicts this vault: somebody must look at once); all others are tried again.
  virtual Result<std::string> keep(const vault::KeptCheckpoint& checkpoint) = 0;
  /// Ends a call under way at once, and all later ones.
  virtual void interrupt() {}
};

}  // namespace sigilo::anchor
