// SPDX-License-Identifier: Apache-2.0
#include "vault/related.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "json/parse.hpp"
#include "vault/event_id.hpp"
#include "vault/schema.hpp"

namespace sigilo::vault {
namespace {

/// States of a sent message, each later than the ones before it, in whatever order they came.
constexpr std::array<std::string_view, 5> progress{"sent", "delivered", "read", "played", "failed"};

/// With more messages than this a walk through a block of 65,536 records is quicker than a search
/// for each.
constexpr std::size_t walk_from = 8'192;

std::ptrdiff_t rank(std::string_view state) {
  const auto found = std::ranges::find(progress, state);
  return found == progress.end() ? -1 : found - progress.begin();
}

/// Kinds that say what became of a message.
bool marks(RecordKind kind) {
  return kind == RecordKind::edit || kind == RecordKind::revoke || kind == RecordKind::status;
}

/// What one event says of a message, out of its body.
void mark_one(MessageRow& row, RecordKind kind, const json::Object& said) {
  const auto& event = row.stored.event;
  if (json::text_at(said, "line").value_or("") != event.line.value()) return;
  if (kind == RecordKind::status) {
    const auto state = json::text_at(said, "type").value_or("");
    if (json::text_at(said, "provider_id") == event.provider_id && rank(state) > rank(row.state))
      row.state = state;
  } else if (json::text_at(said, "about") == event.provider_id) {
    (kind == RecordKind::edit ? row.edited : row.revoked) = true;
  }
}

/// A state is about a message and none itself; what was not understood of one may be.
bool is_origin(const message::Event& event) {
  return event.kind != RecordKind::status &&
         !(event.kind == RecordKind::unrecognised && event.type.starts_with("statuses"));
}

}  // namespace

Result<Related> Related::prepare(Database& database) {
  Related related;
  SIGILO_TRY(related.indexed_,
             database.integer("SELECT coalesce(max(upto), 0) FROM event_indexed"));
  SIGILO_TRY(
      related.in_block_,
      database.prepare("SELECT seq FROM event_id WHERE block = ?1 AND id = ?2 ORDER BY seq"));
  SIGILO_TRY(related.all_of_block_,
             database.prepare("SELECT id, seq FROM event_id WHERE block = ? ORDER BY id, seq"));
  SIGILO_TRY(related.record_,
             database.prepare("SELECT kind, body, time FROM record WHERE seq = ?"));
  SIGILO_TRY(auto newest, database.prepare("SELECT seq, id, about FROM event WHERE seq >= ?"));
  newest.bind(1, related.indexed_);
  for (;;) {
    SIGILO_TRY(const bool found, newest.step());
    if (!found) return related;
    const auto id = newest.integer(1);
    const auto about = newest.integer(2);
    if (id != 0) related.newest_.emplace(id, newest.integer(0));
    if (about != 0 && about != id) related.newest_.emplace(about, newest.integer(0));
  }
}

Result<std::vector<MessageRow>> Related::to(std::string_view provider_id) {
  const auto key = id_key(provider_id);
  if (key == 0) return std::vector<MessageRow>{};
  Seqs seqs;
  for (std::int64_t block = 0; block <= last_block(); ++block)
    SIGILO_TRY_DO(seqs_in_block(block, key, seqs));
  seqs_in_newest(key, seqs);
  return load(provider_id, seqs);
}

// What is spoken of came mostly shortly before: the block of who speaks, then the earlier ones,
// then the later ones.
Result<std::optional<Seq>> Related::origin_of(std::string_view provider_id, Seq near) {
  const auto key = id_key(provider_id);
  if (key == 0) return std::nullopt;
  const auto here = static_cast<std::int64_t>(near.value()) >> id_block_bits;
  std::vector<std::int64_t> order;
  for (auto block = std::min(here, last_block()); block >= 0; --block) order.push_back(block);
  for (auto block = here + 1; block <= last_block(); ++block) order.push_back(block);
  Seqs seqs;
  seqs_in_newest(key, seqs);
  SIGILO_TRY(auto found, origin_in(provider_id, seqs));
  for (const auto block : order) {
    if (found) break;
    seqs.clear();
    SIGILO_TRY_DO(seqs_in_block(block, key, seqs));
    SIGILO_TRY(found, origin_in(provider_id, seqs));
  }
  return found;
}

Result<> Related::mark(std::span<MessageRow> rows) {
  Wanted wanted;
  for (auto& row : rows) {
    const auto& event = row.stored.event;
    const auto key = event.kind == RecordKind::message ? id_key(event.provider_id) : 0;
    if (key != 0) wanted.emplace(key, &row);
  }
  // In the order of the table, so that each of its pages is read once.
  std::vector<std::int64_t> keys;
  for (const auto& [key, row] : wanted) keys.push_back(key);
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.empty()) return {};
  for (std::int64_t block = 0; block <= last_block(); ++block)
    SIGILO_TRY_DO(keys.size() < walk_from ? mark_by_search(block, keys, wanted)
                                          : mark_by_walk(block, wanted));
  for (const auto key : keys) {
    Seqs seqs;
    seqs_in_newest(key, seqs);
    for (const auto seq : seqs) SIGILO_TRY_DO(mark_with(key, seq, wanted));
  }
  return {};
}

