// SPDX-License-Identifier: Apache-2.0
// A text as the modules of a QR code.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace sigilo::paper {

struct QrModules {
  std::size_t side = 0;     ///< modules in a row and in a column
  std::vector<bool> black;  ///< side × side, row by row
};

/// Bytes mode, error level M (15 % of it may be lost). Errors: invalid_input (empty or too long).
/// Runs on: any.
Result<QrModules> qr_modules(std::string_view text);

}  // namespace sigilo::paper
