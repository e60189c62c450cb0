// SPDX-License-Identifier: Apache-2.0
// Statements that more than one file of this room runs, and what they say of records. Private to
// it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "ledger/record.hpp"
#include "ledger/tree.hpp"
#include "vault/database.hpp"

namespace sigilo::vault {

/// A record's number as SQL and JSON hold it: below 2^53.
inline std::int64_t number(Seq seq) {
  return static_cast<std::int64_t>(seq.value());
}

inline constexpr std::string_view insert_record =
    "INSERT INTO record (seq, time, kind, epoch, root, commitment, signature, salt, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
/// `record` must live until the statement is reset.
Statement& bind_record(Statement& insert, const ledger::Record& record);

inline constexpr std::string_view insert_epoch =
    "INSERT INTO epoch (number, public_key, first) VALUES (?, ?, ?)";

inline constexpr std::string_view upsert_tile =
    "INSERT OR REPLACE INTO tile (id, hashes) VALUES (?, ?)";
Result<> store_tile(Statement& upsert, const ledger::Tile& tile);

inline constexpr std::string_view select_tile = "SELECT hashes FROM tile WHERE id = ?";
/// Errors: corrupt (missing, or no whole number of hashes), and the database's.
Result<ledger::Tile> load_tile(Statement& select, int level, std::uint64_t index);

}  // namespace sigilo::vault
