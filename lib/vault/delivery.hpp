// SPDX-License-Identifier: Apache-2.0
// How a delivery is stored without storing anything twice: its bytes without the slices that record
// bodies hold. Private to this room; schema.cpp explains it to an expert.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "vault/database.hpp"

namespace sigilo::vault {

struct Slice {
  std::size_t offset = 0;
  std::size_t length = 0;
};

/// A slice with its bytes.
struct Piece {
  std::size_t offset = 0;
  std::string bytes;
};

/// `raw` with `foreign` slices overwritten by a 0 and spaces, and `slices` cut out. Where slices
/// lie inside or across one that begins before them (or at the same place and is longer), only the
/// outer one is cut.
std::string without_slices(std::string_view raw, std::vector<Slice> slices,
                           const std::vector<std::pair<std::size_t, std::size_t>>& foreign);

/// The way back: `pieces` put in again by the same rule. What stands behind a piece that is missing
/// (erased) has no place any more. Whatever does not fit makes other bytes, never an error: the
/// digest tells.
std::string with_slices(std::string_view rest, std::vector<Piece> pieces);

/// The slices that the bodies of a delivery's records hold.
struct Pieces {
  std::vector<Piece> pieces;
  bool erased = false;  ///< one of them is not there any more
};

/// A delivery's records follow each other, beginning with the one that gives it its number.
inline constexpr std::string_view select_pieces =
    "SELECT kind, body FROM event JOIN record USING (seq) WHERE event.seq >= ?1 AND event.seq <"
    " coalesce((SELECT min(id) FROM delivery WHERE id > ?1), 9223372036854775807)"
    " AND delivery = ?1";
/// `select` was prepared from select_pieces. What cannot be read is left out: the digest will not
/// fit, and the record itself is reported.
Result<Pieces> pieces_of(Statement& select, std::int64_t delivery);

}  // namespace sigilo::vault
