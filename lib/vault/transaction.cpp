// SPDX-License-Identifier: Apache-2.0
#include "vault/transaction.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.hpp"
#include "crypto/encoding.hpp"
#include "ledger/checkpoint.hpp"
#include "vault/bodies.hpp"
#include "vault/delivery.hpp"
#include "vault/impl.hpp"

namespace sigilo::vault {
namespace {

std::int64_t number(Seq seq) {
  return static_cast<std::int64_t>(seq.value());
}

std::string_view counter_of(RecordKind kind) {
  if (kind == RecordKind::message) return "messages";
  if (kind == RecordKind::status) return "statuses";
  return "unrecognised";
}

/// Stores one delivery's events. Runs on: store, inside a transaction.
class Ingestion {
 public:
  Ingestion(Vault::Impl& vault, const Ingest& delivery) : vault_(vault), delivery_(delivery) {}

  Result<Ingested> run() {
    for (const auto& event : delivery_.events) SIGILO_TRY_DO(take(event));
    if (!result_.seqs.empty()) SIGILO_TRY_DO(store_delivery());
    result_.stored = result_.seqs.size();
    if (result_.duplicates > 0) count("duplicates", result_.duplicates);
    if (delivery_.not_monitored > 0) count("not_monitored", delivery_.not_monitored);
    return std::move(result_);
  }

 private:
  Result<> take(const IngestEvent& item) {
    SIGILO_TRY(const bool known, is_known(item.event));
    if (known) {
      ++result_.duplicates;
      return {};
    }
    SIGILO_TRY(const Seq seq, item.commitment
                                  ? vault_.append(item.event.kind, item.body, *item.commitment)
                                  : vault_.append(item.event.kind, item.body));
    result_.seqs.push_back(seq);
    slices_.push_back({item.event.offset, item.event.length});
    SIGILO_TRY_DO(store_event(seq, item.event));
    for (const auto& alert : item.alerts) SIGILO_TRY_DO(store_alert(seq, item, alert));
    for (const auto& mail : item.mails) SIGILO_TRY_DO(store_mail(seq, mail));
    return {};
  }

  // Rows of this transaction are seen too, so a repeat inside one delivery or one group is found.
  Result<bool> is_known(const message::Event& event) {
    if (vault_.newest.contains(event.sent.seconds(), content(event))) return true;
    auto& find = vault_.sql.find_content.bind(1, event.sent.seconds()).bind(2, content(event));
    SIGILO_TRY(const bool known, find.step());
    find.reset();
    return known;
  }

  Result<> store_event(Seq seq, const message::Event& event) {
    SIGILO_TRY(const std::int64_t conversation, conversation_of(seq, event));
    count(counter_of(event.kind), 1);
    if (!event.line.value().empty()) {
      auto& line = vault_.tally.lines[event.line.value()];
      ++line.events;
      line.last = vault_.sealer.state().last;
    }
    vault_.newest.add(event.sent.seconds(), content(event));
    return vault_.sql.add_event.bind(1, number(seq))
        .bind(2, event.sent.seconds())
        .bind(3, content(event))
        .bind(4, conversation)
        .bind(5, number(result_.seqs.front()))
        .run();
  }

