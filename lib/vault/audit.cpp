// SPDX-License-Identifier: Apache-2.0
#include "vault/audit.hpp"

#include <fmt/format.h>

#include "base/check.hpp"
#include "message/body.hpp"
#include "vault/database.hpp"
#include "vault/delivery.hpp"
#include "vault/files.hpp"
#include "vault/rows.hpp"
#include "vault/schema.hpp"

namespace sigilo::vault {
namespace {

constexpr std::size_t max_file_problems = 100;

template <class Row>
using Visit = std::function<bool(Row&&)>;

// Each row of `select`, made by `make`, until there are no more or the visitor has enough.
template <class Row, class Make>
Result<> each(Statement& select, const Visit<Row>& visit, const Make& make) {
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found || !visit(make(select))) return {};
  }
}

RawRecord record_of(const Statement& row) {
  return {.seq = row.integer(0),
          .time = row.maybe_integer(1),
          .kind = row.maybe_text(2),
          .epoch = row.maybe_integer(3),
          .root = row.maybe_bytes(4),
          .commitment = row.maybe_bytes(5),
          .signature = row.maybe_bytes(6),
          .salt = row.maybe_bytes(7),
          .body = row.maybe_text(8)};
}

Result<RawVault> read_vault(Database& database) {
  SIGILO_TRY(auto select, database.prepare("SELECT uuid, created, fingerprint FROM vault"));
  RawVault vault;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) break;
    if (++vault.rows > 1)
      return RawVault{.rows = vault.rows, .uuid = {}, .created = {}, .fingerprint = {}};
    vault.uuid = select.maybe_text(0);
    vault.created = select.maybe_integer(1);
    vault.fingerprint = select.maybe_bytes(2);
  }
  return vault;
}

}  // namespace

std::string_view to_string(EventTable table) {
  switch (table) {
    case EventTable::content:
      return "event_content";
    case EventTable::conversation:
      return "event_conversation";
    case EventTable::id:
      return "event_id";
  }
  SIGILO_CHECK(false, "not a table of events");
}

namespace {

/// Whether row `key` of a table repeats its row of event.
std::string repeats(EventTable table) {
  switch (table) {
    case EventTable::content:
      return "event.sent IS key.sent AND event.content IS key.content";
    case EventTable::conversation:
      return fmt::format("event.conversation IS key.conversation AND key.block IS key.seq >> {}",
                         block_bits);
    case EventTable::id:
      return fmt::format(
          "key.id <> 0 AND (event.id IS key.id OR event.about IS key.id)"
          " AND key.block IS key.seq >> {}",
          id_block_bits);
  }
  SIGILO_CHECK(false, "not a table of events");
}

/// Whether the table lacks a row that the row of event gives.
std::string is_lacking(EventTable table) {
  switch (table) {
    case EventTable::content:
      return "(SELECT seq FROM event_content AS key WHERE key.sent = event.sent"
             " AND key.content = event.content) IS NOT event.seq";
    case EventTable::conversation:
      return fmt::format(
          "NOT EXISTS (SELECT 1 FROM event_conversation AS key WHERE key.block = event.seq >> {}"
          " AND key.conversation = event.conversation AND key.seq = event.seq)",
          block_bits);
    case EventTable::id: {
      const std::string one = fmt::format(
          "NOT EXISTS (SELECT 1 FROM event_id AS key WHERE key.block = event.seq >> {}"
          " AND key.seq = event.seq AND key.id = ",
          id_block_bits);
      return fmt::format("(id <> 0 AND {0}event.id) OR about <> 0 AND {0}event.about))", one);
    }
  }
  SIGILO_CHECK(false, "not a table of events");
}

}  // namespace

struct AuditReader::Impl {
  Database database;
  Snapshot snapshot;
  RawVault vault;
  std::string uuid;
  Statement tiles;
};

AuditReader::AuditReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AuditReader::AuditReader(AuditReader&&) noexcept = default;
AuditReader& AuditReader::operator=(AuditReader&&) noexcept = default;

AuditReader::~AuditReader() = default;

Result<AuditReader> AuditReader::open(const std::filesystem::path& directory,
                                      const crypto::SecretBytes& key) {
  SIGILO_TRY(auto opened, Database::open(database_file(directory), key, Access::read));
  SIGILO_TRY_DO(check_schema(opened));
  auto impl = std::unique_ptr<Impl>(new Impl{std::move(opened), {}, {}, {}, {}});
  SIGILO_TRY(impl->snapshot, Snapshot::begin(impl->database));
  SIGILO_TRY(impl->vault, read_vault(impl->database));
  impl->uuid = impl->vault.uuid.value_or("");
  SIGILO_TRY(impl->tiles, impl->database.prepare(select_tile));
  return AuditReader(std::move(impl));
}

const RawVault& AuditReader::vault() const {
  return impl_->vault;
}

