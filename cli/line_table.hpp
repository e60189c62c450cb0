// SPDX-License-Identifier: Apache-2.0
// The table of lines that `status` and `lines` show.
#pragma once

#include "cli/table.hpp"
#include "config/config.hpp"
#include "json/value.hpp"

namespace sigilo::cli {

/// `lines`: docs/local-api.md, "A line".
Table line_table(const json::Array& lines, const config::Config& config);

}  // namespace sigilo::cli
