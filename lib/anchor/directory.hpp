// SPDX-License-Identifier: Apache-2.0
// Checkpoints as files in a directory: a share of another machine, a disk that is written once.
#pragma once

#include <filesystem>
#include <string>

#include "anchor/place.hpp"

namespace sigilo::anchor {

/// "<uuid of the vault>-<size>.txt", the note byte for byte, 0444, durable. Never written over and
/// never renamed, so that shares on which files can only be made or appended to take it. The
/// directory itself is never made: a mount point without its disk must not be mistaken for the
/// disk. Runs on: anchor.
class Directory final : public Place {
 public:
  /// `directory`: an absolute path.
  explicit Directory(std::filesystem::path directory);

  [[nodiscard]] vault::AnchorKind kind() const override { return vault::AnchorKind::directory; }
  [[nodiscard]] const std::string& where() const override { return where_; }
  [[nodiscard]] bool takes_all() const override { return true; }
  /// Errors: corrupt (a file of that name holds another checkpoint), invalid_input (no checkpoint),
  /// not_found (not mounted), permission, no_space, io.
  Result<std::string> keep(const vault::KeptCheckpoint& checkpoint) override;

 private:
  const std::filesystem::path directory_;
  const std::string where_ = directory_.string();
};

}  // namespace sigilo::anchor
