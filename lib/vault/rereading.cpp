// SPDX-License-Identifier: Apache-2.0
#include "vault/rereading.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "vault/bodies.hpp"
#include "vault/delivery.hpp"
#include "vault/impl.hpp"
#include "vault/ingestion.hpp"
#include "vault/reader_impl.hpp"

namespace sigilo::vault {
namespace {

/// Unrecognised records after delivery `after`, by the delivery that they came from, of the first
/// `limit` such deliveries.
Result<std::map<std::int64_t, std::vector<UnreadRecord>>> unread_records(Database& database,
                                                                         std::int64_t after,
                                                                         std::size_t limit) {
  SIGILO_TRY(auto select,
             database.prepare("SELECT record.seq, event.delivery, record.body FROM record"
                              " INDEXED BY record_few CROSS JOIN event ON event.seq = record.seq"
                              " WHERE kind NOT IN ('message', 'status') AND kind = 'unrecognised'"
                              " AND record.seq > ?1 AND event.delivery > ?1 AND body IS NOT NULL"
                              " AND record.seq NOT IN (SELECT seq FROM reread)"
                              " ORDER BY record.seq"));
  select.bind(1, after);
  std::map<std::int64_t, std::vector<UnreadRecord>> records;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return records;
    const std::int64_t delivery = select.integer(1);
    if (records.size() == limit && !records.contains(delivery)) return records;
    const auto stored = message::read_body(RecordKind::unrecognised, select.text(2));
    if (!stored) continue;  // damage is for `verify` to find
    records[delivery].push_back({Seq(static_cast<std::uint64_t>(select.integer(0))),
                                 stored->event.offset, stored->event.length});
  }
}

}  // namespace

Result<std::vector<UnreadDelivery>> Reader::unread(std::int64_t after, std::size_t limit) {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  SIGILO_TRY(auto records, unread_records(impl_->database, after, limit));
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT digest, received, source, signature, rest, partial"
                                     " FROM delivery WHERE id = ?"));
  SIGILO_TRY(auto bodies, impl_->database.prepare(select_pieces));
  std::vector<UnreadDelivery> deliveries;
  for (auto& [number, unread] : records) {
    SIGILO_TRY(const bool found, select.bind(1, number).step());
    if (!found) {  // damage, as above
      select.reset();
      continue;
    }
    UnreadDelivery delivery;
    delivery.number = number;
    SIGILO_TRY(delivery.provenance.delivery, crypto::Digest::from(select.bytes(0)));
    delivery.provenance.received = Timestamp::from_micros(select.integer(1));
    delivery.provenance.source = select.text(2);
    delivery.signature = select.text(3);
    SIGILO_TRY(auto pieces, pieces_of(bodies, number));
    // Bytes that were erased can't be put back, and without them nothing stands where it stood.
    if (pieces.erased) {
      select.reset();
      continue;
    }
    delivery.raw = with_slices(as_text(select.bytes(4)), std::move(pieces.pieces));
    delivery.partial = select.integer(5) != 0;
    delivery.records = std::move(unread);
    select.reset();
    deliveries.push_back(std::move(delivery));
  }
  return deliveries;
}

namespace {

/// The delivery that these came from: unrecognised records that were not read yet.
Result<std::int64_t> delivery_of(Database& database, const std::vector<Seq>& read) {
  SIGILO_TRY(
      auto select,
      database.prepare("SELECT event.delivery FROM record JOIN event ON event.seq = record.seq"
                       " WHERE record.seq = ? AND kind = 'unrecognised'"
                       " AND record.seq NOT IN (SELECT seq FROM reread)"));
  std::int64_t delivery = 0;
  for (const Seq seq : read) {
    SIGILO_TRY(const bool found, select.bind(1, static_cast<std::int64_t>(seq.value())).step());
    if (!found)
      return fail(
          ErrorCode::refused,
          fmt::format("record {} is no unrecognised one, or was read again before", seq.value()));
    delivery = select.integer(0);
    select.reset();
  }
  return delivery;
}

}  // namespace

Result<Ingested> WriteTransaction::reread(const Ingest& delivery, const std::vector<Seq>& read,
                                          std::string_view version) {
  if (read.empty()) return Ingested{};
  SIGILO_TRY(const auto number, delivery_of(vault_->database, read));
  // Before what is read: so the second row of the same delivery begins behind a record that says
  // why there is one.
  SIGILO_TRY(const Seq record,
             vault_->append(RecordKind::service, reread_body(read, number, version)));
  for (const Seq seq : read)
    SIGILO_TRY_DO(vault_->sql.add_reread.bind(1, static_cast<std::int64_t>(seq.value()))
                      .bind(2, static_cast<std::int64_t>(record.value()))
                      .run());
  vault_->tally.counters["reread"] += read.size();
  return Ingestion(*vault_, delivery, true).run();
}

}  // namespace sigilo::vault
