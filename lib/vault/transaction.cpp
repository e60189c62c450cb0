// SPDX-License-Identifier: Apache-2.0
#include "vault/transaction.hpp"

#include <fmt/format.h>

#include "base/check.hpp"
#include "ledger/checkpoint.hpp"
#include "vault/bodies.hpp"
#include "vault/impl.hpp"
#include "vault/ingestion.hpp"
#include "vault/rows.hpp"

namespace sigilo::vault {
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
