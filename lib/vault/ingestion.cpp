// SPDX-License-Identifier: Apache-2.0
#include "vault/ingestion.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "message/body.hpp"
#include "message/identities.hpp"
#include "message/media.hpp"
#include "vault/alerting.hpp"
#include "vault/event_id.hpp"
#include "vault/rows.hpp"
#include "vault/schema.hpp"

namespace sigilo::vault {
namespace {

std::string_view counter_of(RecordKind kind) {
  switch (kind) {
    case RecordKind::message:
      return "messages";
    case RecordKind::edit:
      return "edits";
    case RecordKind::revoke:
      return "revocations";
    case RecordKind::status:
      return "statuses";
    case RecordKind::line:
      return "line_events";
    default:
      return "unrecognised";
  }
}

NewestEvents::Content content_of(const message::Event& event) {
  return event.content.view().first<NewestEvents::content_bytes>();
}

/// Kinds whose content is the same whichever way it is told (message/event.hpp).
bool is_told_several_ways(RecordKind kind) {
  return kind == RecordKind::message || kind == RecordKind::edit || kind == RecordKind::revoke;
}

/// Whether it shows that what passes through the line arrives: a profile that was asked for, an
/// address book or a phone's past would make a line look alive whose messages never come.
bool passed_just_now(const message::Event& event) {
  return event.kind != RecordKind::line && event.via != message::Via::history;
}

message::Event told_again(const message::Event& event) {
  message::Event again = event;
  again.kind = RecordKind::status;
  again.type = fmt::format("told:{}", to_string(event.via));
  again.text.clear();
  again.content = crypto::sha256(
      as_bytes(fmt::format("sigilo.told.v1\n{}\n{}", to_string(event.via), event.content.hex())));
  return again;
}

}  // namespace

Result<Ingested> Ingestion::run() {
  for (const auto& event : delivery_.events) SIGILO_TRY_DO(take(event));
  if (!result_.seqs.empty()) SIGILO_TRY_DO(store_delivery());
  result_.stored = result_.seqs.size();
  if (again_) return std::move(result_);
  if (result_.duplicates > 0) count("duplicates", result_.duplicates);
  if (delivery_.not_monitored > 0) count("not_monitored", delivery_.not_monitored);
  for (const auto& line : delivery_.foreign_lines) note_unmonitored(line);
  return std::move(result_);
}

Result<> Ingestion::take(const IngestEvent& item) {
  // What was blanked reads as something unknown; what was unknown before is there.
  if (again_ && item.event.kind == RecordKind::unrecognised) return {};
  SIGILO_TRY(const auto first, known(item.event));
  if (first) return take_again(*first, item);
  SIGILO_TRY(const Seq seq, item.commitment
                                ? vault_.append(item.event.kind, item.body, *item.commitment)
                                : vault_.append(item.event.kind, item.body));
  SIGILO_TRY_DO(store_event(seq, item.event));
  SIGILO_TRY_DO(store_media(seq, item.event));
  return store_alerts(seq, item);
}

Result<std::optional<Seq>> Ingestion::known(std::int64_t sent, NewestEvents::Content content) {
  auto seq = vault_.newest.find(sent, content);
  if (!seq) {
    auto& find = vault_.sql.find_content.bind(1, sent).bind(2, BytesView(content));
    SIGILO_TRY(const bool found, find.step());
    if (found) seq = find.integer(0);
    find.reset();
  }
  if (!seq) return std::nullopt;
  return Seq(static_cast<std::uint64_t>(*seq));
}

Result<std::optional<Seq>> Ingestion::known(const message::Event& event) {
  SIGILO_TRY(auto found, known(event.sent.seconds(), content_of(event)));
  if (found || event.provider_id.empty() || !is_told_several_ways(event.kind)) return found;
  if (event.via == message::Via::api && !vault_.told_by_phone.contains(event.line.value()))
    return found;
  return known_by_id(id_key(event.provider_id), content_of(event));
}

Result<std::optional<Seq>> Ingestion::known_by_id(std::int64_t id, NewestEvents::Content content) {
  auto seq = vault_.newest.find_by_id(id, content);
  auto& last = vault_.sql.last_indexed;
  SIGILO_TRY(const bool indexed, last.step());
  const std::int64_t last_block = indexed ? last.integer(0) >> id_block_bits : -1;
  last.reset();
  // The newest first: what is told again was mostly told a moment ago.
  for (auto block = last_block; block >= 0 && !seq; --block) {
    auto& find = vault_.sql.find_told.bind(1, block).bind(2, id).bind(3, BytesView(content));
    SIGILO_TRY(const bool found, find.step());
    if (found) seq = find.integer(0);
    find.reset();
  }
  if (!seq) return std::nullopt;
  return Seq(static_cast<std::uint64_t>(*seq));
}

Result<> Ingestion::take_again(Seq first, const IngestEvent& item) {
  const message::Event& event = item.event;
  ++result_.duplicates;
  if (!is_told_several_ways(event.kind)) return {};
  auto& find = vault_.sql.body_of.bind(1, number(first));
  SIGILO_TRY(const bool found, find.step());
  const auto before = found && find.maybe_text(1)
                          ? message::read_body(event.kind, find.text(1))
                          : Result<message::StoredEvent>(fail(ErrorCode::corrupt, "no body"));
  find.reset();
  // Erased or damaged: whether it was told another way can't be said any more.
  if (!before || before->event.via == event.via) return {};
  const auto again = told_again(event);
  SIGILO_TRY(const auto told, known_by_id(id_key(again.provider_id), content_of(again)));
  if (told) return {};
  SIGILO_TRY(
      const Seq seq,
      vault_.append(again.kind, message::make_body(again, delivery_.provenance, delivery_.raw)));
  SIGILO_TRY_DO(store_event(seq, again));
  // A phone's history may have come first, and is not judged: what is alarming in the message is
  // told now.
  const bool unjudged = before->event.via == message::Via::history;
  return unjudged && before->event.text == event.text ? store_alerts(first, item) : Result<>();
}

Result<> Ingestion::store_event(Seq seq, const message::Event& event) {
  result_.seqs.push_back(seq);
  slices_.push_back({event.offset, event.length});
  SIGILO_TRY(const std::int64_t conversation, conversation_of(seq, event));
  SIGILO_TRY_DO(store_identities(seq, event));
  count(counter_of(event.kind), 1);
  if (!event.line.value().empty() && !again_) {
    auto& line = vault_.tally.lines[event.line.value()];
    ++line.events;
    if (passed_just_now(event)) line.last = vault_.sealer.state().last;
  }
  if (event.via != message::Via::api && is_told_several_ways(event.kind) &&
      vault_.told_by_phone.insert(event.line.value()).second)
    count(fmt::format("{}{}", told_by_phone_counter, event.line.value()), 1);
  const auto id = id_key(event.provider_id);
  vault_.newest.add(event.sent.seconds(), content_of(event), id, number(seq));
  return vault_.sql.add_event.bind(1, number(seq))
      .bind(2, event.sent.seconds())
      .bind(3, BytesView(content_of(event)))
      .bind(4, conversation)
      .bind(5, number(result_.seqs.front()))
      .bind(6, id)
      .bind(7, id_key(event.about))
      .run();
}

Result<std::int64_t> Ingestion::conversation_of(Seq seq, const message::Event& event) {
  const std::string_view line = event.line.value();
  const std::string_view party = event.party.key();
  std::string key;
  key.reserve(line.size() + 1 + party.size());
  key.append(line).append(1, '\n').append(party);
  if (const auto* id = vault_.conversations.find(key)) return *id;
  auto& find = vault_.sql.find_conversation.bind(1, party).bind(2, line);
  SIGILO_TRY(const bool known, find.step());
  std::int64_t id = known ? find.integer(0) : 0;
  find.reset();
  if (!known) {
    auto& add = vault_.sql.add_conversation.bind(1, line).bind(2, party).bind(3, number(seq));
    SIGILO_TRY_DO(add.step());
    id = add.integer(0);
    add.reset();
  }
  vault_.conversations.put(std::move(key), id);
  return id;
}

Result<> Ingestion::store_identities(Seq seq, const message::Event& event) {
  for (const auto& [name, other] : message::identities_of(event)) {
    std::string key = fmt::format("{}\n{}", name, other);
    if (vault_.identities.find(key) != nullptr) continue;
    for (const auto& [one, two] : {std::pair(&name, &other), std::pair(&other, &name)})
      SIGILO_TRY_DO(vault_.sql.add_identity.bind(1, std::string_view(*one))
                        .bind(2, std::string_view(*two))
                        .bind(3, number(seq))
                        .run());
    vault_.identities.put(std::move(key), number(seq));
  }
  return {};
}

Result<> Ingestion::store_media(Seq seq, const message::Event& event) {
  if (!message::file_of(event)) return {};
  count("media", 1);
  return vault_.sql.add_media.bind(1, number(seq))
      .bind(2, vault_.sealer.state().last.micros())
      .run();
}

Result<> Ingestion::store_alerts(Seq seq, const IngestEvent& item) {
  for (const auto& alert : item.alerts)
    SIGILO_TRY_DO(write_alert(vault_, seq, item.event, alert, item.mails));
  for (const auto& mail : item.mails) SIGILO_TRY_DO(write_mail(vault_, seq, mail));
  result_.mails += item.mails.size();
  return {};
}

Result<> Ingestion::store_delivery() {
  const std::string rest = without_slices(delivery_.raw, slices_, delivery_.foreign);
  return vault_.sql.add_delivery.bind(1, number(result_.seqs.front()))
      .bind(2, delivery_.provenance.received.micros())
      .bind(3, std::string_view(delivery_.provenance.source))
      .bind(4, delivery_.provenance.delivery.view())
      .bind(5, std::string_view(delivery_.signature))
      .bind(6, as_bytes(rest))
      .bind(7, std::int64_t{delivery_.partial || !delivery_.foreign.empty()})
      .run();
}

void Ingestion::note_unmonitored(const message::ForeignLine& line) {
  constexpr std::size_t longest = 64;  // the provider's text, whatever it says
  const std::string name =
      (line.number.empty() ? line.phone_number_id : line.number).substr(0, longest);
  auto& all = vault_.tally.unmonitored;
  auto found = all.find(name);
  if (name.empty() || (found == all.end() && all.size() >= max_unmonitored)) return;
  const Timestamp now = delivery_.provenance.received;
  if (found == all.end()) found = all.try_emplace(name, Tally::Unmonitored{{}, 0, now, now}).first;
  auto& noted = found->second;
  noted.events += line.things;
  noted.first = std::min(noted.first, now);
  noted.last = std::max(noted.last, now);
  if (!line.phone_number_id.empty())
    noted.phone_number_id = line.phone_number_id.substr(0, longest);
}

void Ingestion::count(std::string_view name, std::uint64_t times) {
  const auto found = vault_.tally.counters.find(name);
  if (found != vault_.tally.counters.end())
    found->second += times;
  else
    vault_.tally.counters.emplace(name, times);
}

}  // namespace sigilo::vault
