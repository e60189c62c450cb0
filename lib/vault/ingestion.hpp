// SPDX-License-Identifier: Apache-2.0
// Storing what is new of one delivery, with everything that must be durable together with it.
// Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "message/event.hpp"
#include "vault/delivery.hpp"
#include "vault/impl.hpp"
#include "vault/newest_events.hpp"
#include "vault/transaction.hpp"

namespace sigilo::vault {

/// Runs on: store, inside a transaction.
class Ingestion {
 public:
  /// `again`: the delivery was counted when it came; only what a later version understands of it is
  /// new.
  Ingestion(Vault::Impl& vault, const Ingest& delivery, bool again = false)
      : vault_(vault), delivery_(delivery), again_(again) {}
  Result<Ingested> run();

 private:
  Result<> take(const IngestEvent& item);
  /// The record of an event with this key, also of this transaction: a repeat inside one delivery
  /// or one group is found too.
  Result<std::optional<Seq>> known(std::int64_t sent, NewestEvents::Content content);
  /// The same for what may be told several ways, each with a time of its own: found by the
  /// provider's id where the line has a phone that tells too. Others cost nothing.
  Result<std::optional<Seq>> known(const message::Event& event);
  Result<std::optional<Seq>> known_by_id(std::int64_t id, NewestEvents::Content content);
  /// The same message told of another way (live, as an echo, in a history): that it was, becomes a
  /// record of its own, once.
  Result<> take_again(Seq first, const IngestEvent& item);
  Result<> store_alerts(Seq seq, const IngestEvent& item);
  Result<> store_event(Seq seq, const message::Event& event);
  Result<std::int64_t> conversation_of(Seq seq, const message::Event& event);
  Result<> store_identities(Seq seq, const message::Event& event);
  Result<> store_media(Seq seq, const message::Event& event);
  Result<> store_delivery();
  void note_unmonitored(const message::ForeignLine& line);
  void count(std::string_view name, std::uint64_t times);

  Vault::Impl& vault_;
  const Ingest& delivery_;
  bool again_;
  Ingested result_;
  std::vector<Slice> slices_;
};

}  // namespace sigilo::vault
