// SPDX-License-Identifier: Apache-2.0
// What a crash left in media/: removed at the start.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

#include "base/log.hpp"
#include "base/result.hpp"

namespace sigilo::media {

/// Whether a row of the vault names this path (below media/).
using IsNamed = std::function<Result<bool>(std::string_view path)>;

struct CleanedUp {
  std::size_t unfinished = 0;  ///< were in incoming/
  std::size_t orphans = 0;     ///< sealed files that no row named: their keys are nowhere
};

/// What a crash left. To be called before anything is written; asks once for each file, so that the
/// caller had better know all names beforehand. Files with names that sigilo does not give are left
/// and logged. Errors: those of `is_named` (nothing further is removed), permission, io.
Result<CleanedUp> clean_up(const std::filesystem::path& media, const IsNamed& is_named,
                           const Logger& log);

}  // namespace sigilo::media