const std::string& AuditReader::uuid() const {
  return impl_->uuid;
}

Result<std::uint64_t> AuditReader::record_count() {
  SIGILO_TRY(const auto count, impl_->database.integer("SELECT count(*) FROM record"));
  return static_cast<std::uint64_t>(count);
}

Result<std::int64_t> AuditReader::last_seq() {
  return impl_->database.integer("SELECT coalesce(max(seq), -1) FROM record");
}

Result<> AuditReader::each_record(std::int64_t first, const Visit<RawRecord>& visit) {
  SIGILO_TRY(
      auto select,
      impl_->database.prepare(
          "SELECT seq, time, kind, epoch, root, commitment, signature, salt, body FROM record"
          " WHERE seq >= ? ORDER BY seq"));
  select.bind(1, first);
  return each<RawRecord>(select, visit, record_of);
}

Result<> AuditReader::each_event(const Visit<RawEvent>& visit) {
  SIGILO_TRY(auto select, impl_->database.prepare(
                              "SELECT seq, sent, content, line, party, delivery, event.id, about,"
                              " conversation.first"
                              " FROM event"
                              " LEFT JOIN conversation ON conversation.id = event.conversation"
                              " ORDER BY seq"));
  return each<RawEvent>(select, visit, [](const Statement& row) {
    return RawEvent{row.integer(0),       row.maybe_integer(1), row.maybe_bytes(2),
                    row.maybe_text(3),    row.maybe_text(4),    row.maybe_integer(5),
                    row.maybe_integer(6), row.maybe_integer(7), row.maybe_integer(8)};
  });
}

namespace {

constexpr std::string_view delivery_columns =
    "SELECT id, digest, rest, signature, source, received, partial FROM delivery";

Result<RawDelivery> delivery_of(const Statement& row, Statement& bodies) {
  RawDelivery delivery;
  delivery.id = row.integer(0);
  SIGILO_TRY(auto pieces, pieces_of(bodies, delivery.id));
  delivery.digest = row.maybe_bytes(1);
  if (auto rest = row.maybe_bytes(2)) delivery.raw = with_slices(*rest, std::move(pieces.pieces));
  delivery.signature = row.maybe_text(3);
  delivery.source = row.maybe_text(4);
  delivery.received = row.maybe_integer(5);
  delivery.partial = row.integer(6) != 0 || pieces.erased;
  return delivery;
}

}  // namespace

Result<> AuditReader::each_delivery(const Visit<RawDelivery>& visit) {
  SIGILO_TRY(auto select, impl_->database.prepare(fmt::format("{} ORDER BY id", delivery_columns)));
  SIGILO_TRY(auto bodies, impl_->database.prepare(select_pieces));
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return {};
    SIGILO_TRY(auto row, delivery_of(select, bodies));
    if (!visit(std::move(row))) return {};
  }
}

Result<std::optional<RawDelivery>> AuditReader::delivery(std::int64_t id) {
  SIGILO_TRY(auto select,
             impl_->database.prepare(fmt::format("{} WHERE id = ?", delivery_columns)));
  SIGILO_TRY(const bool found, select.bind(1, id).step());
  if (!found) return std::nullopt;
  SIGILO_TRY(auto bodies, impl_->database.prepare(select_pieces));
  return delivery_of(select, bodies);
}

Result<> AuditReader::each_alert(const Visit<RawAlert>& visit) {
  SIGILO_TRY(
      auto select,
      impl_->database.prepare(
          "SELECT id, message, category, severity, rule, team, state FROM alert ORDER BY id"));
  return each<RawAlert>(select, visit, [](const Statement& row) {
    return RawAlert{row.integer(0),    row.maybe_integer(1), row.maybe_text(2), row.maybe_text(3),
                    row.maybe_text(4), row.maybe_text(5),    row.maybe_text(6)};
  });
}

Result<> AuditReader::each_checkpoint(const Visit<RawCheckpoint>& visit) {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT seq, size, note FROM checkpoint ORDER BY seq"));
  return each<RawCheckpoint>(select, visit, [](const Statement& row) {
    return RawCheckpoint{row.integer(0), row.maybe_integer(1), row.maybe_text(2)};
  });
}

Result<> AuditReader::each_epoch(const Visit<RawEpoch>& visit) {
  SIGILO_TRY(auto select, impl_->database.prepare(
                              "SELECT number, public_key, first FROM epoch ORDER BY number"));
  return each<RawEpoch>(select, visit, [](const Statement& row) {
    return RawEpoch{row.integer(0), row.maybe_bytes(1), row.maybe_integer(2)};
  });
}

Result<std::optional<std::int64_t>> AuditReader::indexed() {
  SIGILO_TRY(auto select, impl_->database.prepare("SELECT count(*), max(upto) FROM event_indexed"));
  SIGILO_TRY_DO(select.step());
  return select.integer(0) == 1 ? select.maybe_integer(1) : std::nullopt;
}

