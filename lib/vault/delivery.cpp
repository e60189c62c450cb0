// SPDX-License-Identifier: Apache-2.0
#include "vault/delivery.hpp"

#include <algorithm>

#include "message/body.hpp"

namespace sigilo::vault {

std::string without_slices(std::string_view raw, std::vector<Slice> slices,
                           const std::vector<std::pair<std::size_t, std::size_t>>& foreign) {
  std::string blanked(raw);
  for (const auto& [offset, length] : foreign) {
    const std::size_t begin = std::min(offset, blanked.size());
    const std::size_t end = begin + std::min(length, blanked.size() - begin);
    std::fill(blanked.begin() + static_cast<std::ptrdiff_t>(begin),
              blanked.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    if (begin < end) blanked[begin] = '0';  // or the delivery would be no JSON any more
  }
  std::stable_sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.length > b.length;
  });
  std::string rest;
  std::size_t position = 0;
  for (const auto& slice : slices) {
    if (slice.offset < position || slice.offset > raw.size() ||
        slice.length > raw.size() - slice.offset)
      continue;
    rest.append(blanked, position, slice.offset - position);
    position = slice.offset + slice.length;
  }
  return rest.append(blanked, position);
}

std::string with_slices(std::string_view rest, std::vector<Piece> pieces) {
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.bytes.size() > b.bytes.size();
  });
  std::string raw;
  for (const auto& piece : pieces) {
    if (piece.offset < raw.size() || piece.offset - raw.size() > rest.size()) continue;
    const std::size_t between = piece.offset - raw.size();
    raw.append(rest.substr(0, between));
    rest.remove_prefix(between);
    raw.append(piece.bytes);
  }
  return raw.append(rest);
}

Result<Pieces> pieces_of(Statement& select, std::int64_t delivery) {
  Pieces found;
  select.bind(1, delivery);
  for (;;) {
    SIGILO_TRY(const bool row, select.step());
    if (!row) break;
    const auto body = select.maybe_text(1);
    const auto kind = parse_record_kind(select.text(0));
    if (!body) found.erased = true;
    if (!body || !kind) continue;
    if (auto stored = message::read_body(*kind, *body))
      found.pieces.push_back({stored->event.offset, std::move(stored->payload)});
  }
  select.reset();
  return found;
}

}  // namespace sigilo::vault
