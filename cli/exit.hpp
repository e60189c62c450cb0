// SPDX-License-Identifier: Apache-2.0
// Exit codes of the command line (docs/local-api.md). Scripts rely on them.
#pragma once

namespace sigilo::cli {

enum Exit : int {
  exit_ok = 0,
  exit_problem = 1,  ///< verification found something, or a command failed
  exit_usage = 2,
  exit_config = 3,
  exit_unreachable = 4,  ///< the daemon does not answer
  exit_not_allowed = 5,
  exit_not_found = 6,
};

}  // namespace sigilo::cli
