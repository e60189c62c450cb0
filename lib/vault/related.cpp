// SPDX-License-Identifier: Apache-2.0
#include "vault/related.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "vault/event_id.hpp"
#include "vault/schema.hpp"

namespace sigilo::vault {
namespace {

/// States of a sent message, each later than the ones before it, in whatever order they came.
constexpr std::array<std::string_view, 5> progress{"sent", "delivered", "read", "played", "failed"};

std::ptrdiff_t rank(std::string_view state) {
  const auto found = std::ranges::find(progress, state);
  return found == progress.end() ? -1 : found - progress.begin();
}

}  // namespace

Result<Related> Related::prepare(Database& database) {
  Related related;
  SIGILO_TRY(related.indexed_,
             database.integer("SELECT coalesce(max(upto), 0) FROM event_indexed"));
  SIGILO_TRY(related.last_, database.integer("SELECT coalesce(max(seq), -1) FROM record"));
  SIGILO_TRY(related.in_block_,
             database.prepare("SELECT seq FROM event_id WHERE block = ?1 AND id = ?2 AND seq >= ?3"
                              " ORDER BY seq"));
  SIGILO_TRY(related.in_newest_,
             database.prepare("SELECT seq FROM event WHERE seq >= ?1 AND (id = ?2 OR about = ?2)"
                              " ORDER BY seq"));
  SIGILO_TRY(related.record_,
             database.prepare("SELECT time, kind, body FROM record WHERE seq = ?"));
  return related;
}

Result<std::vector<MessageRow>> Related::to(std::string_view provider_id, std::int64_t first) {
  std::vector<std::int64_t> seqs;
  const auto key = id_key(provider_id);
  if (key == 0) return std::vector<MessageRow>{};
  for (auto block = first >> id_block_bits; block <= (indexed_ - 1) >> id_block_bits; ++block)
    SIGILO_TRY_DO(seqs_in_block(block, key, first, seqs));
  SIGILO_TRY_DO(seqs_in_newest(key, first, seqs));
  return load(provider_id, seqs);
}

// Newest first: what is asked for came lately.
Result<bool> Related::has_message(std::string_view provider_id) {
  const auto key = id_key(provider_id);
  if (key == 0) return false;
  const auto is_there = [&](const std::vector<std::int64_t>& seqs) -> Result<bool> {
    SIGILO_TRY(const auto rows, load(provider_id, seqs));
    return std::ranges::any_of(rows, [&](const MessageRow& row) {
      const auto& event = row.stored.event;
      return event.provider_id == provider_id &&
             (event.kind == RecordKind::message || event.kind == RecordKind::edit);
    });
  };
  std::vector<std::int64_t> seqs;
  SIGILO_TRY_DO(seqs_in_newest(key, 0, seqs));
  SIGILO_TRY(bool found, is_there(seqs));
  for (auto block = (indexed_ - 1) >> id_block_bits; !found && block >= 0; --block) {
    seqs.clear();
    SIGILO_TRY_DO(seqs_in_block(block, key, 0, seqs));
    SIGILO_TRY(found, is_there(seqs));
  }
  return found;
}

Result<> Related::mark(MessageRow& row) {
  const auto& event = row.stored.event;
  if (event.kind != RecordKind::message || event.provider_id.empty()) return {};
  // What speaks of a message may come before it, but not by whole blocks.
  const auto here = static_cast<std::int64_t>(row.seq.value());
  const std::int64_t before = std::int64_t{1} << id_block_bits;
  SIGILO_TRY(const auto rows, to(event.provider_id, std::max<std::int64_t>(here - before, 0)));
  for (const auto& other : rows) {
    const auto& said = other.stored.event;
    if (said.kind == RecordKind::edit && said.about == event.provider_id) row.edited = true;
    if (said.kind == RecordKind::revoke && said.about == event.provider_id) row.revoked = true;
    if (said.kind == RecordKind::status && rank(said.type) > rank(row.state)) row.state = said.type;
  }
  return {};
}

Result<> Related::seqs_in_block(std::int64_t block, std::int64_t key, std::int64_t first,
                                std::vector<std::int64_t>& seqs) {
  in_block_.bind(1, block).bind(2, key).bind(3, first);
  for (;;) {
    SIGILO_TRY(const bool found, in_block_.step());
    if (!found) break;
    seqs.push_back(in_block_.integer(0));
  }
  in_block_.reset();
  return {};
}

Result<> Related::seqs_in_newest(std::int64_t key, std::int64_t first,
                                 std::vector<std::int64_t>& seqs) {
  in_newest_.bind(1, std::max(first, indexed_)).bind(2, key);
  for (;;) {
    SIGILO_TRY(const bool found, in_newest_.step());
    if (!found) break;
    seqs.push_back(in_newest_.integer(0));
  }
  in_newest_.reset();
  return {};
}

Result<std::vector<MessageRow>> Related::load(std::string_view provider_id,
                                              const std::vector<std::int64_t>& seqs) {
  std::vector<MessageRow> rows;
  for (const auto seq : seqs) {
    SIGILO_TRY(const bool found, record_.bind(1, seq).step());
    const auto kind = found ? parse_record_kind(record_.text(1)) : std::nullopt;
    // An erased body says nothing any more; damage is for `verify` to find.
    if (kind && message::holds_event(*kind) && record_.maybe_text(2)) {
      auto stored = message::read_body(*kind, record_.text(2));
      if (stored &&
          (stored->event.provider_id == provider_id || stored->event.about == provider_id))
        rows.push_back({Seq(static_cast<std::uint64_t>(seq)),
                        Timestamp::from_micros(record_.integer(0)), std::move(*stored)});
    }
    record_.reset();
  }
  return rows;
}

}  // namespace sigilo::vault
