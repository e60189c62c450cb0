// SPDX-License-Identifier: Apache-2.0
// Private to this room.
#pragma once

#include "vault/database.hpp"
#include "vault/reader.hpp"

namespace sigilo::vault {

struct Reader::Impl {
  Database database;
};

}  // namespace sigilo::vault
