// SPDX-License-Identifier: Apache-2.0
// All secrets that the configuration names, read once at start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "crypto/secret.hpp"

namespace sigilo {

struct Secrets {
  crypto::SecretBytes vault_key;  ///< 32 raw bytes
  std::vector<crypto::SecretBytes> app_secrets;
  crypto::SecretBytes verify_token;
  std::optional<crypto::SecretBytes> tls_certificate;
  std::optional<crypto::SecretBytes> tls_key;
};

/// Errors name the file or credential and what to do; never a secret.
Result<Secrets> read_secrets(const config::Config& config);

/// Empty where there is no [source.meta] or no access_token in it.
Result<crypto::SecretBytes> read_access_token(const config::Config& config);

/// Empty where no password is configured.
Result<crypto::SecretBytes> read_mail_password(const config::Mail& mail);

}  // namespace sigilo
