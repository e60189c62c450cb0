// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sigilo::cli {

/// Reads the arguments and runs the command; its exit code.
int run(int argc, char** argv);

}  // namespace sigilo::cli
