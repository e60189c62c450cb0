// SPDX-License-Identifier: Apache-2.0
#include "evidence/record_feed.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"

namespace sigilo::evidence {
namespace {

constexpr std::size_t batch_records = 256;

}  // namespace

const vault::RawRecord* RecordFeed::peek() {
  if (batch_.empty() && !ended_ && !broken()) fetch();
  return batch_.empty() ? nullptr : &batch_.front();
}

vault::RawRecord RecordFeed::take() {
  SIGILO_CHECK(!batch_.empty(), "take() without a peek() that found something");
  vault::RawRecord record = std::move(batch_.front());
  batch_.pop_front();
  return record;
}

bool RecordFeed::unreadable(std::uint64_t seq) const {
  return damage_ && std::cmp_greater_equal(seq, damage_->first) && std::cmp_less(seq, damage_->end);
}

void RecordFeed::fetch() {
  auto read = source_->reader().each_record(next_, [this](vault::RawRecord&& record) {
    next_ = record.seq == INT64_MAX ? record.seq : record.seq + 1;
    ended_ = record.seq == INT64_MAX;
    batch_.push_back(std::move(record));
    return batch_.size() < batch_records && !ended_;
  });
  // Rows read before a failure are good; the failure comes again with the next fetch.
  if (!read && batch_.empty()) failure_ = read.error();
  if (read && batch_.size() < batch_records) ended_ = true;
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
