// SPDX-License-Identifier: Apache-2.0
#include "vault/audit.hpp"

#include <fmt/format.h>

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
  return table == EventTable::content ? "event_content" : "event_conversation";
}

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
                              "SELECT seq, sent, content, line, party, delivery FROM event"
                              " LEFT JOIN conversation ON conversation.id = event.conversation"
                              " ORDER BY seq"));
  return each<RawEvent>(select, visit, [](const Statement& row) {
    return RawEvent{row.integer(0),    row.maybe_integer(1), row.maybe_bytes(2),
                    row.maybe_text(3), row.maybe_text(4),    row.maybe_integer(5)};
  });
}

Result<> AuditReader::each_delivery(const Visit<RawDelivery>& visit) {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT id, digest, rest, signature, source, received, partial"
                                     " FROM delivery ORDER BY id"));
  SIGILO_TRY(auto bodies, impl_->database.prepare(select_pieces));
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return {};
    RawDelivery row;
    row.id = select.integer(0);
    SIGILO_TRY(auto pieces, pieces_of(bodies, row.id));
    row.digest = select.maybe_bytes(1);
    if (auto rest = select.maybe_bytes(2)) row.raw = with_slices(*rest, std::move(pieces.pieces));
    row.signature = select.maybe_text(3);
    row.source = select.maybe_text(4);
    row.received = select.maybe_integer(5);
    row.partial = select.integer(6) != 0 || pieces.erased;
    if (!visit(std::move(row))) return {};
  }
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
  const std::string same = table == EventTable::content
                               ? "event.sent IS key.sent AND event.content IS key.content"
                               : fmt::format(
                                     "event.conversation IS key.conversation"
                                     " AND key.block IS key.seq >> {}",
                                     block_bits);
  SIGILO_TRY(auto select, impl_->database.prepare(fmt::format(
                              "SELECT key.seq, event.seq IS NOT NULL AND {} AND key.seq <"
                              " (SELECT max(upto) FROM event_indexed)"
                              " FROM {} AS key LEFT JOIN event ON event.seq = key.seq",
                              same, to_string(table))));
  return each<RawEventKey>(select, visit, [](const Statement& row) {
    return RawEventKey{row.integer(0), row.integer(1) == 1};
  });
}

Result<std::uint64_t> AuditReader::events_before(std::int64_t end) {
  SIGILO_TRY(auto select, impl_->database.prepare("SELECT count(*) FROM event WHERE seq < ?"));
  SIGILO_TRY_DO(select.bind(1, end).step());
  return static_cast<std::uint64_t>(select.integer(0));
}

Result<> AuditReader::each_event_without_key(EventTable table, std::int64_t end,
                                             const Visit<std::int64_t>& visit) {
  const std::string key =
      table == EventTable::content
          ? "key.sent = event.sent AND key.content = event.content"
          : fmt::format(
                "key.block = event.seq >> {} AND key.conversation = event.conversation"
                " AND key.seq = event.seq",
                block_bits);
  SIGILO_TRY(auto select,
             impl_->database.prepare(fmt::format(
                 "SELECT event.seq FROM event JOIN record ON record.seq = event.seq"
                 " LEFT JOIN {} AS key ON {} WHERE event.seq < ?1 AND key.seq IS NOT event.seq"
                 " AND record.kind IN ('message', 'status', 'unrecognised') ORDER BY event.seq",
                 to_string(table), key)));
  select.bind(1, end);
  return each<std::int64_t>(select, visit, [](const Statement& row) { return row.integer(0); });
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
