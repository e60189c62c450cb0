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

/// An alert that a message causes; made by alert/, written with the message. A notice about a
/// record that is no matter of words (a file that was lost) has no spans.
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
  /// Whose lines those were.
  std::vector<message::ForeignLine> foreign_lines;
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

/// Kept of numbers that are not monitored; what is said of further ones is counted in the total
/// alone. A firm has tens of numbers; whoever could make the provider name others must not fill the
/// disk.
inline constexpr std::size_t max_unmonitored = 1000;

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

  /// An alert about a record that is there already, and mails about it: for what must be told as
  /// durably as it is recorded. Alert and mails go the way that those of a new message go. Errors:
  /// not_found (no such record), refused (it holds no event, or was erased).
  Result<Seq> alert(Seq about, const NewAlert& alert, const std::vector<NewMail>& mails);

  /// A `service` record that says that `read`, unrecognised records of one delivery, are understood
  /// now, and behind it what they say. `delivery` is that delivery interpreted again, as
  /// Reader::unread gives it: what was stored before is not stored again, nor what still is not
  /// recognised. Without `read` nothing happens. Errors: refused (one was read before, or is not of
  /// that kind).
  Result<Ingested> reread(const Ingest& delivery, const std::vector<Seq>& read,
                          std::string_view version);

  /// A `gap` record for each; records up to page.next need not be looked through again. `first`:
  /// where the look began.
  Result<> unseen(const UnseenPage& page, std::int64_t first);
  /// A `gap` record for each that has none yet.
  Result<> missing_chunks(const std::vector<MissingChunk>& chunks);

 private:
  Vault::Impl* vault_;
};

}  // namespace sigilo::vault
