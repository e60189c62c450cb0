// SPDX-License-Identifier: Apache-2.0
// How far a long command is, and the way to stop it: Ctrl-C ends it with a report of what was done.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace sigilo::cli {

/// "12288 of 1000000 records (1 %), 3 min 20 s left"; no estimate in the first second, which says
/// little.
std::string progress_text(std::uint64_t done, std::uint64_t all, std::chrono::milliseconds elapsed);

/// Takes SIGINT while it lives: the first one makes step() false, the second one ends the process
/// as ever. One at a time. Runs on: main.
class Progress {
 public:
  /// `shown`: on a terminal only, so that no file fills with it.
  Progress(const Clock& clock, bool shown);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Wipes its line.
  ~Progress();
  /// False once it was interrupted.
  bool step(std::uint64_t done, std::uint64_t all);

 private:
  const Clock* clock_;
  bool shown_;
  std::chrono::steady_clock::time_point begun_, drawn_;
};

}  // namespace sigilo::cli
