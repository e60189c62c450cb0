// SPDX-License-Identifier: Apache-2.0
#include "storage_watch.hpp"

#include <chrono>
#include <utility>

#include "json/canonical.hpp"
#include "json/value.hpp"

namespace sigilo {
namespace {

/// Between two attempts to write while the disk is full or failing.
constexpr Duration probe_interval = std::chrono::seconds(2);

std::string gap_body(const StorageWatch::Trouble& trouble, Timestamp until) {
  return json::canonical(json::Object{{"event", "not_writable"},
                                      {"from", format_rfc3339(trouble.since)},
                                      {"reason", trouble.reason},
                                      {"refused", trouble.refused},
                                      {"until", format_rfc3339(until)},
                                      {"v", 1}});
}

}  // namespace

StorageWatch::StorageWatch(net::Loop& io, const Clock& clock, Notices notices, Logger log)
    : io_(io), clock_(clock), notices_(std::move(notices)), log_(log) {}

void StorageWatch::wrote(const Result<>& outcome) {
  if (outcome ||
      (outcome.error().code != ErrorCode::no_space && outcome.error().code != ErrorCode::io))
    return;
  Trouble began;
  {
    const std::scoped_lock lock(mutex_);
    if (trouble_) {
      ++trouble_->refused;
      return;
    }
    trouble_ = Trouble{clock_.now(), 1, outcome.error().message()};
    began = *trouble_;
  }
  log_.error("the vault cannot be written: {}; deliveries are refused with 503 until it can",
             began.reason);
  notices_.failing(began);
  io_.after(probe_interval, [this] { try_again(); });
}

void StorageWatch::try_again() {
  const auto present = trouble();
  if (!present) return;
  const bool taken = store_->submit(
      [this](vault::WriteTransaction& transaction) -> Result<> {
        return transaction.append(RecordKind::gap, gap_body(*trouble(), clock_.now())).map([](Seq) {
        });
      },
      [this](const Result<>& outcome) { ended(outcome); });
  if (!taken) io_.after(probe_interval, [this] { try_again(); });
}

void StorageWatch::ended(const Result<>& outcome) {
  if (!outcome) {
    io_.after(probe_interval, [this] { try_again(); });
    return;
  }
  Trouble over;
  {
    const std::scoped_lock lock(mutex_);
    over = *std::exchange(trouble_, std::nullopt);
  }
  log_.info("the vault can be written again; {} deliveries were refused since {}", over.refused,
            format_rfc3339(over.since));
  notices_.recovered(over, clock_.now());
}

std::optional<StorageWatch::Trouble> StorageWatch::trouble() const {
  const std::scoped_lock lock(mutex_);
  return trouble_;
}

}  // namespace sigilo
