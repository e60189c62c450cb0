// SPDX-License-Identifier: Apache-2.0
// Bodies of the records that the vault itself makes; docs/evidence-format.md has the list. Private
// to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/sign.hpp"
#include "message/event.hpp"
#include "vault/gaps.hpp"
#include "vault/transaction.hpp"
#include "vault/vault.hpp"

namespace sigilo::vault {

/// {"created","firm","public_key","recovery_public_key","v":1,"version"}: who begins this vault,
/// and which keys may speak for it. Keys are 64 hex digits.
std::string genesis_body(const NewVault& what, Timestamp created, const crypto::PublicKey& key,
                         const crypto::PublicKey& recovery);

/// Who signs a `key` record: the key of its epoch, or the recovery key.
enum class NamedBy { predecessor, recovery };
/// {"by":"recovery"?,"epoch","public_key","v":1}: from the next record on that key signs.
std::string key_body(Epoch epoch, const crypto::PublicKey& key, NamedBy by);

/// {"note","v":1}: the signed note over all records before this one.
std::string checkpoint_body(std::string_view note);

/// {"behind_us","clock","event":"behind","v":1}: the clock shows `now`, which is `behind` before
/// the last record.
std::string clock_body(Timestamp now, Duration behind);

/// {"category","content","message","policies","policy","recipients","rule","rules","severity","spans","team","v":1,
/// "words"}: `message` is the number of the record judged, `content` the hex of its body's
/// "content", `policies` the hex digest of all policies, `spans` byte ranges [begin, end) in its
/// "text", `words` their texts.
std::string alert_body(const NewAlert& alert, const message::Event& event, Seq message,
                       const std::vector<NewMail>& mails);

/// {"delivery","event":"reread","records","v":1,"version"}: this version could read these
/// unrecognised records of that delivery; what they say follows.
std::string reread_body(const std::vector<Seq>& records, std::int64_t delivery,
                        std::string_view version);

/// {"event":"unseen","how","line"?,"party"?,"provider_id","record","v":1}: record `record` speaks
/// of a message that never came here.
std::string unseen_body(const Unseen& unseen);

/// {"chunk","event":"history-chunk-missing","line","phase","v":1}.
std::string missing_chunk_body(const MissingChunk& chunk);

/// What an alert's body says and its row does not.
struct AlertDetails {
  std::vector<std::string> rules;
  std::string policy;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> spans;
  std::vector<std::string> words;
};
/// Errors: corrupt.
Result<AlertDetails> read_alert_body(std::string_view body);

struct MailAttempt {
  std::vector<std::int64_t> alerts;
  Seq message;
  std::string recipient;
  std::string message_id;
  int attempt = 1;
};
/// {"declared","loss"?,"message","outcome","reason"?,"sha256"?,"size"?,"sniffed"?,"v":1}; outcome:
/// stored (with the last three, of the plain bytes) or lost (with the reason).
std::string media_body(const MediaOutcome& outcome);

/// {"alerts","attempt","message","message_id","outcome","recipient","reply","v":1}; outcome: sent,
/// deferred, failed.
std::string mail_body(const MailAttempt& attempt, const MailOutcome& outcome);

}  // namespace sigilo::vault
