// SPDX-License-Identifier: Apache-2.0
#include "evidence/delivery_check.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "evidence/index_check.hpp"

namespace sigilo::evidence {
namespace {

/// "", or as the provider's header X-Hub-Signature-256 has it.
bool is_signature(std::string_view text) {
  constexpr std::string_view prefix = "sha256=";
  if (text.empty()) return true;
  const auto digits =
      text.starts_with(prefix) ? crypto::from_hex(text.substr(prefix.size())) : Bytes{};
  return digits && digits->size() == 32;
}

/// Why the bytes aren't those that were received; "" if they are.
std::string_view wrong_bytes(const vault::RawDelivery& row) {
  if (!row.raw) return "no bytes";
  const bool fits = crypto::to_hex(crypto::sha256(as_bytes(*row.raw)).view()) ==
                    crypto::to_hex(as_bytes(*row.digest));
  if (row.partial && fits) return "all bytes, though it is marked as blanked in parts";
  if (!row.partial && !fits) return "bytes with another hash";
  return "";
}

}  // namespace

DeliveryCheck::Mark DeliveryCheck::mark_of(const message::Provenance& provenance) {
  const std::string text = fmt::format("{} {} {}", provenance.delivery.hex(),
                                       provenance.received.micros(), provenance.source);
  Mark mark{};
  std::copy_n(crypto::sha256(as_bytes(text)).bytes.begin(), mark.size(), mark.begin());
  return mark;
}

std::optional<DeliveryCheck::Mark> DeliveryCheck::mark_of(const vault::RawDelivery& row) {
  if (!row.digest || !row.received || !row.source) return std::nullopt;
  const auto digest = crypto::Digest::from(as_bytes(*row.digest));
  if (!digest) return std::nullopt;
  return mark_of({.source = *row.source,
                  .delivery = *digest,
                  .received = Timestamp::from_micros(*row.received)});
}

std::uint64_t DeliveryCheck::number_of(std::uint64_t seq, const message::Provenance& provenance,
                                       std::optional<std::int64_t> row) {
  const Mark mark = mark_of(provenance);
  // A record that ends a run may be one that can't be relied on: then too only the index row says
  // so.
  const bool torn = last_ && last_->mark == mark && row && std::cmp_greater(*row, last_seq_) &&
                    std::cmp_less_equal(*row, seq) && doubts_->any_in(last_seq_ + 1, seq);
  if (!last_ || last_->mark != mark || torn) {
    // Its first record may be one that can't be relied on: then only the index row says which.
    const bool first_is_doubtful = row && std::cmp_less(*row, seq) &&
                                   (!last_ || std::cmp_greater(*row, last_seq_)) && *row >= 0 &&
                                   doubts_->contains(static_cast<std::uint64_t>(*row));
    last_ = Known{first_is_doubtful ? static_cast<std::uint64_t>(*row) : seq, mark};
    if (!first_is_doubtful) known_.push_back(*last_);
  }
  last_seq_ = seq;
  return last_->number;
}

void DeliveryCheck::run(std::uint64_t records, std::uint64_t known) {
  std::optional<vault::RawDelivery>
      before;  // compared once the next one's number tells where its records end
  SurplusRows surplus(*findings_, cause::delivery_surplus, "delivery", records);
  const auto read = reader_->each_delivery([&](vault::RawDelivery&& row) {
    if (row.id < 0 || std::cmp_greater_equal(row.id, records)) {
      if (row.id < 0 || std::cmp_greater_equal(row.id, known)) surplus.add(row.id);
      return true;
    }
    if (before) compare(*before, static_cast<std::uint64_t>(row.id));
    before = std::move(row);
    return true;
  });
  if (!read) return table_failed(*findings_, "delivery", read.error());
  // Records missing at the end may have been of the last delivery.
  if (before) compare(*before, known);
  missing_before(records);
}

void DeliveryCheck::compare(const vault::RawDelivery& row, std::uint64_t next) {
  const auto number = static_cast<std::uint64_t>(row.id);
  missing_before(number);
  const bool known = compared_ < known_.size() && known_[compared_].number == number;
  if (!known && doubts_->contains(number)) return;
  if (!known)
    return findings_->add(number, cause::delivery_surplus, "a record that came from this delivery",
                          "none");
  const Known& said = known_[compared_++];
  const auto altered = [&](std::string_view expected, std::string_view found) {
    findings_->add(number, cause::delivery_altered, std::string(expected), std::string(found));
  };
  if (mark_of(row) != said.mark)
    return altered("hash, time and source as its records say", "others");
  if (!row.signature || !is_signature(*row.signature))
    return altered("the provider's signature", "something else");
  if (doubts_->any_in(number, next)) return;  // its bytes are put together from the records
  if (const auto why = wrong_bytes(row); !why.empty()) altered("the bytes that were received", why);
}

/// Deliveries that records came from and that have no row.
void DeliveryCheck::missing_before(std::uint64_t number) {
  for (; compared_ < known_.size() && known_[compared_].number < number; ++compared_)
    findings_->add(known_[compared_].number, cause::delivery_missing,
                   fmt::format("delivery {}", known_[compared_].number), "no such row");
}

}  // namespace sigilo::evidence
