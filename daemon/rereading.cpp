// SPDX-License-Identifier: Apache-2.0
#include "rereading.hpp"

#include <algorithm>
#include <utility>

#include "understand.hpp"

namespace sigilo {
namespace {

/// Pages that the provider was asked for are no webhooks; their profiles are asked for again
/// anyway.
constexpr std::string_view webhooks = "meta";

bool overlaps(const message::Event& event, const vault::UnreadRecord& record) {
  return event.offset < record.offset + record.length &&
         record.offset < event.offset + event.length;
}

}  // namespace

std::vector<Seq> read_now(const std::vector<vault::UnreadRecord>& records,
                          const vault::Ingest& understood) {
  std::vector<Seq> read;
  for (const auto& record : records) {
    bool any = false;
    bool all = true;
    for (const auto& [event, body, commitment, alerts, mails] : understood.events) {
      if (!overlaps(event, record)) continue;
      any = any || event.kind != RecordKind::unrecognised;
      all = all && event.kind != RecordKind::unrecognised;
    }
    if (any && all) read.push_back(record.seq);
  }
  return read;
}

Rereading::Rereading(vault::Reader reader, const CurrentRules& rules, vault::StoreThread& store,
                     Random& random, Wakers wakers, Logger log)
    : reader_(std::move(reader)),
      rules_(rules),
      store_(store),
      random_(random),
      wakers_(std::move(wakers)),
      log_(log) {}

Duration Rereading::step() {
  auto page = reader_.unread(after_, deliveries_per_step);
  if (!page) {
    log_.error("unrecognised deliveries cannot be read again: {}", page.error().message());
    return rereading_rest;
  }
  if (page->empty()) {
    if (read_ > 0) log_.info("{} unrecognised records were understood by this version", read_);
    return rereading_done;
  }
  for (auto& delivery : *page) {
    const auto number = delivery.number;
    if (const auto taken = take(std::move(delivery)); !taken) {
      log_.error("what delivery {} says cannot be stored: {}", number, taken.error().message());
      // One that is refused for good (damage) must not hold up the others.
      if (taken.error().code != ErrorCode::refused) return rereading_rest;
    }
    after_ = number;
  }
  return rereading_pause;
}

Result<> Rereading::take(vault::UnreadDelivery delivery) {
  if (delivery.provenance.source != webhooks) return {};
  auto ingest = understand(std::move(delivery.raw), delivery.provenance, *rules_.get(), random_);
  const auto read = read_now(delivery.records, ingest);
  if (read.empty()) return {};
  ingest.signature = std::move(delivery.signature);
  ingest.partial = delivery.partial;
  vault::Ingested stored;
  SIGILO_TRY_DO(store_.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY(stored, transaction.reread(ingest, read, SIGILO_VERSION));
    return {};
  }));
  read_ += read.size();
  if (stored.mails > 0) wakers_.mail();
  if (stored.stored > 0) wakers_.media();
  return {};
}

}  // namespace sigilo
