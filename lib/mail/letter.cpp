// SPDX-License-Identifier: Apache-2.0
#include "mail/letter.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.hpp"
#include "mail/words.hpp"
#include "text/dates.hpp"
#include "text/unicode.hpp"

namespace sigilo::mail {
namespace {

using vault::AlertRow;
using vault::MessageRow;

template <class... Args>
std::string filled(std::string_view sentence, const Args&... args) {
  return fmt::format(fmt::runtime(sentence), args...);
}

std::string name(std::string_view text) {
  return one_line(text, max_name);
}

std::string category(const AlertRow& alert, Language language) {
  return name(category_word(alert.category, language));
}

Severity gravest(const std::vector<AlertRow>& alerts) {
  Severity result = Severity::low;
  for (const auto& alert : alerts) result = std::max(result, alert.severity);
  return result;
}

std::string categories(const std::vector<AlertRow>& alerts, Language language) {
  std::string list;
  for (const auto& alert : alerts) {
    if (!list.empty()) list += ", ";
    list += category(alert, language);
  }
  return list;
}

std::string lawyer_of(const std::string& line, const Letterhead& head) {
  const auto found = head.lawyers.find(line);
  return found == head.lawyers.end() ? std::string() : name(found->second);
}

std::string party_text(const message::Party& party, Language language) {
  const auto who = name(party.name);
  const auto key = name(party.key());
  if (who.empty() && key.empty()) return std::string(words(language).unknown_party);
  if (who.empty() || key.empty()) return who.empty() ? key : who;
  return fmt::format("{} ({})", who, key);
}

/// The provider's time, or ours where it gives none.
Timestamp time_of(const MessageRow& row) {
  const auto sent = row.stored.event.sent;
  return sent.micros() > 0 ? sent : row.time;
}

std::string who_said(const MessageRow& row, Language language, const Letterhead& head) {
  const auto& event = row.stored.event;
  if (event.direction == Direction::out) {
    const auto lawyer = lawyer_of(event.line.value(), head);
    return lawyer.empty() ? name(event.line.value()) : lawyer;
  }
  const auto who = name(event.party.name);
  return who.empty() ? party_text(event.party, language) : who;
}

/// "[imagen] " before the text of what is more than text, "[sin texto]" where nothing can be read.
std::string kind_mark(const message::Event& event, Language language) {
  auto type = name(type_word(event.type, language));
  if (type.empty() && event.text.empty()) type = words(language).no_text;
  return type.empty() ? type : fmt::format("[{}]{}", type, event.text.empty() ? "" : " ");
}

Spans spans_of(const std::vector<AlertRow>& alerts) {
  Spans spans;
  for (const auto& alert : alerts)
    spans.insert(spans.end(), alert.spans.begin(), alert.spans.end());
  return spans;
}

bool is_long(const message::Event& event) {
  return event.text.size() > max_shown_text;
}

Cut cut_for(const message::Event& event, config::MailContent content) {
  if (content == config::MailContent::excerpt) return {excerpt_around, max_mark, max_marks};
  if (is_long(event)) return {long_text_around, max_mark, max_marks};
  return {};
}

Said said(const MessageRow& row, Language language, const Letterhead& head) {
  Said result;
  result.when = text::short_local_time(time_of(row), head.timezone, language);
  result.who = who_said(row, language, head);
  result.by_firm = row.stored.event.direction == Direction::out;
  const auto mark = kind_mark(row.stored.event, language);
  if (!mark.empty()) result.text.push_back({mark, false});
  return result;
}

Said the_message(const AlertCase& about, Language language, const Letterhead& head) {
  const auto& event = about.message.stored.event;
  auto result = said(about.message, language, head);
  result.alerted = true;
  for (auto& piece : pieces(event.text, spans_of(about.alerts), cut_for(event, head.content))) {
    result.text.push_back(std::move(piece));
  }
  return result;
}

Said neighbour(const MessageRow& row, Language language, const Letterhead& head) {
  auto result = said(row, language, head);
  const Cut cut{max_neighbour, 0, 0};
  for (auto& piece : pieces(row.stored.event.text, {}, cut))
    result.text.push_back(std::move(piece));
  return result;
}

std::vector<Said> talk_of(const AlertCase& about, Language language, const Letterhead& head) {
  std::vector<Said> talk;
  bool itself = false;
  for (const auto& row : about.around) {
    if (head.content != config::MailContent::full) break;
    const bool alerted = row.seq == about.message.seq;
    itself = itself || alerted;
    talk.push_back(alerted ? the_message(about, language, head) : neighbour(row, language, head));
  }
  if (!itself) talk.push_back(the_message(about, language, head));
  return talk;
}

void add_alert_facts(Letter& letter, const AlertRow& alert, bool with_rule) {
  const auto& say = words(letter.language);
  letter.facts.emplace_back(
      say.category,
      fmt::format("{} · {}", category(alert, letter.language),
                  filled(say.severity_is, severity_word(alert.severity, letter.language))));
  if (!with_rule) return;
  auto rules = name(alert.rule);
  for (const auto& rule : alert.rules) {
    if (rule != alert.rule && rules.size() < max_name) rules += ", " + name(rule);
  }
  letter.facts.emplace_back(say.rule, rules);
  letter.facts.emplace_back(say.policy, name(alert.policy));
}

/// Line, other party and time.
void add_message_facts(Letter& letter, const MessageRow& message, const Letterhead& head) {
  const auto& say = words(letter.language);
  const auto& event = message.stored.event;
  const bool reference = head.content == config::MailContent::reference;
  const auto lawyer = lawyer_of(event.line.value(), head);
  letter.facts.emplace_back(
      say.line, lawyer.empty() ? name(event.line.value())
                               : fmt::format("{} · {}", lawyer, name(event.line.value())));
  if (!reference) letter.facts.emplace_back(say.party, party_text(event.party, letter.language));
  letter.facts.emplace_back(
      event.direction == Direction::in ? say.received : say.sent_by_firm,
      text::long_local_time(time_of(message), head.timezone, letter.language));
}

void add_facts(Letter& letter, const AlertCase& about, const Letterhead& head) {
  const auto& say = words(letter.language);
  const bool reference = head.content == config::MailContent::reference;
  add_message_facts(letter, about.message, head);
  for (const auto& alert : about.alerts) add_alert_facts(letter, alert, !reference);
  letter.facts.emplace_back(say.record, fmt::format("{}", about.message.seq.value()));
}

void add_content(Letter& letter, const AlertCase& about, const Letterhead& head) {
  const auto& say = words(letter.language);
  if (head.content == config::MailContent::reference) {
    letter.intro = say.no_content;
    return;
  }
  const bool full = head.content == config::MailContent::full;
  letter.talk_heading = full ? say.conversation : say.excerpts;
  letter.talk = talk_of(about, letter.language, head);
  if (!full) {
    letter.note = say.only_excerpts;
  } else if (is_long(about.message.stored.event)) {
    letter.note = filled(say.long_text, about.message.seq.value());
  }
}

Letter begun(Language language, const Letterhead& head) {
  Letter letter;
  letter.language = language;
  letter.next_heading = words(language).next;
  letter.footer.push_back(filled(words(language).automatic, name(head.firm)));
  return letter;
}

}  // namespace

Letter alert_letter(const AlertCase& about, Language language, const Letterhead& head) {
  SIGILO_CHECK(!about.alerts.empty(), "a mail about no alert");
  const auto& say = words(language);
  auto letter = begun(language, head);
  letter.severity = gravest(about.alerts);
  const auto severity = severity_word(letter.severity, language);
  letter.subject =
      filled(say.subject, severity, one_line(categories(about.alerts, language), 2 * max_name),
             name(about.message.stored.event.line.value()));
  letter.heading = filled(say.heading, severity);
  add_facts(letter, about, head);
  add_content(letter, about, head);
  letter.steps = {{std::string(say.show), fmt::format("sigilo show {}", about.message.seq.value())},
                  {std::string(say.alerts), "sigilo alerts --open"}};
  letter.footer.emplace_back(say.reading_is_recorded);
  letter.footer.emplace_back(say.confidential);
  return letter;
}

Letter lost_file_letter(const LostFile& about, Language language, const Letterhead& head) {
  const auto& say = words(language);
  const auto& event = about.message.stored.event;
  auto letter = begun(language, head);
  letter.severity = about.alert.severity;
  letter.subject = filled(say.lost_subject, name(event.line.value()));
  letter.heading = say.lost_heading;
  add_message_facts(letter, about.message, head);
  const auto kind = name(type_word(event.type, language));
  const bool reference = head.content == config::MailContent::reference;
  const auto called = reference ? std::string() : name(about.name);
  letter.facts.emplace_back(say.file, called.empty() ? kind : fmt::format("{} · {}", kind, called));
  if (about.loss) letter.facts.emplace_back(say.why, loss_words(*about.loss, language));
  letter.facts.emplace_back(say.record, fmt::format("{}", about.message.seq.value()));
  letter.intro = say.lost_what;
  letter.steps = {
      {std::string(say.lost_next), fmt::format("sigilo show {}", about.message.seq.value())},
      {std::string(say.alerts), "sigilo alerts --open"}};
  letter.footer.emplace_back(say.reading_is_recorded);
  letter.footer.emplace_back(say.confidential);
  return letter;
}

Letter notice_letter(const ServiceNotice& notice, Language language, const Letterhead& head) {
  const auto& say = words(language);
  const bool failing = notice.kind == ServiceNotice::Kind::storage_failing;
  auto letter = begun(language, head);
  letter.severity = failing ? Severity::high : Severity::low;
  letter.subject = failing ? say.failing_subject : say.recovered_subject;
  letter.heading = failing ? say.failing_title : say.recovered_title;
  letter.facts.emplace_back(say.since,
                            text::long_local_time(notice.since, head.timezone, language));
  letter.intro = failing ? say.failing_what : say.recovered_what;
  letter.steps = {{std::string(failing ? say.failing_next : say.recovered_next), "sigilo status"}};
  return letter;
}

}  // namespace sigilo::mail
