// SPDX-License-Identifier: Apache-2.0
#include "bundle/transcript.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "bundle/transcript_words.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "message/body.hpp"
#include "text/dates.hpp"

namespace sigilo::bundle {
namespace {

using message::Event;

struct Said {
  const RecordFile* record = nullptr;
  message::StoredEvent stored;

  [[nodiscard]] Seq seq() const { return record->header.seq; }
  [[nodiscard]] const Event& event() const { return stored.event; }
  /// By the provider's clock where it gives a time.
  [[nodiscard]] Timestamp when() const {
    return event().sent == Timestamp() ? record->header.time : event().sent;
  }
};

/// What some other record says of a message.
struct Note {
  Seq seq;
  Timestamp time;
  json::Object body;
};

template <class... Values>
std::string put(std::string_view words, const Values&... values) {
  return fmt::format(fmt::runtime(words), values...);
}

class Teller {
 public:
  Teller(const Gathered& found, const Ask& ask, std::string (*name_of)(const File&))
      : found_(found), ask_(ask), name_of_(name_of), w_(words(ask.language)) {}

  void sort_records();
  void turns(Transcript& to);
  void facts(Transcript& to, const json::Object& description) const;
  void tables(Transcript& to) const;

 private:
  [[nodiscard]] std::string local(Timestamp time) const {
    return text::long_local_time(time, ask_.timezone, ask_.language);
  }
  /// Short enough to stand beside a name; the zone is stated once, and each record's own time has
  /// its offset.
  [[nodiscard]] std::string brief(Timestamp time) const {
    return text::table_local_time(time, ask_.timezone);
  }
  [[nodiscard]] std::string word(std::string_view name) const {
    return std::string(word_for(name, ask_.language));
  }
  static std::string who(const Event& event);
  [[nodiscard]] Turn message(const Said& said) const;
  void add_changes(const Said& said, Turn& turn) const;
  void add_states(const Said& said, Turn& turn) const;
  void add_notes(const Said& said, Turn& turn) const;
  void add_file(const Said& said, Turn& turn) const;

