// SPDX-License-Identifier: Apache-2.0
// Every word that a mail says, in each language. To change what a manager reads, change words.cpp.
#pragma once

#include <string>
#include <string_view>

#include "base/domain.hpp"
#include "vault/media.hpp"

namespace sigilo::mail {

/// Sentences with {} are filled in by letter.cpp, in the order that the comment gives.
struct Words {
  std::string_view language;  ///< BCP 47 tag for HTML

  std::string_view subject;                                      ///< severity, categories, line
  std::string_view heading;                                      ///< severity
  std::string_view line, party, category, rule, policy, record;  ///< labels
  std::string_view received, sent_by_firm;  ///< labels of the time, by direction
  std::string_view severity_is;             ///< after a category; severity
  std::string_view unknown_party;
  std::string_view low, medium, high;  ///< severities, fitting into `subject` and `heading`
  std::string_view conversation;       ///< heading over the messages
  std::string_view excerpts;           ///< heading where only excerpts are shown
  std::string_view this_message;       ///< badge of the message that alerted
  std::string_view only_excerpts;      ///< says why only excerpts are shown
  std::string_view long_text;          ///< says that the text is shortened; record number
  std::string_view no_content;         ///< says why nothing is shown
  std::string_view no_text;            ///< the message has no text of its own
  std::string_view next;               ///< heading over what to do
  std::string_view show;               ///< before the command that shows the record
  std::string_view alerts;             ///< before the command that lists open alerts
  std::string_view reading_is_recorded;
  std::string_view confidential;  ///< footer
  std::string_view automatic;     ///< footer; the firm's name

  std::string_view lost_subject;  ///< line
  std::string_view lost_heading;
  std::string_view file, why;  ///< labels
  std::string_view lost_what;
  std::string_view lost_next;  ///< what to do; nothing is filled in

  std::string_view since;  ///< label of a notice's time
  std::string_view failing_subject, failing_title, failing_what, failing_next;
  std::string_view recovered_subject, recovered_title, recovered_what, recovered_next;
};

/// Runs on: any.
const Words& words(Language language);

std::string_view severity_word(Severity severity, Language language);

/// A known category in the reader's language; one that the firm named stays as it is.
std::string category_word(std::string_view category, Language language);

/// What a message is ("imagen"), for those whose text does not say it; "" for plain text, and the
/// provider's own word for a type that has no translation.
std::string type_word(std::string_view type, Language language);
/// Why a file was lost, in a sentence.
std::string loss_words(vault::MediaLoss loss, Language language);

}  // namespace sigilo::mail
