// SPDX-License-Identifier: Apache-2.0
// Private to this room.
#pragma once

#include "vault/database.hpp"
#include "vault/reader.hpp"

namespace sigilo::vault {

struct Reader::Impl {
  Database database;
};

/// Inside the caller's snapshot (media.cpp).
Result<MediaSummary> media_summary(Database& database);

}  // namespace sigilo::vault
