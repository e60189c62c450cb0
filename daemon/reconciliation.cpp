// SPDX-License-Identifier: Apache-2.0
#include "reconciliation.hpp"

#include <string>
#include <utility>

#include "vault/gaps.hpp"

namespace sigilo {

Reconciliation::Reconciliation(vault::Reader reader, vault::StoreThread& store, const Clock& clock,
                               Logger log)
    : reader_(std::move(reader)), store_(store), clock_(clock), log_(log) {}

Duration Reconciliation::step() {
  const auto more = search();
  if (more && *more) return gap_pause;
  const auto looked = more ? look_at_histories() : Result<>();
  if (!more || !looked)
    log_.error("gaps cannot be looked for: {}", (more ? looked.error() : more.error()).message());
  return gap_interval;
}

Result<bool> Reconciliation::search() {
  SIGILO_TRY(const auto summary, reader_.summary());
  const auto counted = summary.counters.find(std::string(vault::searched_counter));
  const auto first =
      counted == summary.counters.end() ? 0 : static_cast<std::int64_t>(counted->second);
  SIGILO_TRY(const auto page, reader_.unseen(first, clock_.now() - gap_grace));
  if (page.next <= first) return false;
  SIGILO_TRY_DO(store_.run(
      [&](vault::WriteTransaction& transaction) { return transaction.unseen(page, first); }));
  if (!page.found.empty())
    log_.warning("{} messages are spoken of that never came; see sigilo gaps", page.found.size());
  return true;
}

Result<> Reconciliation::look_at_histories() {
  SIGILO_TRY(const auto histories, reader_.histories());
  std::vector<vault::MissingChunk> missing;
  for (const auto& history : histories) {
    if (history.last && *history.last <= clock_.now() - gap_grace)
      missing.insert(missing.end(), history.missing.begin(), history.missing.end());
  }
  if (missing.empty()) return {};
  return store_.run(
      [&](vault::WriteTransaction& transaction) { return transaction.missing_chunks(missing); });
}

}  // namespace sigilo
