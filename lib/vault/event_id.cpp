// SPDX-License-Identifier: Apache-2.0
#include "vault/event_id.hpp"

#include "base/bytes.hpp"
#include "crypto/digest.hpp"

namespace sigilo::vault {

std::int64_t id_key(std::string_view provider_id) {
  if (provider_id.empty()) return 0;
  const auto digest = crypto::sha256(as_bytes(provider_id));
  std::uint64_t key = 0;
  for (const auto byte : digest.view().first<8>()) key = key << 8U | byte;
  return static_cast<std::int64_t>(key);
}

}  // namespace sigilo::vault
