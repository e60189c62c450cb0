// SPDX-License-Identifier: Apache-2.0
// One transaction of the writer: what it changes in memory goes back with it.
#include <fmt/format.h>

#include "base/check.hpp"
#include "ledger/record.hpp"
#include "vault/bodies.hpp"
#include "vault/impl.hpp"
#include "vault/rows.hpp"
#include "vault/schema.hpp"

namespace sigilo::vault {

const std::int64_t* SeenRows::find(std::string_view key) const {
  const auto found = ids_.find(key);
  return found == ids_.end() ? nullptr : &found->second;
}

void SeenRows::put(std::string key, std::int64_t id) {
  if (ids_.size() >= max_entries) {
    ids_.clear();
    fresh_.clear();
  }
  fresh_.push_back(key);
  ids_.insert_or_assign(std::move(key), id);
}

void SeenRows::undo() {
  for (const auto& key : fresh_) ids_.erase(key);
  fresh_.clear();
}

Result<WriterStatements> WriterStatements::prepare(Database& database) {
  WriterStatements sql;
  const std::string index_conversations = fmt::format(
      "INSERT OR IGNORE INTO event_conversation SELECT seq >> {}, conversation, seq FROM event"
      " WHERE seq >= (SELECT upto FROM event_indexed) ORDER BY 1, 2, 3",
      block_bits);
  const std::string index_ids = fmt::format(
      "INSERT OR IGNORE INTO event_id SELECT seq >> {0}, id, seq FROM event"
      " WHERE seq >= (SELECT upto FROM event_indexed) AND id <> 0"
      " UNION SELECT seq >> {0}, about, seq FROM event"
      " WHERE seq >= (SELECT upto FROM event_indexed) AND about <> 0 ORDER BY 1, 2, 3",
      id_block_bits);
  struct {
    Statement& statement;
    std::string_view text;
  } const all[] = {
      {sql.begin, "BEGIN IMMEDIATE"},
      {sql.commit, "COMMIT"},
      {sql.find_content, "SELECT seq FROM event_content WHERE sent = ? AND content = ?"},
      {sql.find_told,
       "SELECT event.seq FROM event_id AS key JOIN event ON event.seq = key.seq"
       " WHERE key.block = ?1 AND key.id = ?2 AND event.id = ?2 AND event.content = ?3"},
      {sql.last_indexed, "SELECT coalesce(max(upto), 0) - 1 FROM event_indexed"},
      {sql.find_conversation, "SELECT id FROM conversation WHERE party = ? AND line = ?"},
      {sql.find_outbox,
       "SELECT message, recipient, message_id, state, attempts FROM outbox WHERE id = ?"},
      {sql.alerts_of, "SELECT id FROM alert WHERE message = ? ORDER BY id"},
      {sql.add_record, insert_record},
      {sql.add_event,
       "INSERT INTO event (seq, sent, content, conversation, delivery, id, about)"
       " VALUES (?, ?, ?, ?, ?, ?, ?)"},
      {sql.add_delivery,
       "INSERT INTO delivery (id, received, source, digest, signature, rest, partial) VALUES (?, "
       "?, ?, ?, ?, ?, ?)"},
      {sql.add_conversation,
       "INSERT INTO conversation (line, party, first) VALUES (?, ?, ?) RETURNING id"},
      {sql.body_of, "SELECT kind, body FROM record WHERE seq = ?"},
      {sql.add_identity, "INSERT OR IGNORE INTO identity (name, other, seq) VALUES (?, ?, ?)"},
      {sql.add_media,
       "INSERT INTO media (message, state, attempts, next, reply) VALUES (?, 'waiting', 0, ?, '')"},
      {sql.add_reread, "INSERT INTO reread (seq, record) VALUES (?, ?)"},
      {sql.media_state, "SELECT state FROM media WHERE message = ?"},
      {sql.change_media,
       "UPDATE media SET state = ?2, next = ?3, reply = ?4, record = ?5, file = ?6,"
       " attempts = attempts + 1 WHERE message = ?1"},
      {sql.find_media_file, "SELECT id FROM media_file WHERE sha256 = ?"},
      {sql.add_media_file,
       "INSERT INTO media_file (sha256, size, path, key) VALUES (?, ?, ?, ?) RETURNING id"},
      {sql.add_alert,
       "INSERT INTO alert (id, message, category, severity, rule, team, state) VALUES (?, ?, ?, ?, "
       "?, ?, 'open')"},
      {sql.add_outbox,
       "INSERT INTO outbox (message, recipient, team, language, message_id, created, next, state, "
       "attempts, tried, reply)"
       " VALUES (?, ?, ?, ?, ?, ?6, ?6, 'queued', 0, 0, '')"},
      {sql.add_checkpoint, "INSERT INTO checkpoint (seq, size, note) VALUES (?, ?, ?)"},
      {sql.add_epoch, insert_epoch},
      {sql.put_tile, upsert_tile},
      {sql.add_to_counter,
       "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + "
       "excluded.value"},
      {sql.put_line,
       "INSERT INTO line_state (number, last, events) VALUES (?, ?, ?)"
       " ON CONFLICT DO UPDATE SET last = max(last, excluded.last), events = events + "
       "excluded.events"},
      {sql.put_unmonitored,
       "INSERT INTO unmonitored SELECT ?1, ?2, ?3, ?4, ?5"
       " WHERE (SELECT count(*) FROM unmonitored) < ?6"
       " OR EXISTS (SELECT 1 FROM unmonitored WHERE number = ?1)"
       " ON CONFLICT DO UPDATE SET last = max(last, excluded.last),"
       " events = events + excluded.events, phone_number_id = CASE excluded.phone_number_id"
       " WHEN '' THEN phone_number_id ELSE excluded.phone_number_id END"},
      {sql.change_outbox,
       "UPDATE outbox SET state = ?2, next = ?3, tried = ?4, reply = ?5, attempts = attempts + 1"
       " WHERE id = ?1"},
      // OR IGNORE: a table that somebody altered must not stop the taking in; verification reports
      // it.
      {sql.index_contents,
       "INSERT OR IGNORE INTO event_content SELECT sent, content, seq FROM event"
       " WHERE seq >= (SELECT upto FROM event_indexed) ORDER BY sent, content"},
      {sql.index_conversations, index_conversations},
      {sql.index_ids, index_ids},
      {sql.put_indexed, "INSERT OR REPLACE INTO event_indexed (id, upto) VALUES (1, ?)"},
  };
  for (const auto& [statement, text] : all) {
    SIGILO_TRY(statement, database.prepare(text));
  }
  return sql;
}

Result<> Vault::Impl::begin() {
  SIGILO_CHECK(!undo, "one transaction at a time");
  SIGILO_TRY_DO(sql.begin.run());
  undo = Undo{sealer.state(), tiles, clock_is_behind};
  return {};
}

Result<> Vault::Impl::commit() {
  SIGILO_CHECK(undo.has_value(), "no transaction to commit");
  const bool index = newest.size() >= NewestEvents::limit;
  auto done = flush();
  if (done && index) done = index_newest();
  if (done) done = sql.commit.run();
  if (!done) {
    rollback();
    return done;
  }
  undo.reset();
  conversations.keep();
  identities.keep();
  if (index)
    newest.clear();
  else
    newest.keep();
  return {};
}

void Vault::Impl::rollback() {
  SIGILO_CHECK(undo.has_value(), "no transaction to undo");
  database.rollback();
  sealer.restore(std::move(undo->sealer));
  tiles = std::move(undo->tiles);
  clock_is_behind = undo->clock_is_behind;
  conversations.undo();
  identities.undo();
  newest.undo();
  tally = {};
  undo.reset();
}

Result<> Vault::Impl::flush() {
  for (const auto& tile : tiles.take_changed()) SIGILO_TRY_DO(store_tile(sql.put_tile, tile));
  for (const auto& [name, count] : tally.counters)
    SIGILO_TRY_DO(sql.add_to_counter.bind(1, std::string_view(name))
                      .bind(2, static_cast<std::int64_t>(count))
                      .run());
  for (const auto& [number, line] : tally.lines)
    SIGILO_TRY_DO(sql.put_line.bind(1, std::string_view(number))
                      .bind(2, line.last.micros())
                      .bind(3, static_cast<std::int64_t>(line.events))
                      .run());
  for (const auto& [number, line] : tally.unmonitored)
    SIGILO_TRY_DO(sql.put_unmonitored.bind(1, std::string_view(number))
                      .bind(2, std::string_view(line.phone_number_id))
                      .bind(3, line.first.micros())
                      .bind(4, line.last.micros())
                      .bind(5, static_cast<std::int64_t>(line.events))
                      .bind(6, static_cast<std::int64_t>(max_unmonitored))
                      .run());
  tally = {};
  return {};
}

// Sorted, so that a page is touched once for many rows.
Result<> Vault::Impl::index_newest() {
  SIGILO_TRY_DO(sql.index_contents.run());
  SIGILO_TRY_DO(sql.index_conversations.run());
  SIGILO_TRY_DO(sql.index_ids.run());
  return sql.put_indexed.bind(1, static_cast<std::int64_t>(sealer.next().value())).run();
}

Result<Seq> Vault::Impl::append(RecordKind kind, std::string body) {
  SIGILO_TRY_DO(note_clock());
  return store_record(sealer.seal(kind, std::move(body)));
}

Result<Seq> Vault::Impl::append(RecordKind kind, std::string body, const ledger::Commitment& made) {
  SIGILO_TRY_DO(note_clock());
  return store_record(sealer.seal(kind, std::move(body), made));
}

Result<> Vault::Impl::note_clock() {
  const Duration behind = sealer.clock_behind();
  if (behind == Duration::zero()) {
    clock_is_behind = false;
    return {};
  }
  if (clock_is_behind) return {};
  clock_is_behind = true;
  return store_record(sealer.seal(RecordKind::clock, clock_body(clock.now(), behind))).map([](Seq) {
  });
}

Result<Seq> Vault::Impl::store_record(const ledger::Record& record) {
  tiles.append(record.leaf);
  SIGILO_TRY_DO(bind_record(sql.add_record, record).run());
  return record.header.seq;
}

}  // namespace sigilo::vault
