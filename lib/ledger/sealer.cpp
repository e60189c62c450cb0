// SPDX-License-Identifier: Apache-2.0
#include "ledger/sealer.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace sigilo::ledger {

Sealer::Sealer(std::string vault, crypto::SigningKey key, const Clock& clock, Random& random)
    : Sealer(std::move(vault), Epoch(0), std::move(key), Frontier(), Timestamp(), clock, random) {}

Sealer::Sealer(std::string vault, Epoch epoch, crypto::SigningKey key, Frontier frontier,
               Timestamp last, const Clock& clock, Random& random)
    : vault_(std::move(vault)),
      key_(std::move(key)),
      state_{epoch, std::move(frontier), last},
      clock_(&clock),
      random_(&random) {}

Record Sealer::seal(RecordKind kind, std::string body) {
  const Commitment made = commit_to(body, *random_);
  return seal(kind, std::move(body), made);
}

Record Sealer::seal(RecordKind kind, std::string body, const Commitment& made) {
  Record record;
  record.salt = made.salt;
  record.header.vault = vault_;
  record.header.seq = next();
  record.header.time = std::max(clock_->now(), state_.last);
  record.header.kind = kind;
  record.header.epoch = state_.epoch;
  record.header.root = state_.frontier.root();
  record.header.body = made.digest;
  record.body = std::move(body);

  const std::string line = header_line(record.header);
  record.signature = key_.sign(as_bytes(line));
  record.leaf = leaf_hash(line, record.signature);
  state_.frontier.append(record.leaf);
  state_.last = record.header.time;
  return record;
}

void Sealer::succeed(crypto::SigningKey key) {
  key_ = std::move(key);
  state_.epoch = Epoch(state_.epoch.value() + 1);
}

Duration Sealer::clock_behind() const {
  return std::max(state_.last - clock_->now(), Duration::zero());
}

void Sealer::restore(State state) {
  SIGILO_CHECK(state.epoch == state_.epoch,
               "a succession of keys can't be undone: the old key is gone");
  state_ = std::move(state);
}

}  // namespace sigilo::ledger
