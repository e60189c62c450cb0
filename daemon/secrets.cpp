// SPDX-License-Identifier: Apache-2.0
#include "secrets.hpp"

#include "config/secret.hpp"
#include "vault/vault.hpp"

namespace sigilo {
namespace {

Result<> read_source(const config::MetaSource& meta, Secrets& secrets) {
  for (const auto& ref : meta.app_secret) {
    SIGILO_TRY(auto secret, config::read_secret(ref));
    secrets.app_secrets.push_back(std::move(secret));
  }
  SIGILO_TRY(secrets.verify_token, config::read_secret(meta.verify_token));
  if (meta.tls_certificate) {
    // Public, and often readable by all.
    SIGILO_TRY(secrets.tls_certificate,
               config::read_secret(*meta.tls_certificate, crypto::SecretMode::any));
  }
  if (meta.tls_key) {
    SIGILO_TRY(secrets.tls_key, config::read_secret(*meta.tls_key));
  }
  return {};
}

}  // namespace

Result<Secrets> read_secrets(const config::Config& config) {
  Secrets secrets;
  SIGILO_TRY(const auto hex, config::read_secret(config.vault.key));
  SIGILO_TRY(secrets.vault_key, vault::parse_vault_key(hex.view()));
  if (config.meta) SIGILO_TRY_DO(read_source(*config.meta, secrets));
  return secrets;
}

Result<crypto::SecretBytes> read_access_token(const config::Config& config) {
  if (!config.meta || !config.meta->access_token) return crypto::SecretBytes();
  return config::read_secret(*config.meta->access_token);
}

Result<crypto::SecretBytes> read_mail_password(const config::Mail& mail) {
  if (!mail.password) return crypto::SecretBytes();
  return config::read_secret(*mail.password);
}

}  // namespace sigilo
