// SPDX-License-Identifier: Apache-2.0
// How a delivery is stored without storing anything twice: its bytes without the slices that record
// bodies hold. Private to this room; schema.cpp explains it to an expert.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

}  // namespace sigilo::vault
