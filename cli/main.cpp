// SPDX-License-Identifier: Apache-2.0
// sigilo: the command line. Commands are in cli/commands/.
#include <exception>

#include <fmt/format.h>

#include "cli/arguments.hpp"
#include "cli/exit.hpp"

int main(int argc, char** argv) {
  try {
    return sigilo::cli::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sigilo: {}\n", error.what());
    return sigilo::cli::exit_problem;
  }
}
