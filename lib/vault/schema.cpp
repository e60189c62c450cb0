// SPDX-License-Identifier: Apache-2.0
#include "vault/schema.hpp"

#include <array>

#include <fmt/format.h>

#include "vault/vault.hpp"

namespace sigilo::vault {
namespace {

// Only `record` and `delivery` hold what was recorded. Every other table repeats something that a
// signed body says, so that it can be found; verification derives it again and reports a
// difference.
//
// Times: record.time, delivery.received and the outbox in microseconds, event.sent in seconds,
// since 1970 UTC.
constexpr const char* version_1 = R"sql(
-- Which vault this is. One row.
CREATE TABLE vault (
  uuid        TEXT NOT NULL,
  created     INTEGER NOT NULL,
  fingerprint BLOB NOT NULL           -- leaf hash of record 0: all that an auditor must hold
) STRICT;

-- The ledger. Each row is one record of docs/evidence-format.md; its header line is rebuilt from the columns:
--   {"body":hex(commitment),"epoch":epoch,"kind":kind,"root":hex(root),"seq":seq,"time":time as RFC 3339,
--    "type":"sigilo.record.v1","vault":vault.uuid}
CREATE TABLE record (
  seq        INTEGER PRIMARY KEY,     -- 0, 1, 2 ... without gaps
  time       INTEGER NOT NULL,        -- never runs backwards
  kind       TEXT NOT NULL,
  epoch      INTEGER NOT NULL,        -- which key signed
  root       BLOB NOT NULL,           -- Merkle tree hash over records 0 ... seq-1
  commitment BLOB NOT NULL,           -- HMAC-SHA-256, key = salt, over the body
  signature  BLOB NOT NULL,           -- Ed25519 over the header line
  salt       BLOB,                    -- NULL, as the body, after a lawful erasure
  body       TEXT                     -- canonical JSON
) STRICT;

-- Records that are few beside the messages, by kind: found without going through all others.
CREATE INDEX record_few ON record (kind, seq) WHERE kind NOT IN ('message', 'status');

-- One request or page from a provider, as received. `rest` is the delivery without the slices that the bodies of its
-- records hold as "payload": put each back at its "offset" and the bytes hash to `digest`, and the provider's
-- `signature` can be checked again. So nothing is stored twice, and an erased body is nowhere else.
CREATE TABLE delivery (
  id        INTEGER PRIMARY KEY,      -- seq of the first record that came from it
  received  INTEGER NOT NULL,
  source    TEXT NOT NULL,
  digest    BLOB NOT NULL,            -- SHA-256 of the whole delivery
  signature TEXT NOT NULL,            -- X-Hub-Signature-256, '' where the provider gives none
  rest      BLOB NOT NULL,
  partial   INTEGER NOT NULL          -- 1: parts about numbers that are not monitored were blanked (a 0 and spaces)
) STRICT;

-- Line and party that talk with each other.
CREATE TABLE conversation (
  id    INTEGER PRIMARY KEY,
  line  TEXT NOT NULL,
  party TEXT NOT NULL,
  first INTEGER NOT NULL,             -- seq of its first record
  UNIQUE (party, line)
) STRICT;

-- Two names of one party: a number and the id that the provider gives instead of it, or a number and the next one.
-- Each pair stands in both orders.
CREATE TABLE identity (
  name  TEXT NOT NULL,
  other TEXT NOT NULL,
  seq   INTEGER NOT NULL,             -- the first record that says so
  PRIMARY KEY (name, other)
) STRICT, WITHOUT ROWID;

-- Messages, edits, revocations, states, what is said of lines, and what was not recognised.
CREATE TABLE event (
  seq          INTEGER PRIMARY KEY,
  sent         INTEGER NOT NULL,
  content      BLOB NOT NULL,         -- first 16 bytes of the SHA-256 that is equal exactly for repeats
  conversation INTEGER NOT NULL,
  delivery     INTEGER NOT NULL,
  id           INTEGER NOT NULL,      -- first 8 bytes of the SHA-256 of the provider's id; 0: it has none
  about        INTEGER NOT NULL       -- the same of the message that it changes or speaks of
) STRICT;
-- Three ways to find events. New events are in no order here and would touch a page each at every commit, so they are
-- put in by the thousand, sorted: events from `upto` on stand in table event alone.
CREATE TABLE event_indexed (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  upto INTEGER NOT NULL               -- events before this seq are in the three tables
) STRICT;
INSERT INTO event_indexed VALUES (1, 0);
-- De-duplication. A repeat carries the provider's time unchanged, so the key begins with it: new rows go to the end,
-- however large the table is. By the provider's id alone they would go everywhere.
CREATE TABLE event_content (
  sent    INTEGER NOT NULL,
  content BLOB NOT NULL,
  seq     INTEGER NOT NULL,
  PRIMARY KEY (sent, content)
) STRICT, WITHOUT ROWID;
-- A conversation in order, cut into blocks of 8,192 records: writing stays in the newest block, reading asks block by
-- block.
CREATE TABLE event_conversation (
  block        INTEGER NOT NULL,      -- seq >> 13
  conversation INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  PRIMARY KEY (block, conversation, seq)
) STRICT, WITHOUT ROWID;
-- Everything that has a provider's id or speaks of it: a message, its states, edits, revocation, reactions. Ids are in no
-- order at all, so the blocks are of 65,536 records: what is asked for is mostly in the newest.
CREATE TABLE event_id (
  block INTEGER NOT NULL,             -- seq >> 16
  id    INTEGER NOT NULL,             -- event.id, and another row for event.about
  seq   INTEGER NOT NULL,
  PRIMARY KEY (block, id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
  id       INTEGER PRIMARY KEY,       -- seq of its record
  message  INTEGER NOT NULL,          -- seq of the message
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  rule     TEXT NOT NULL,
  team     TEXT NOT NULL,
  state    TEXT NOT NULL              -- open, acknowledged, closed
) STRICT;
CREATE INDEX alert_message ON alert (message);
CREATE INDEX alert_open ON alert (id) WHERE state = 'open';

-- Mails that must be sent: written with the message that causes them, so that none is lost.
CREATE TABLE outbox (
  id         INTEGER PRIMARY KEY,
  message    INTEGER NOT NULL,
  recipient  TEXT NOT NULL,
  team       TEXT NOT NULL,
  language   TEXT NOT NULL,
  message_id TEXT NOT NULL,           -- the same at each attempt, so that a receiver can tell a repeat
  state      TEXT NOT NULL,           -- queued, deferred, sent, failed
  attempts   INTEGER NOT NULL,
  created    INTEGER NOT NULL,
  next       INTEGER NOT NULL,        -- not before
  tried      INTEGER NOT NULL,        -- last attempt, 0: none
  reply      TEXT NOT NULL            -- the relay's last words
) STRICT;
CREATE INDEX outbox_message ON outbox (message);
CREATE INDEX outbox_unsent ON outbox (state, next) WHERE state <> 'sent';

-- Files that messages name. What became of each is a `media` record; the sealed file lies in media/.
CREATE TABLE media (
  message  INTEGER PRIMARY KEY,       -- seq of the message or edit that names it
  state    TEXT NOT NULL,             -- waiting, stored, lost
  attempts INTEGER NOT NULL,
  next     INTEGER NOT NULL,          -- not before
  reply    TEXT NOT NULL,             -- why it could not be fetched the last time
  record   INTEGER,                   -- seq of its media record
  file     INTEGER                    -- id in media_file
) STRICT;
CREATE INDEX media_waiting ON media (next) WHERE state = 'waiting';
CREATE INDEX media_lost ON media (record) WHERE state = 'lost';
CREATE INDEX media_of_file ON media (file) WHERE file IS NOT NULL;
-- A file that several messages name is kept once; erasing one of them leaves it to the others.
CREATE TABLE media_file (
  id     INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL,               -- of the plain bytes
  size   INTEGER NOT NULL,
  path   TEXT NOT NULL,               -- below media/
  key    BLOB NOT NULL                -- 32 bytes: XChaCha20-Poly1305, libsodium secretstream
) STRICT;
CREATE UNIQUE INDEX media_file_sha256 ON media_file (sha256);

-- Unrecognised records that a later version could read.
CREATE TABLE reread (
  seq    INTEGER PRIMARY KEY,         -- of the unrecognised record
  record INTEGER NOT NULL             -- seq of the service record that says so, which stands before what was read
) STRICT;

CREATE TABLE checkpoint (
  seq  INTEGER PRIMARY KEY,           -- of its record
  size INTEGER NOT NULL,              -- records that it covers
  note TEXT NOT NULL                  -- C2SP signed note
) STRICT;

-- Signing keys, as the genesis and key records name them.
CREATE TABLE epoch (
  number     INTEGER PRIMARY KEY,
  public_key BLOB NOT NULL,
  first      INTEGER NOT NULL         -- seq of the genesis or key record
) STRICT;

-- The Merkle tree in tiles of up to 256 hashes (C2SP tlog-tiles): level << 48 | index.
CREATE TABLE tile (
  id     INTEGER PRIMARY KEY,
  hashes BLOB NOT NULL                -- 32 bytes each
) STRICT;

-- For status only.
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE line_state (
  number TEXT PRIMARY KEY,
  last   INTEGER NOT NULL,            -- time of the last record of what passed through it just now; 0: none
  events INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Numbers that deliveries named and that are not monitored: seen, their content not kept. Only the first 1,000.
CREATE TABLE unmonitored (
  number          TEXT PRIMARY KEY,   -- as the provider writes it; its phone_number_id where it names no number
  phone_number_id TEXT NOT NULL,
  first           INTEGER NOT NULL,   -- when it was named for the first and for the last time
  last            INTEGER NOT NULL,
  events          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";
static_assert(block_bits == 13, "event_conversation in the schema says 13 too");
static_assert(id_block_bits == 16, "event_id in the schema says 16 too");

// Step n brings version n to n+1. Steps are only ever added.
constexpr std::array steps{version_1};
static_assert(steps.size() == schema_version);

Result<> run_steps(Database& database, std::size_t from) {
  for (std::size_t step = from; step < steps.size(); ++step)
    SIGILO_TRY_DO(database.execute(steps.at(step)));
  return database.execute(fmt::format("PRAGMA user_version = {}", steps.size()).c_str());
}

}  // namespace

Result<> create_schema(Database& database) {
  SIGILO_TRY_DO(
      database.execute(fmt::format("PRAGMA application_id = {}", application_id).c_str()));
  return run_steps(database, 0);
}

Result<> check_schema(Database& database) {
  SIGILO_TRY(const auto application, database.integer("PRAGMA application_id"));
  if (application != application_id)
    return fail(ErrorCode::not_a_vault, "vault.db is an encrypted database of another program",
                "name the right directory in [vault]");
  SIGILO_TRY(const auto version, database.integer("PRAGMA user_version"));
  if (version > schema_version)
    return fail(
        ErrorCode::newer_version,
        fmt::format("the vault has version {}, written by a later sigilo; this one knows up to {}",
                    version, schema_version),
        "install the later sigilo again");
  return {};
}

Result<> migrate(Database& database) {
  SIGILO_TRY(const auto version, database.integer("PRAGMA user_version"));
  if (version == schema_version) return {};
  SIGILO_TRY_DO(database.execute("BEGIN IMMEDIATE"));
  auto done = run_steps(database, static_cast<std::size_t>(version));
  if (done) done = database.execute("COMMIT");
  if (!done) database.rollback();
  return done;
}

}  // namespace sigilo::vault
