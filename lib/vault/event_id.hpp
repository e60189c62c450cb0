// SPDX-License-Identifier: Apache-2.0
// How the provider's ids are found: by a short hash, since they are long and of any form.
#pragma once

#include <cstdint>
#include <string_view>

namespace sigilo::vault {

/// First 8 bytes of the SHA-256 of a provider's id, as a signed big-endian number; 0 for "". Two
/// ids may meet in it: whoever finds by it compares the ids themselves. Runs on: any.
std::int64_t id_key(std::string_view provider_id);

}  // namespace sigilo::vault
