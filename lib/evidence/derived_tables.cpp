// SPDX-License-Identifier: Apache-2.0
#include "evidence/derived_tables.hpp"

#include "evidence/first_finding.hpp"
#include "evidence/index_check.hpp"
#include "message/identities.hpp"

namespace sigilo::evidence {
namespace {

bool is_doubtful(const Doubts& doubts, std::int64_t seq) {
  return seq >= 0 && doubts.contains(static_cast<std::uint64_t>(seq));
}

}  // namespace

void IdentityCheck::event(std::uint64_t seq, const message::Event& event) {
  for (const auto& [name, other] : message::identities_of(event)) {
    first_.try_emplace(name + '\n' + other, seq);
    first_.try_emplace(other + '\n' + name, seq);
  }
}

void IdentityCheck::run(Source& source, Findings& findings, const Doubts& doubts) {
  FirstFinding missing(cause::identity_missing, "a row in identity", "no such row");
  FirstFinding altered(cause::identity_altered, "the first record that names both", "another");
  FirstFinding surplus(cause::identity_surplus, "no such row in identity", "a row");
  source.revive();
  const auto read = source.reader().each_identity([&](vault::RawIdentity&& row) {
    const auto said = first_.find(row.name.value_or("") + '\n' + row.other.value_or(""));
    const bool doubtful = is_doubtful(doubts, row.seq);
    if (said == first_.end()) {
      if (!doubtful) surplus.add(row.seq);
      return true;
    }
    // The first record that said so may be one that can't be relied on.
    if (std::cmp_not_equal(row.seq, said->second) && !doubtful)
      altered.add(static_cast<std::int64_t>(said->second));
    first_.erase(said);
    return true;
  });
  if (!read) return table_failed(findings, "identity", read.error());
  for (const auto& [pair, seq] : first_) missing.add(static_cast<std::int64_t>(seq));
  for (const auto* one : {&missing, &altered, &surplus}) one->report(findings);
}

void RereadCheck::service(std::uint64_t seq, const std::vector<std::uint64_t>& read) {
  for (const auto one : read) by_.try_emplace(static_cast<std::int64_t>(one), seq);
}

void RereadCheck::run(Source& source, Findings& findings, const Doubts& doubts) {
  FirstFinding missing(cause::reread_missing, "a row in reread", "no such row");
  FirstFinding altered(cause::reread_altered, "the record that says so", "another");
  FirstFinding surplus(cause::reread_surplus, "no such row in reread", "a row");
  source.revive();
  const auto read = source.reader().each_reread([&](vault::RawReread&& row) {
    const auto said = by_.find(row.seq);
    const bool doubtful = is_doubtful(doubts, row.record.value_or(-1));
    if (said == by_.end()) {
      if (!doubtful) surplus.add(row.seq);
      return true;
    }
    if (!row.record || (std::cmp_not_equal(*row.record, said->second) && !doubtful))
      altered.add(row.seq);
    by_.erase(said);
    return true;
  });
  if (!read) return table_failed(findings, "reread", read.error());
  for (const auto& [seq, record] : by_) missing.add(seq);
  for (const auto* one : {&missing, &altered, &surplus}) one->report(findings);
}

}  // namespace sigilo::evidence
