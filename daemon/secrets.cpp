// SPDX-License-Identifier: Apache-2.0
#include "secrets.hpp"

#include <cstdlib>

#include "crypto/secret_file.hpp"
#include "vault/vault.hpp"

namespace sigilo {
namespace {

std::string credentials_directory() {
  // Read once at start, before any thread: systemd.exec(5).
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
  return directory == nullptr ? std::string() : std::string(directory);
}

Result<crypto::SecretBytes> read(const config::SecretRef& ref) {
  SIGILO_TRY(const auto path, ref.path(credentials_directory()));
  return crypto::read_secret_file(path, ref.kind == config::SecretRef::Kind::file
                                            ? crypto::SecretMode::owner_only
                                            : crypto::SecretMode::any);
}

Result<> read_source(const config::MetaSource& meta, Secrets& secrets) {
  for (const auto& ref : meta.app_secret) {
    SIGILO_TRY(auto secret, read(ref));
    secrets.app_secrets.push_back(std::move(secret));
  }
  SIGILO_TRY(secrets.verify_token, read(meta.verify_token));
  if (meta.tls_certificate) {
    SIGILO_TRY(secrets.tls_certificate, read(*meta.tls_certificate));
  }
  if (meta.tls_key) {
    SIGILO_TRY(secrets.tls_key, read(*meta.tls_key));
  }
  return {};
}

}  // namespace

Result<Secrets> read_secrets(const config::Config& config) {
  Secrets secrets;
  SIGILO_TRY(const auto hex, read(config.vault.key));
  SIGILO_TRY(secrets.vault_key, vault::parse_vault_key(hex.view()));
  if (config.meta) SIGILO_TRY_DO(read_source(*config.meta, secrets));
  return secrets;
}

Result<crypto::SecretBytes> read_mail_password(const config::Mail& mail) {
  if (!mail.password) return crypto::SecretBytes();
  return read(*mail.password);
}

}  // namespace sigilo