  const Gathered& found_;
  const Ask& ask_;
  std::string (*name_of_)(const File&);
  const Words& w_;
  std::vector<Said> said_;
  std::map<std::string, const Said*, std::less<>> by_id_;  ///< messages by the provider's id
  std::multimap<std::string, const Said*, std::less<>> about_;
  std::multimap<std::string, const Said*, std::less<>> states_;
  std::multimap<std::uint64_t, Note> alerts_, media_, readings_;
  std::map<std::uint64_t, const File*> files_;
};

void Teller::sort_records() {
  for (const auto& record : found_.records) {
    if (!record.body) continue;
    const auto kind = record.header.kind;
    if (message::holds_event(kind)) {
      if (auto stored = message::read_body(kind, *record.body))
        said_.push_back({&record, std::move(*stored)});
      continue;
    }
    const auto parsed = json::parse(*record.body);
    if (!parsed || !parsed->is_object()) continue;
    const auto& body = parsed->get_object();
    const Note note{record.header.seq, record.header.time, body};
    const auto message = static_cast<std::uint64_t>(json::integer_at(body, "message").value_or(-1));
    if (kind == RecordKind::alert) alerts_.emplace(message, note);
    if (kind == RecordKind::media) media_.emplace(message, note);
    if (kind != RecordKind::access) continue;
    const auto* seqs = json::array_at(body, "seqs");
    for (const auto& seq : seqs != nullptr ? *seqs : json::Array())
      if (seq.is_int64()) readings_.emplace(static_cast<std::uint64_t>(seq.get_int64()), note);
  }
  for (const auto& said : said_) {
    const auto& event = said.event();
    if (event.kind == RecordKind::status)
      states_.emplace(event.provider_id, &said);
    else if (!event.about.empty())
      about_.emplace(event.about, &said);
    else if (event.kind == RecordKind::message && !event.provider_id.empty())
      by_id_.emplace(event.provider_id, &said);
  }
  for (const auto& file : found_.files) files_.emplace(file.message.value(), &file);
}

std::string Teller::who(const Event& event) {
  const auto& party = event.party;
  if (party.name.empty()) return party.key();
  return fmt::format("{} ({})", party.name, party.key());
}

void Teller::add_changes(const Said& said, Turn& turn) const {
  if (said.event().provider_id.empty()) return;
  const auto [begin, end] = about_.equal_range(said.event().provider_id);
  for (auto at = begin; at != end; ++at) {
    const auto& change = *at->second;
    const auto number = change.seq().value();
    const auto when = brief(change.when());
    if (change.event().kind == RecordKind::revoke) {
      turn.bubble.notice = put(w_.deleted, when, number);
      turn.bubble.struck = true;
    } else if (change.event().kind == RecordKind::edit) {
      turn.bubble.earlier.push_back({put(w_.before_edit, when, number), turn.bubble.text});
      turn.bubble.text = change.event().text;
      add_file(change, turn);
    } else {
      const auto sender = change.event().direction == Direction::in ? who(change.event())
                                                                    : change.event().line.value();
      turn.bubble.meta.push_back(put(w_.reaction, sender, change.event().text, number));
    }
  }
}

void Teller::add_states(const Said& said, Turn& turn) const {
  if (said.event().provider_id.empty()) return;
  const auto [begin, end] = states_.equal_range(said.event().provider_id);
  for (auto at = begin; at != end; ++at)
    turn.bubble.meta.push_back(put(w_.state, word(at->second->event().type),
                                   brief(at->second->when()), at->second->seq().value()));
}

void Teller::add_notes(const Said& said, Turn& turn) const {
  const auto number = said.seq().value();
  for (auto [at, end] = alerts_.equal_range(number); at != end; ++at) {
    std::string quoted;
    const auto* list = json::array_at(at->second.body, "words");
    for (const auto& one : list != nullptr ? *list : json::Array())
      if (one.is_string()) quoted += (quoted.empty() ? "" : ", ") + std::string(one.get_string());
    turn.bubble.meta.push_back(put(w_.alert,
                                   json::text_at(at->second.body, "category").value_or(""), quoted,
                                   at->second.seq.value()));
  }
  for (auto [at, end] = readings_.equal_range(number); at != end; ++at) {
    std::string user(json::text_at(at->second.body, "user").value_or(""));
    if (user.empty())
      user = put(w_.read_back, json::integer_at(at->second.body, "uid").value_or(-1));
    turn.bubble.meta.push_back(
        put(w_.reading, user, brief(at->second.time), at->second.seq.value()));
  }
}

void Teller::add_file(const Said& said, Turn& turn) const {
  const auto number = said.seq().value();
  const auto omitted = std::ranges::find_if(found_.omissions, [&](const Omission& omission) {
    return omission.record == said.seq() && omission.what == "file";
  });
  paper::Attachment attachment;
  ShownFile shown;
  if (const auto file = files_.find(number); file != files_.end()) {
    shown.name = name_of_(*file->second);
    shown.sealed = &file->second->sealed;
    shown.picture = file->second->sniffed.starts_with("image/");
    attachment.name = shown.name;
    attachment.details = {put(w_.type_and_size, file->second->sniffed, file->second->sealed.size)};
    attachment.hash = file->second->sealed.sha256.hex();
  } else if (omitted != found_.omissions.end()) {
    attachment.name = w_.file_missing;
    attachment.details = {word(omitted->why), std::string(w_.see_omissions)};
  } else {
    return;
  }
  turn.bubble.attachments.push_back(std::move(attachment));
  turn.files.push_back(std::move(shown));
}

Turn Teller::message(const Said& said) const {
  const auto& event = said.event();
  Turn turn;
  auto& bubble = turn.bubble;
  bubble.side = event.direction == Direction::out ? paper::Side::right : paper::Side::left;
  bubble.sender = event.direction == Direction::out ? event.line.value() : who(event);
  bubble.time = brief(said.when());
  bubble.text = event.text;
  if (event.kind == RecordKind::edit) bubble.notice = w_.edit_of_unknown;
  if (event.kind == RecordKind::revoke)
    bubble.notice = put(w_.deleted, brief(said.when()), said.seq().value());
  if (!event.reply_to.empty()) {
    const auto quoted = by_id_.find(event.reply_to);
    bubble.quoted =
        quoted == by_id_.end() ? std::string(w_.quoted_unknown) : quoted->second->event().text;
  }
  add_file(said, turn);
  add_changes(said, turn);
  add_states(said, turn);
  add_notes(said, turn);
  bubble.meta.push_back(put(w_.record, said.seq().value(), local(said.record->header.time)));
  if (!event.provider_id.empty()) bubble.meta.push_back(put(w_.provider_id, event.provider_id));
  bubble.meta.push_back(put(w_.leaf, said.record->leaf.hex()));
  return turn;
}

/// By conversation, in each by the time of sending. What changed a message stands with it.
void Teller::turns(Transcript& to) {
  std::vector<const Said*> told;
  for (const auto& said : said_) {
    const auto& event = said.event();
    const bool change = !event.about.empty() && by_id_.contains(event.about);
    if (event.kind != RecordKind::status && event.kind != RecordKind::line && !change)
      told.push_back(&said);
  }
  const auto place = [](const Said* said) {
    return std::tuple(said->event().line.value(), said->event().party.key(), said->when(),
                      said->seq());
  };
  std::ranges::sort(told, {}, place);
  std::string conversation, day;
  for (const auto* said : told) {
    const auto& event = said->event();
    const auto with = event.line.value() + " " + event.party.key();
    if (with != conversation || to.turns.empty()) {
      to.turns.push_back({.what = Turn::What::conversation,
                          .text = put(w_.conversation, event.line.value(), event.party.key())});
      conversation = with;
      day.clear();
    }
    const auto date = text::table_local_time(said->when(), ask_.timezone).substr(0, 10);
    if (date != std::exchange(day, date))
      to.turns.push_back({.what = Turn::What::day, .text = date});
    to.turns.push_back(message(*said));
  }
}

void Teller::facts(Transcript& to, const json::Object& description) const {
  const auto text = [&](std::string_view name) {
    return std::string(json::text_at(description, name).value_or(""));
  };
  std::string asked;
  for (const auto& [name, value] : description.at("asked").get_object())
    asked +=
        fmt::format("{}{} = {}", asked.empty() ? "" : ", ", std::string_view(name),
                    value.is_string() ? std::string(value.get_string()) : json::canonical(value));
  const auto& checkpoint = description.at("checkpoint").get_object();
  to.facts = {{std::string(w_.firm), text("firm")},
              {std::string(w_.asked), asked},
              {std::string(w_.period), fmt::format("{} {} {} {}", w_.from, local(found_.since),
                                                   w_.to, local(found_.until))},
              {std::string(w_.zone), ask_.timezone},
              {std::string(w_.made), local(to.made)},
              {std::string(w_.records), std::to_string(found_.records.size())},
              {std::string(w_.vault), text("vault"), true},
              {std::string(w_.fingerprint), text("fingerprint"), true},
              {std::string(w_.checkpoint),
               fmt::format("{} {}", json::canonical(checkpoint.at("size")),
                           json::text_at(checkpoint, "root").value_or("")),
               true},
              {std::string(w_.version), "sigilo " + text("version")}};
}

void Teller::tables(Transcript& to) const {
  const auto text = [](std::string_view view) { return std::string(view); };
  to.counts = {{text(w_.kind), text(w_.in_ledger), text(w_.in_period), text(w_.included),
                text(w_.left_out)}};
  const auto count = [](const Counts& counts, const std::string& kind) {
    const auto found = counts.find(kind);
    return found == counts.end() ? 0 : found->second;
  };
  for (const auto& [kind, total] : found_.ledger) {
    const auto period = count(found_.period, kind);
    const auto included = count(found_.included_of_period, kind);
    to.counts.push_back({kind, std::to_string(total), std::to_string(period),
                         std::to_string(included), std::to_string(period - included)});
  }
  to.gaps = {{text(w_.number), text(w_.when), text(w_.what)}};
  const std::set<Seq> gaps(found_.gaps.begin(), found_.gaps.end());
  for (const auto& record : found_.records) {
    if (!gaps.contains(record.header.seq)) continue;
    const auto body = json::parse(record.body.value_or(""));
    const auto* object = body ? body->if_object() : nullptr;
    const auto event = object != nullptr ? json::text_at(*object, "event") : std::nullopt;
    to.gaps.push_back({std::to_string(record.header.seq.value()), brief(record.header.time),
                       word(event.value_or(""))});
  }
  to.omissions = {{text(w_.number), text(w_.what), text(w_.why)}};
  for (const auto& omission : found_.omissions)
    to.omissions.push_back(
        {std::to_string(omission.record.value()), word(omission.what), word(omission.why)});
}

}  // namespace

Transcript tell(const Gathered& found, const json::Object& description, const Ask& ask,
                std::string (*name_of)(const File&)) {
  const auto& w = words(ask.language);
  Transcript transcript;
  transcript.language = ask.language;
  transcript.made =
      parse_rfc3339(json::text_at(description, "made").value_or("")).value_or(Timestamp());
  transcript.title = w.title;
  transcript.firm = json::text_at(description, "firm").value_or("");
  transcript.how_to_read = w.how_to_read;
  transcript.counts_title = w.counts_title;
  transcript.gaps_title = w.gaps_title;
  transcript.omissions_title = w.omissions_title;
  Teller teller(found, ask, name_of);
  teller.sort_records();
  teller.facts(transcript, description);
  teller.turns(transcript);
  teller.tables(transcript);
  return transcript;
}

}  // namespace sigilo::bundle
