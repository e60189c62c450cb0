// SPDX-License-Identifier: Apache-2.0
#include "vault/rows.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "vault/schema.hpp"

namespace sigilo::vault {

Statement& bind_record(Statement& insert, const ledger::Record& record) {
  const auto& header = record.header;
  return insert.bind(1, static_cast<std::int64_t>(header.seq.value()))
      .bind(2, header.time.micros())
      .bind(3, to_string(header.kind))
      .bind(4, static_cast<std::int64_t>(header.epoch.value()))
      .bind(5, header.root.view())
      .bind(6, header.body.view())
      .bind(7, record.signature.view())
      .bind(8, BytesView(record.salt))
      .bind(9, std::string_view(record.body));
}

Result<> store_tile(Statement& upsert, const ledger::Tile& tile) {
  static_assert(sizeof(crypto::Digest) == 32, "hashes of a tile lie side by side");
  const BytesView hashes(tile.hashes.front().bytes.data(),
                         tile.hashes.size() * sizeof(crypto::Digest));
  return upsert.bind(1, tile_id(tile.level, tile.index)).bind(2, hashes).run();
}

Result<ledger::Tile> load_tile(Statement& select, int level, std::uint64_t index) {
  select.bind(1, tile_id(level, index));
  SIGILO_TRY(const bool found, select.step());
  const BytesView stored = found ? select.bytes(0) : BytesView();
  ledger::Tile tile{level, index, {}};
  for (std::size_t at = 0; at + sizeof(crypto::Digest) <= stored.size();
       at += sizeof(crypto::Digest)) {
    auto& hash = tile.hashes.emplace_back();
    std::copy_n(stored.begin() + static_cast<std::ptrdiff_t>(at), sizeof(crypto::Digest),
                hash.bytes.begin());
  }
  const bool whole = !stored.empty() && stored.size() % sizeof(crypto::Digest) == 0;
  select.reset();
  if (!whole)
    return fail(
        ErrorCode::corrupt,
        fmt::format("tile {} of level {} of the Merkle tree is missing or damaged", index, level),
        "run `sigilo verify`, and restore a backup");
  return tile;
}

}  // namespace sigilo::vault
