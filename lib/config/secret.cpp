// SPDX-License-Identifier: Apache-2.0
#include "config/secret.hpp"

#include <cstdlib>

namespace sigilo::config {

std::string credentials_directory() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
  return directory == nullptr ? std::string() : std::string(directory);
}

Result<crypto::SecretBytes> read_secret(const SecretRef& ref, crypto::SecretMode mode) {
  SIGILO_TRY(const auto path, ref.path(credentials_directory()));
  const bool from_systemd = ref.kind == SecretRef::Kind::credential;
  return crypto::read_secret_file(path, from_systemd ? crypto::SecretMode::any : mode);
}

}  // namespace sigilo::config