  Result<std::int64_t> conversation_of(Seq seq, const message::Event& event) {
    const std::string_view line = event.line.value();
    const std::string_view party = event.party.key();
    std::string key = fmt::format("{}\n{}", line, party);
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

  Result<> store_alert(Seq message, const IngestEvent& item, const NewAlert& alert) {
    SIGILO_TRY(const Seq id, vault_.append(RecordKind::alert,
                                           alert_body(alert, item.event, message, item.mails)));
    count("alerts", 1);
    return vault_.sql.add_alert.bind(1, number(id))
        .bind(2, number(message))
        .bind(3, std::string_view(alert.category))
        .bind(4, to_string(alert.severity))
        .bind(5, std::string_view(alert.rule))
        .bind(6, std::string_view(alert.team))
        .run();
  }

  Result<> store_mail(Seq message, const NewMail& mail) {
    std::array<std::uint8_t, 16> unique{};
    vault_.random.fill(unique);
    const std::string id = fmt::format("{}@{}.sigilo", crypto::to_hex(unique), vault_.uuid);
    ++result_.mails;
    return vault_.sql.add_outbox.bind(1, number(message))
        .bind(2, std::string_view(mail.recipient))
        .bind(3, std::string_view(mail.team))
        .bind(4, to_string(mail.language))
        .bind(5, std::string_view(id))
        .bind(6, vault_.sealer.state().last.micros())
        .run();
  }

  Result<> store_delivery() {
    const std::string rest = without_slices(delivery_.raw, slices_, delivery_.foreign);
    return vault_.sql.add_delivery.bind(1, number(result_.seqs.front()))
        .bind(2, delivery_.provenance.received.micros())
        .bind(3, std::string_view(delivery_.provenance.source))
        .bind(4, delivery_.provenance.delivery.view())
        .bind(5, std::string_view(delivery_.signature))
        .bind(6, as_bytes(rest))
        .bind(7, std::int64_t{delivery_.foreign.empty() ? 0 : 1})
        .run();
  }

  void count(std::string_view name, std::uint64_t times) {
    const auto found = vault_.tally.counters.find(name);
    if (found != vault_.tally.counters.end())
      found->second += times;
    else
      vault_.tally.counters.emplace(name, times);
  }

  static NewestEvents::Content content(const message::Event& event) {
    return event.content.view().first<NewestEvents::content_bytes>();
  }

  Vault::Impl& vault_;
  const Ingest& delivery_;
  Ingested result_;
  std::vector<Slice> slices_;
};

}  // namespace

std::string_view to_string(MailState state) {
  switch (state) {
    case MailState::queued:
      return "queued";
    case MailState::deferred:
      return "deferred";
    case MailState::sent:
      return "sent";
    case MailState::failed:
      return "failed";
  }
  SIGILO_CHECK(false, "not a state of a mail");
}

Result<Ingested> WriteTransaction::ingest(const Ingest& delivery) {
  return Ingestion(*vault_, delivery).run();
}

Result<Seq> WriteTransaction::append(RecordKind kind, std::string body) {
  return vault_->append(kind, std::move(body));
}

Result<std::string> WriteTransaction::checkpoint() {
  SIGILO_TRY_DO(vault_->note_clock());  // or it would stand between the note and its record
  const auto& frontier = vault_->sealer.frontier();
  const ledger::Checkpoint checkpoint{ledger::origin_of(vault_->uuid), frontier.size(),
                                      frontier.root()};
  std::string note = ledger::sign_checkpoint(checkpoint, vault_->sealer.key());
  SIGILO_TRY(const Seq seq, vault_->append(RecordKind::checkpoint, checkpoint_body(note)));
  SIGILO_TRY_DO(vault_->sql.add_checkpoint.bind(1, number(seq))
                    .bind(2, static_cast<std::int64_t>(checkpoint.size))
                    .bind(3, std::string_view(note))
                    .run());
  return note;
}

Result<> WriteTransaction::mail_outcome(const MailOutcome& outcome) {
  auto& find = vault_->sql.find_outbox.bind(1, outcome.outbox_id);
  SIGILO_TRY(const bool found, find.step());
  MailAttempt attempt;
  std::string before;
  if (found) {
    attempt.message = Seq(static_cast<std::uint64_t>(find.integer(0)));
    attempt.recipient = find.text(1);
    attempt.message_id = find.text(2);
    before = find.text(3);
    attempt.attempt = static_cast<int>(find.integer(4)) + 1;
  }
  find.reset();
  if (!found)
    return fail(ErrorCode::not_found, fmt::format("no mail {} in the outbox", outcome.outbox_id));
  if (before == to_string(MailState::sent) || before == to_string(MailState::failed))
    return fail(ErrorCode::refused,
                fmt::format("mail {} is finished: it is {}", outcome.outbox_id, before));
  SIGILO_CHECK(outcome.state != MailState::queued, "an attempt ends sent, deferred or failed");

  SIGILO_TRY_DO(vault_->sql.change_outbox.bind(1, outcome.outbox_id)
                    .bind(2, to_string(outcome.state))
                    .bind(3, outcome.next.micros())
                    .bind(4, vault_->clock.now().micros())
                    .bind(5, std::string_view(outcome.reply))
                    .run());
  if (outcome.state == MailState::deferred && before == to_string(MailState::deferred)) return {};
  auto& alerts = vault_->sql.alerts_of.bind(1, number(attempt.message));
  for (;;) {
    SIGILO_TRY(const bool row, alerts.step());
    if (!row) break;
    attempt.alerts.push_back(alerts.integer(0));
  }
  alerts.reset();
  SIGILO_TRY_DO(vault_->append(RecordKind::mail, mail_body(attempt, outcome)));
  return {};
}

}  // namespace sigilo::vault
