// SPDX-License-Identifier: Apache-2.0
// sigilo: the command line. Commands are in cli/commands/.
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "cli/arguments.hpp"
#include "cli/exit.hpp"
#include "text/terminal.hpp"

int main(int argc, char** argv) {
  int code = sigilo::cli::exit_problem;
  try {
    code = sigilo::cli::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sigilo: {}\n", sigilo::text::for_terminal(error.what()));
  }
  // A full disk shows only here: a checkpoint or a recovery key that was not written is no success.
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  fmt::print(stderr, "sigilo: the output could not be written; make room and repeat the command\n");
  return sigilo::cli::exit_problem;
}
