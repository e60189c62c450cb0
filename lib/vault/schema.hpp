// SPDX-License-Identifier: Apache-2.0
// The tables of vault.db. schema.cpp is meant to be read, also by an expert with nothing but
// `sqlcipher`.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "vault/database.hpp"

namespace sigilo::vault {

/// PRAGMA application_id: "sgl1".
inline constexpr std::int64_t application_id = 0x73676c31;

/// Table event_conversation is cut into blocks of 2^13 records (schema.cpp says why).
inline constexpr int block_bits = 13;
/// Table event_id is cut into blocks of 2^16 records.
inline constexpr int id_block_bits = 16;

/// Level and index of a tile as one key.
constexpr std::int64_t tile_id(int level, std::uint64_t index) {
  return (std::int64_t{level} << 48) | static_cast<std::int64_t>(index);
}

/// Makes all tables in an empty database. Runs inside the caller's transaction.
Result<> create_schema(Database& database);

/// Errors: not_a_vault (another program's database), newer_version.
Result<> check_schema(Database& database);

/// Brings an older vault up to this version, forward only, in one transaction of its own.
Result<> migrate(Database& database);

}  // namespace sigilo::vault
