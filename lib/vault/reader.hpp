// SPDX-License-Identifier: Apache-2.0
// Read snapshots: what people ask for. Each call sees one consistent state and never waits for the
// writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/secret.hpp"
#include "message/body.hpp"
#include "vault/anchors.hpp"
#include "vault/lines.hpp"
#include "vault/persons.hpp"
#include "vault/rereading.hpp"
#include "vault/transaction.hpp"

namespace sigilo::vault {

struct MessageFilter {
  std::optional<E164> line{};
  std::optional<std::string>
      party{};  ///< number (any spelling is normalised by the caller) or user id
  std::optional<Timestamp> since{};  ///< by the record's time, inclusive
  std::optional<Timestamp> until{};  ///< exclusive
  std::optional<RecordKind> kind{};  ///< one that holds an event; message where absent
  std::size_t limit = 50;            ///< the newest so many, given oldest first; at most max_rows
};
inline constexpr std::size_t max_rows = 100'000;

/// A message, status or unrecognised record as people see it.
struct MessageRow {
  Seq seq;
  Timestamp time;  ///< when it was recorded
  message::StoredEvent stored;
  // Of messages only, from all that came about them since:
  bool edited = false;
  bool revoked = false;
  std::string state{};  ///< "sent", "delivered", "read", "played", "failed", "" where none came
  /// Of life_of() only: how long after the message was sent; see after_sending().
  std::optional<Duration> after{};
};

/// How long after `message` was sent something happened: by the provider's clock where that gives
/// both times, else by the vault's for the second. May be negative by a second or so: the clocks
/// differ. nullopt: the provider gave no time of sending.
std::optional<Duration> after_sending(const message::Event& message, Timestamp when);

/// A reading of content by somebody of the firm.
struct AccessRow {
  Seq seq;
  Timestamp time;
  std::string user;  ///< "" where the user has no name
  std::uint64_t uid = 0;
  std::string what;  ///< "messages", "show", "alerts"
};

/// Something that the service did.
struct ServiceRow {
  Seq seq;
  Timestamp time;
  std::string body;  ///< canonical JSON
};

struct AlertRow {
  Seq id;       ///< number of the alert's own record
  Seq message;  ///< record of the message
  Timestamp time;
  std::string category;
  Severity severity = Severity::low;
  std::string rule;
  std::vector<std::string> rules;
  std::string policy;
  std::string line;
  std::string party;
  std::string team;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> spans;
  std::vector<std::string> words;  ///< the texts of the spans
  std::string state;               ///< open, acknowledged, closed
  std::optional<MailState>
      mail;  ///< the worst of its mails; nullopt where nobody is to be told by mail
};

struct OutboxRow {
  std::int64_t id = 0;
  Seq message;
  std::string recipient;
  std::string team;
  Language language = Language::es;
  MailState state = MailState::queued;
  int attempts = 0;
  Timestamp created;
  Timestamp next;
  std::string
      message_id;  ///< RFC 5322 Message-ID, the same at each attempt, so that a repeat can be told
  std::string reply;
};

/// The period whose key signs now.
struct PresentEpoch {
  Epoch number;
  crypto::PublicKey public_key;
  Seq named;        ///< the record that names the key: `key`, or `genesis` for epoch 0
  Timestamp began;  ///< that record's time
};

/// The signing key was lost, and the recovery key named another.
struct Recovery {
  Seq seq;
  Timestamp time;
};

struct LineState {
  std::string number;
  Timestamp last;  ///< of the last record of what passed through it (a message, a state; neither
                   ///< what a history told nor an event of the line itself); 1970: nothing yet
  std::uint64_t events = 0;
};

struct Summary {
  std::uint64_t records = 0;
  std::map<std::string, std::uint64_t>
      counters;  ///< "not_monitored", "duplicates", "unrecognised", "messages", "alerts"
  std::map<std::string, LineState> lines;
  std::uint64_t outbox_queued = 0;
  std::uint64_t outbox_deferred = 0;
  std::uint64_t outbox_failed = 0;
  std::string last_mail_error;  ///< of the newest deferred or failed mail
  std::optional<Timestamp> last_checkpoint;
  std::uint64_t last_checkpoint_size = 0;
  MediaSummary media;
  /// Unrecognised records that no later version could read: counter "unrecognised" less "reread".
  std::uint64_t unread = 0;
};

/// Owns one connection. Runs on: any, one thread at a time; open one per thread.
class Reader {
 public:
  /// Errors as Vault::open, without the lock. Works on a copy without a daemon too (opened
  /// read-only).
  static Result<Reader> open(const std::filesystem::path& directory,
                             const crypto::SecretBytes& key);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  /// Without their payloads (stored.payload is empty), as around(): those are most of the memory.
  Result<std::vector<MessageRow>> messages(const MessageFilter& filter);
  /// nullopt: no such record, or not of these kinds.
  Result<std::optional<MessageRow>> message(Seq seq);
  /// The messages of the same line with the same person, under whichever name: up to `before`
  /// before `seq`, itself, up to `after` after it; oldest first.
  Result<std::vector<MessageRow>> around(Seq seq, std::size_t before, std::size_t after);