std::int64_t Related::last_block() const {
  return (indexed_ - 1) >> id_block_bits;  // -1 where nothing is indexed
}

Result<> Related::mark_by_search(std::int64_t block, const std::vector<std::int64_t>& keys,
                                 const Wanted& wanted) {
  Seqs seqs;
  for (const auto key : keys) {
    seqs.clear();
    SIGILO_TRY_DO(seqs_in_block(block, key, seqs));
    for (const auto seq : seqs) SIGILO_TRY_DO(mark_with(key, seq, wanted));
  }
  return {};
}

Result<> Related::mark_by_walk(std::int64_t block, const Wanted& wanted) {
  all_of_block_.bind(1, block);
  for (;;) {
    SIGILO_TRY(const bool found, all_of_block_.step());
    if (!found) break;
    ++steps_;
    const auto key = all_of_block_.integer(0);
    if (wanted.contains(key)) SIGILO_TRY_DO(mark_with(key, all_of_block_.integer(1), wanted));
  }
  all_of_block_.reset();
  return {};
}

Result<> Related::mark_with(std::int64_t key, std::int64_t seq, const Wanted& wanted) {
  const auto [first, last] = wanted.equal_range(key);
  // A message itself, found by its own id.
  if (std::any_of(first, last,
                  [&](const auto& one) { return std::cmp_equal(one.second->seq.value(), seq); }))
    return {};
  SIGILO_TRY(const bool found, record_.bind(1, seq).step());
  ++steps_;
  const auto kind = found ? parse_record_kind(record_.text(0)) : std::nullopt;
  if (kind && marks(*kind)) {
    // An erased body says nothing any more; damage is for `verify` to find.
    const auto body = json::parse(record_.text(1));
    if (const auto* object = body ? body->if_object() : nullptr)
      for (auto one = first; one != last; ++one) mark_one(*one->second, *kind, *object);
  }
  record_.reset();
  return {};
}

Result<> Related::seqs_in_block(std::int64_t block, std::int64_t key, Seqs& seqs) {
  in_block_.bind(1, block).bind(2, key);
  for (;;) {
    ++steps_;
    SIGILO_TRY(const bool found, in_block_.step());
    if (!found) break;
    seqs.push_back(in_block_.integer(0));
  }
  in_block_.reset();
  return {};
}

void Related::seqs_in_newest(std::int64_t key, Seqs& seqs) const {
  const auto before = static_cast<std::ptrdiff_t>(seqs.size());
  const auto [first, last] = newest_.equal_range(key);
  for (auto one = first; one != last; ++one) seqs.push_back(one->second);
  std::sort(seqs.begin() + before, seqs.end());
}

Result<std::vector<MessageRow>> Related::load(std::string_view provider_id, const Seqs& seqs) {
  std::vector<MessageRow> rows;
  for (const auto seq : seqs) {
    SIGILO_TRY(const bool found, record_.bind(1, seq).step());
    ++steps_;
    const auto kind = found ? parse_record_kind(record_.text(0)) : std::nullopt;
    if (kind && message::holds_event(*kind) && record_.maybe_text(1)) {
      auto stored = message::read_body(*kind, record_.text(1));
      // Another id may have the same key.
      if (stored &&
          (stored->event.provider_id == provider_id || stored->event.about == provider_id))
        rows.push_back({Seq(static_cast<std::uint64_t>(seq)),
                        Timestamp::from_micros(record_.integer(2)), std::move(*stored)});
    }
    record_.reset();
  }
  return rows;
}

Result<std::optional<Seq>> Related::origin_in(std::string_view provider_id, const Seqs& seqs) {
  SIGILO_TRY(const auto rows, load(provider_id, seqs));
  const auto found = std::ranges::find_if(rows, [&](const MessageRow& row) {
    return row.stored.event.provider_id == provider_id && is_origin(row.stored.event);
  });
  return found == rows.end() ? std::nullopt : std::optional(found->seq);
}

}  // namespace sigilo::vault
