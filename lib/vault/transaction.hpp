// SPDX-License-Identifier: Apache-2.0
// What can be written, all of it inside one transaction of the store thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/digest.hpp"
#include "ledger/record.hpp"
#include "message/body.hpp"
#include "message/event.hpp"
#include "vault/gaps.hpp"
#include "vault/media.hpp"
#include "vault/vault.hpp"

namespace sigilo::vault {

/// An alert that a message causes; made by alert/, written with the message.
struct NewAlert {
  std::string category;
  Severity severity = Severity::low;
  std::string rule;                ///< the rule that weighs most
  std::vector<std::string> rules;  ///< all rules of this category that matched
  std::string policy;
  crypto::Digest policies;  ///< which version of all policies judged
  std::string team;
  std::vector<std::pair<std::uint32_t, std::uint32_t>>
      spans;  ///< byte ranges in the message's text
};

/// One mail to be sent about a message with alerts.
struct NewMail {
  std::string recipient;
  Language language = Language::es;
  std::string team;
};

struct IngestEvent {
  message::Event event;
  std::string body;  ///< message::make_body, made before so that the store thread need not
  /// To that body, made before for the same reason; without one the store thread makes it.
  std::optional<ledger::Commitment> commitment = std::nullopt;
  std::vector<NewAlert> alerts;
  std::vector<NewMail> mails;
};

/// One delivery, interpreted and scanned.
struct Ingest {
  message::Provenance provenance;
  /// As received. What is stored is the rest around the events' slices, which their bodies hold
  /// (schema.cpp); foreign slices are blanked, and the digest stays that of the original.
  std::string raw;
  std::string signature;  ///< the provider's X-Hub-Signature-256 as received, "" where it has none
  std::vector<IngestEvent> events;
  std::size_t not_monitored = 0;
  std::vector<std::pair<std::size_t, std::size_t>> foreign;
  /// Foreign slices were blanked before (a delivery that is read again).
  bool partial = false;
};

struct Ingested {
  std::size_t stored = 0;
  std::size_t duplicates = 0;
  std::size_t mails = 0;  ///< mails put into the outbox
  std::vector<Seq> seqs;  ///< of the stored events
};

enum class MailState { queued, deferred, sent, failed };
std::string_view to_string(MailState state);

/// What became of one attempt to send.
struct MailOutcome {
  std::int64_t outbox_id = 0;
  MailState state = MailState::sent;  ///< sent, deferred or failed
  Timestamp next;                     ///< deferred: not before
  std::string reply;                  ///< the relay's words, or the error; shown in status
};

/// Valid only inside StoreThread's work. Runs on: store.
class WriteTransaction {
 public:
  explicit WriteTransaction(Vault::Impl& vault) : vault_(&vault) {}

  /// Stores what is new of a delivery: records, alerts with their records, outbox rows, counters. A
  /// repeat is counted. When nothing of it is new the raw delivery is not stored again.
  Result<Ingested> ingest(const Ingest& delivery);

  /// Appends a record that only stands in the ledger (access, service, gap, config …). `body` is
  /// canonical JSON.
  Result<Seq> append(RecordKind kind, std::string body);

  /// Appends a checkpoint record over all records before it and returns the signed note.
  Result<std::string> checkpoint();

  /// Changes the outbox row; sent, failed and the first deferral also become a `mail` record.
  Result<> mail_outcome(const MailOutcome& outcome);

  /// Changes the row of a message's file; stored and lost also become a `media` record. Bytes that
  /// another message's file has are kept once: then outcome.file->path is not used. Errors:
  /// not_found (the record names no file), refused (finished already).
  Result<> media_outcome(const MediaOutcome& outcome);

  /// Stores what a later version understands of a delivery that was kept before, and a `service`
  /// record that says so; `read`: its unrecognised records that are understood now.
  Result<Ingested> reread(const Ingest& delivery, const std::vector<Seq>& read,
                          std::string_view version);

  /// A `gap` record for each; records up to page.next need not be looked through again. `first`:
  /// where the look began.
  Result<> unseen(const UnseenPage& page, std::int64_t first);
  Result<> missing_chunks(const std::vector<MissingChunk>& chunks);

 private:
  Vault::Impl* vault_;
};

}  // namespace sigilo::vault