Result<> AuditReader::each_event_key(EventTable table, const Visit<RawEventKey>& visit) {
  SIGILO_TRY(auto select, impl_->database.prepare(fmt::format(
                              "SELECT key.seq, event.seq IS NOT NULL AND {} AND key.seq <"
                              " (SELECT max(upto) FROM event_indexed)"
                              " FROM {} AS key LEFT JOIN event ON event.seq = key.seq",
                              repeats(table), to_string(table))));
  return each<RawEventKey>(select, visit, [](const Statement& row) {
    return RawEventKey{row.integer(0), row.integer(1) == 1};
  });
}

Result<std::uint64_t> AuditReader::keys_before(EventTable table, std::int64_t end) {
  const bool by_id = table == EventTable::id;
  SIGILO_TRY(auto select, impl_->database.prepare(fmt::format(
                              "SELECT {} FROM event WHERE seq < ?",
                              by_id ? "coalesce(sum((id <> 0) + (about <> 0 AND about <> id)), 0)"
                                    : "count(*)")));
  SIGILO_TRY_DO(select.bind(1, end).step());
  return static_cast<std::uint64_t>(select.integer(0));
}

Result<> AuditReader::each_event_without_key(EventTable table, std::int64_t end,
                                             const Visit<std::int64_t>& visit) {
  SIGILO_TRY(auto select, impl_->database.prepare(fmt::format(
                              "SELECT event.seq FROM event JOIN record ON record.seq = event.seq"
                              " WHERE event.seq < ?1 AND ({}) AND record.kind IN"
                              " ('message', 'edit', 'revoke', 'status', 'line', 'unrecognised')"
                              " ORDER BY event.seq",
                              is_lacking(table))));
  select.bind(1, end);
  return each<std::int64_t>(select, visit, [](const Statement& row) { return row.integer(0); });
}

Result<> AuditReader::each_identity(const Visit<RawIdentity>& visit) {
  SIGILO_TRY(auto select, impl_->database.prepare("SELECT name, other, seq FROM identity"));
  return each<RawIdentity>(select, visit, [](const Statement& row) {
    return RawIdentity{row.maybe_text(0), row.maybe_text(1), row.integer(2)};
  });
}

Result<> AuditReader::each_reread(const Visit<RawReread>& visit) {
  SIGILO_TRY(auto select, impl_->database.prepare("SELECT seq, record FROM reread ORDER BY seq"));
  return each<RawReread>(select, visit, [](const Statement& row) {
    return RawReread{row.integer(0), row.maybe_integer(1)};
  });
}

Result<> AuditReader::each_media(const Visit<RawMedia>& visit) {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT message, state, record, file, sha256, size FROM media"
                                     " LEFT JOIN media_file ON media_file.id = media.file"
                                     " ORDER BY message"));
  return each<RawMedia>(select, visit, [](const Statement& row) {
    return RawMedia{row.integer(0),       row.maybe_text(1),  row.maybe_integer(2),
                    row.maybe_integer(3), row.maybe_bytes(4), row.maybe_integer(5)};
  });
}

Result<> AuditReader::each_media_file(const Visit<RawMediaFile>& visit) {
  SIGILO_TRY(auto select, impl_->database.prepare(
                              "SELECT id, sha256, size, path, key FROM media_file ORDER BY id"));
  return each<RawMediaFile>(select, visit, [](const Statement& row) {
    return RawMediaFile{row.integer(0), row.maybe_bytes(1), row.maybe_integer(2), row.maybe_text(3),
                        crypto::SecretBytes::copy_of(row.bytes(4))};
  });
}

Result<std::optional<RawTile>> AuditReader::tile(int level, std::uint64_t index) {
  auto& select = impl_->tiles.bind(1, tile_id(level, index));
  SIGILO_TRY(const bool found, select.step());
  std::optional<RawTile> tile;
  if (found) tile = RawTile{level, index, select.maybe_bytes(0).value_or("")};
  select.reset();
  return tile;
}

Result<std::uint64_t> AuditReader::tile_count() {
  SIGILO_TRY(const auto count, impl_->database.integer("SELECT count(*) FROM tile"));
  return static_cast<std::uint64_t>(count);
}

Result<std::vector<std::string>> AuditReader::file_problems() {
  std::vector<std::string> problems;
  for (const auto* check : {"PRAGMA cipher_integrity_check", "PRAGMA integrity_check(100)"}) {
    SIGILO_TRY(auto select, impl_->database.prepare(check));
    while (problems.size() < max_file_problems) {
      auto found = select.step();
      if (!found) {
        problems.push_back(found.error().what);
        break;
      }
      if (!*found) break;
      if (select.text(0) != "ok") problems.emplace_back(select.text(0));
    }
  }
  return problems;
}

}  // namespace sigilo::vault
