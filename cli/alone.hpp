// SPDX-License-Identifier: Apache-2.0
// For commands that write the vault themselves while no daemon runs.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

namespace sigilo::cli {

/// Where root asks: from here on this process is the owner of the vault's directory, or the daemon
/// could not use the files that it leaves. Secrets that only root may read must be read before.
/// Errors: permission, not_found.
Result<> become_owner_of_the_vault(const config::Config& config);

}  // namespace sigilo::cli
