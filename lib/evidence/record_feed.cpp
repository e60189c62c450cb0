// SPDX-License-Identifier: Apache-2.0
#include "evidence/record_feed.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "evidence/bodies.hpp"

namespace sigilo::evidence {
namespace {

// Enough for all cores between two reads, and no more of long bodies than a few megabytes.
constexpr std::size_t batch_records = 1024;
constexpr std::size_t batch_bytes = std::size_t{4} * 1024 * 1024;

}  // namespace

const vault::RawRecord* RecordFeed::peek() {
  if (batch_.empty() && !ended_ && !broken()) fetch();
  return batch_.empty() ? nullptr : &batch_.front().raw;
}

Fed RecordFeed::take() {
  SIGILO_CHECK(!batch_.empty(), "take() without a peek() that found something");
  Fed record = std::move(batch_.front());
  batch_.pop_front();
  return record;
}

bool RecordFeed::unreadable(std::uint64_t seq) const {
  return damage_ && std::cmp_greater_equal(seq, damage_->first) && std::cmp_less(seq, damage_->end);
}

void RecordFeed::fetch() {
  std::size_t bytes = 0;
  bool enough = false;
  auto read = source_->reader().each_record(next_, [&](vault::RawRecord&& record) {
    next_ = record.seq == INT64_MAX ? record.seq : record.seq + 1;
    ended_ = record.seq == INT64_MAX;
    bytes += record.body ? record.body->size() : 0;
    batch_.push_back({std::move(record)});
    enough = batch_.size() == batch_records || bytes >= batch_bytes;
    return !enough && !ended_;
  });
  // Rows read before a failure are good; the failure comes again with the next fetch.
  if (!read && batch_.empty()) failure_ = read.error();
  if (read && !enough) ended_ = true;
  if (workers_ != nullptr) look_ahead();
}

void RecordFeed::look_ahead() {
  std::vector<std::optional<crypto::PublicKey>> keys;
  keys.reserve(batch_.size());
  for (const auto& [raw, sealed] : batch_) {
    if (raw.seq == 0 && raw.body) {
      if (const auto genesis = read_genesis(*raw.body)) key_ = genesis->public_key;
    }
    keys.push_back(key_);
    if (raw.kind == to_string(RecordKind::key) && raw.body) {
      if (const auto next = read_key(*raw.body)) key_ = next->public_key;
    }
  }
  const std::string& vault = source_->reader().uuid();
  workers_->run(batch_.size(),
                [&](std::size_t i) { batch_[i].sealed = prepare(batch_[i].raw, vault, keys[i]); });
}

void RecordFeed::mend() {
  const Error error = std::exchange(failure_, std::nullopt).value_or(Error{});
  next_ = std::max<std::int64_t>(next_, 0);
  source_->revive();
  if (readable_at(next_)) return;  // it was another table that could not be read
  // Doubling steps until a record can be read, then halving back to the first.
  const auto last = source_->reader().last_seq();
  std::int64_t damaged = next_;
  std::int64_t good = next_;
  for (std::int64_t step = 1; last && damaged < *last; step *= 2) {
    good = damaged > *last - step ? *last : damaged + step;
    if (readable_at(good)) break;
    damaged = good;
  }
  ended_ = good == damaged;
  while (!ended_ && good - damaged > 1) {
    const std::int64_t middle = damaged + (good - damaged) / 2;
    (readable_at(middle) ? good : damaged) = middle;
  }
  damage_ = Range{next_, ended_ ? INT64_MAX : good};
  findings_->add(static_cast<std::uint64_t>(next_), cause::page_damaged,
                 ended_ ? fmt::format("record {} and those after it can be read", next_)
                        : fmt::format("records {} to {} can be read", next_, good - 1),
                 error.what);
  next_ = good;
}

bool RecordFeed::readable_at(std::int64_t seq) {
  const bool read =
      source_->reader().each_record(seq, [](vault::RawRecord&&) { return false; }).has_value();
  if (!read) source_->revive();
  return read;
}

}  // namespace sigilo::evidence