  /// Everything that has the id of `row` or is about it (states, the ways it was told, edits,
  /// reactions, the revocation, and the states of those), itself among them, in the order of
  /// records; where it is an edit, a revocation or a reaction, of what that is about. Replies are
  /// messages of their own and only name it (reply_to): they are not among them.
  Result<std::vector<MessageRow>> life_of(const MessageRow& row);
  /// Who was shown this record, oldest first; the newest `limit`.
  Result<std::vector<AccessRow>> accesses_of(Seq seq, std::size_t limit = 1000);

  Result<std::vector<AlertRow>> alerts(bool only_open, std::size_t limit = 1000);
  Result<std::vector<AlertRow>> alerts_of(Seq message);

  /// Mails to be sent now, oldest first.
  Result<std::vector<OutboxRow>> due_mail(Timestamp now, std::size_t limit);
  /// When the next mail is due; nullopt: none waits.
  Result<std::optional<Timestamp>> next_mail_due();
  /// All mails about one message, in the order in which they were queued.
  Result<std::vector<OutboxRow>> mails_of(Seq message);

  /// Files to be fetched now, the longest due first.
  Result<std::vector<MediaJob>> due_media(Timestamp now, std::size_t limit);
  /// When the next file is due; nullopt: none waits.
  Result<std::optional<Timestamp>> next_media_due();
  /// The sealed file with these plain bytes, if one is kept.
  Result<std::optional<SealedFile>> file_with(const crypto::Digest& sha256);
  /// nullopt: the record names no file.
  Result<std::optional<MediaRow>> media_of(Seq message);

  /// Deliveries after number `after` with unrecognised records that no later version has read.
  /// Those of which a body was erased can't be read again and are left out.
  Result<std::vector<UnreadDelivery>> unread(std::int64_t after, std::size_t limit);

  /// Looks through some records from `first` on that were recorded before `before`, for messages
  /// that they speak of and that never came; each is given once.
  Result<UnseenPage> unseen(std::int64_t first, Timestamp before);
  Result<std::vector<HistoryState>> histories();
  /// The newest `limit` gaps, oldest first.
  Result<std::vector<GapRow>> gaps(std::size_t limit);

  /// What deliveries named and is not monitored, the most named first.
  Result<std::vector<UnmonitoredLine>> unmonitored();
  /// The newest record of type "profile" of a line: what the provider says of the number. nullopt:
  /// none. Whoever stores one compares Event::content with this one's and gives it the time of the
  /// provider's answer as Event::sent: a profile that changes back would else pass for a repeat.
  Result<std::optional<MessageRow>> line_profile(const E164& line);
  /// The newest `limit` of them, oldest first: each stands for the time from its record on.
  Result<std::vector<MessageRow>> line_profiles_history(const E164& line, std::size_t limit);

  /// Everything that is known to be the same person as `name` (a number with + or a user id), and
  /// how it was called.
  Result<Person> person(std::string_view name);

  /// All `service` records of one event, oldest first.
  Result<std::vector<ServiceRow>> services(std::string_view event);

  /// nullopt: none was made yet.
  Result<std::optional<KeptCheckpoint>> newest_checkpoint();
  /// Those with a greater number, oldest first.
  Result<std::vector<KeptCheckpoint>> checkpoints_after(Seq seq, std::size_t limit);
  /// The newest `limit` anchors (at most max_anchors), oldest first. Errors: corrupt.
  Result<std::vector<AnchorRow>> anchors(std::size_t limit);
  /// Proof that the first `old_size` records are a beginning of the first `size` (0 < old_size <=
  /// size <= records). Errors: invalid_input, corrupt.
  Result<std::vector<crypto::Digest>> consistency(std::uint64_t old_size, std::uint64_t size);

  Result<Summary> summary();

  /// Errors: corrupt.
  Result<PresentEpoch> present_epoch();
  /// Records by which the recovery key's holder named a new signing key, oldest first.
  Result<std::vector<Recovery>> recoveries();

 private:
  struct Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigilo::vault
