// SPDX-License-Identifier: Apache-2.0
// What a mail says, before it is text or HTML: one model, so that both parts say the same.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/domain.hpp"
#include "config/config.hpp"
#include "mail/plain.hpp"
#include "vault/reader.hpp"

namespace sigilo::mail {

/// How many messages of the conversation are shown around the one that alerted.
inline constexpr std::size_t messages_before = 5;
inline constexpr std::size_t messages_after = 2;
/// Characters on each side of the words found, with content = "excerpt".
inline constexpr std::size_t excerpt_around = 60;
/// A message of more bytes is shown as its words found with long_text_around characters on each
/// side. (The provider's own limit for a text is 4,096 characters.)
inline constexpr std::size_t max_shown_text = 16 * 1024;
inline constexpr std::size_t long_text_around = 400;
/// Limits of one shortened text: words found that are shown, and characters of each.
inline constexpr std::size_t max_marks = 20;
inline constexpr std::size_t max_mark = 200;
/// Characters of a neighbouring message, of a name, of a category or rule that the firm named.
inline constexpr std::size_t max_neighbour = 500;
inline constexpr std::size_t max_name = 80;

/// What all mails of the firm have in common.
struct Letterhead {
  std::string firm;
  std::string timezone = "UTC";
  config::MailContent content = config::MailContent::full;
  std::map<std::string, std::string> lawyers;  ///< by the line's number
};

/// One message of the conversation.
struct Said {
  std::string when;
  std::string who;
  std::vector<Piece> text;
  bool by_firm = false;
  bool alerted = false;
};

/// Every string is harmless() and short; none is escaped for HTML yet.
struct Letter {
  Language language = Language::es;
  Severity severity = Severity::low;
  /// Severity, category and line, and never a word of the message or a name: subjects are shown on
  /// locked screens, kept in relays' logs, and not encrypted by S/MIME or PGP.
  std::string subject;
  std::string heading;
  std::vector<std::pair<std::string, std::string>> facts;  ///< label, value
  std::string intro;  ///< a paragraph after the facts, may be empty
  std::string talk_heading;
  std::vector<Said> talk;  ///< empty where no content may be shown
  std::string note;        ///< a remark under the talk, may be empty
  std::string next_heading;
  std::vector<std::pair<std::string, std::string>> steps;  ///< what to do, and the command for it
  std::vector<std::string> footer;
};

/// What an alert mail is about.
struct AlertCase {
  vault::MessageRow message;
  std::vector<vault::AlertRow> alerts;  ///< of that message, at least one
  std::vector<vault::MessageRow>
      around;  ///< the conversation with the message itself, oldest first
};

/// With content = "reference" it says neither what was said nor by whom, nor which rule (a rule's
/// name often holds the word it looks for). Runs on: any.
Letter alert_letter(const AlertCase& about, Language language, const Letterhead& head);

/// What a mail about a file that was lost is about.
struct LostFile {
  vault::MessageRow message;
  vault::AlertRow alert;
  std::string name;                      ///< as the sender wrote it, "" where there is none
  std::optional<vault::MediaLoss> loss;  ///< why it could not be kept
};

/// Which file of which message, why, and what to do. With content = "reference" neither the file's
/// name nor the other party. Runs on: any.
Letter lost_file_letter(const LostFile& about, Language language, const Letterhead& head);

/// Something that managers must know about the service itself.
struct ServiceNotice {
  enum class Kind { storage_failing, storage_recovered };
  Kind kind = Kind::storage_failing;
  Timestamp since;
};
Letter notice_letter(const ServiceNotice& notice, Language language, const Letterhead& head);

}  // namespace sigilo::mail
