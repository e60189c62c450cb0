// SPDX-License-Identifier: Apache-2.0
// What a delivery says, in the product's words. Plain values; made by an interpreter, kept by the
// vault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/domain.hpp"
#include "base/time.hpp"
#include "crypto/digest.hpp"

namespace sigilo::message {

/// The person or number on the other side. None of the identifiers is mandatory; all are empty only
/// where the provider names nobody.
struct Party {
  std::string number;  ///< E.164 with + (normalised), or "" where the provider hides it
  std::string
      user_id;  ///< business-scoped user id ("AR.…") or another identifier that is no number, or ""
  std::string name;  ///< profile name at that time, untrusted text of at most 512 bytes, may be ""
  /// What identifies the party: the number, else the user id, else "".
  [[nodiscard]] const std::string& key() const { return number.empty() ? user_id : number; }
  bool operator==(const Party&) const = default;
};

/// Which way the provider tells of a message.
enum class Via {
  api,      ///< as it passes through the API
  app,      ///< echo of what was sent from the phone's app or a device linked to it
  history,  ///< afterwards, from the phone's history
};

std::string_view to_string(Via value);
std::optional<Via> parse_via(std::string_view text);

/// One thing a delivery says. `kind` is one of
///   message       something that one side sent the other
///   edit, revoke  another text for, or the taking back of, the earlier message `about`
///   status        a state of a message that the line sent, or of a call
///   line          about a line, an account, its address book or its groups; no message
///   unrecognised  what this version cannot read
struct Event {
  RecordKind kind = RecordKind::unrecognised;
  E164 line;  ///< number of the configured line; empty for what concerns no line
  Direction direction = Direction::in;
  Via via = Via::api;
  Party party;
  std::string provider_id;  ///< wamid; "" where the provider gives none. At most max_id_length
                            ///< bytes (longer ids: unrecognised)
  Timestamp sent;           ///< the provider's time, whole seconds; 1970 where it gives none
  std::string type;  ///< message: "text", "image" …; edit: the type of the new content; "revoke";
                     ///< status: "sent", "read" …; line: "field" or "field:event"; unrecognised:
                     ///< the field or reason
  std::string text;  ///< everything a person can read in it (body, caption, title, file name),
                     ///< UTF-8, lines joined by \n
  std::string reply_to;  ///< provider id of the quoted message, or ""
  std::string about;     ///< provider id of the earlier message that an edit, a revocation or a
                         ///< reaction is about, or ""; at most max_id_length bytes
  /// Further normalised members for the record's body (listed in message/body.hpp): canonical JSON
  /// text of an object, "{}" if none. Its only scalars are strings.
  std::string details = "{}";
  std::size_t offset = 0;  ///< slice of the delivery this came from
  std::size_t length = 0;
  /// Equal exactly for repeats: SHA-256 over line, kind, provider id and the canonical slice
  /// without what a repeat may change (a media object's short-lived url; of messages, edits and
  /// revocations also who the sides are and when, which differ live, as an echo and in a history);
  /// for account events also over their entry's account and time, since they have no id; of
  /// profiles over the details instead of the slice.
  crypto::Digest content;
  bool operator==(const Event&) const = default;
};

inline constexpr std::size_t max_id_length = 512;

/// The configured lines as deliveries name them. Immutable; a reload makes a new one. Runs on: any.
class LineBook {
 public:
  struct Entry {
    E164 number;
    PhoneNumberId phone_number_id;
  };
  explicit LineBook(const std::vector<Entry>& lines);
  /// By the provider's id first, else by the display number (any spelling that normalises to it);
  /// nullopt: not ours.
  [[nodiscard]] std::optional<E164> find(std::string_view phone_number_id,
                                         std::string_view display_number) const;

 private:
  std::unordered_map<std::string, E164> by_id_;
  std::unordered_map<std::string, E164> by_number_;
};

/// A line that isn't configured, as far as a delivery names it. Nothing of what it says is kept.
struct ForeignLine {
  std::string number;  ///< E.164 with + where the display number is one, else phone_number_id; ""
                       ///< for all that are named otherwise or beyond max_foreign_lines
  std::string phone_number_id;  ///< the provider's, or ""; at most max_id_length bytes
  std::size_t things = 0;       ///< how many concerned it
  bool operator==(const ForeignLine&) const = default;
};

/// Distinct ones in a delivery, beyond which the rest is counted together: real deliveries name one
/// line or a few, and a hostile one must not fill the store with names.
inline constexpr std::size_t max_foreign_lines = 64;

/// A whole delivery, understood.
struct Interpretation {
  std::vector<Event> events;  ///< in the order of the delivery
  /// How many things concerned lines that are not configured; none of their content is in `events`.
  std::size_t not_monitored = 0;
  /// The same by line, in the order of the delivery; `not_monitored` is the sum of their things.
  std::vector<ForeignLine> foreign_lines;
  /// Slices (changes) of lines that are not configured: they must not be stored with the raw
  /// delivery.
  std::vector<std::pair<std::size_t, std::size_t>> foreign;
};

}  // namespace sigilo::message
