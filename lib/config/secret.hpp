// SPDX-License-Identifier: Apache-2.0
// From a reference in the configuration to the secret itself.
#pragma once

#include <string>

#include "base/result.hpp"
#include "config/config.hpp"
#include "crypto/secret.hpp"
#include "crypto/secret_file.hpp"

namespace sigilo::config {

/// $CREDENTIALS_DIRECTORY (systemd.exec(5)), or "". Ask once, before there are threads.
std::string credentials_directory();

/// Reads a secret. A file must be `mode` (0600 or stricter by default); a credential has the modes
/// that systemd gives. Errors: those of SecretRef::path and crypto::read_secret_file, naming the
/// file or credential, never a secret.
Result<crypto::SecretBytes> read_secret(const SecretRef& ref,
                                        crypto::SecretMode mode = crypto::SecretMode::owner_only);

}  // namespace sigilo::config
