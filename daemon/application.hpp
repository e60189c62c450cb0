// SPDX-License-Identifier: Apache-2.0
// The composition root: builds every part in the order of the data's way, runs until a signal, and
// takes all down in reverse.
#pragma once

#include <string>

namespace sigilo {

/// Exit codes of sigilod; the same numbers as the command line's.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_config = 3;

/// Prints every problem as FILE:LINE; 0 or 3.
int check_config(const std::string& config_file);

/// Runs in the foreground until SIGTERM or SIGINT.
int run_application(const std::string& config_file);

}  // namespace sigilo
