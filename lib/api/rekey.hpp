// SPDX-License-Identifier: Apache-2.0
// Ending the present epoch at once: what the daemon does when it is asked, and the command where no
// daemon runs.
#pragma once

#include <filesystem>

#include <sys/types.h>

#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "json/value.hpp"
#include "vault/store.hpp"

namespace sigilo::api {

/// Records who asks, ends the epoch (vault::Vault::roll_epoch) and tells of the new one:
/// {"began","epoch","public_key","record"}. Waits for the store thread. Errors: unavailable (it has
/// more work than it can take), those of roll_epoch.
Result<json::Object> rekey(vault::StoreThread& store, const std::filesystem::path& directory,
                           const crypto::SecretBytes& key, uid_t uid);

}  // namespace sigilo::api
