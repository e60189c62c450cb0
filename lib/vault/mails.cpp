// SPDX-License-Identifier: Apache-2.0
// The reader's side of the outbox.
#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "vault/reader_impl.hpp"

namespace sigilo::vault {
namespace {

constexpr std::string_view select_mails =
    "SELECT id, message, recipient, team, language, state, attempts, created, next, message_id,"
    " reply FROM outbox";

MailState state_of(std::string_view text) {
  for (const auto state : {MailState::deferred, MailState::sent, MailState::failed}) {
    if (text == to_string(state)) return state;
  }
  return MailState::queued;
}

Result<std::vector<OutboxRow>> read_mails(Statement& select) {
  std::vector<OutboxRow> rows;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return rows;
    auto& row = rows.emplace_back();
    row.id = select.integer(0);
    row.message = Seq(static_cast<std::uint64_t>(select.integer(1)));
    row.recipient = select.text(2);
    row.team = select.text(3);
    row.language = parse_language(select.text(4)).value_or(Language::es);
    row.state = state_of(select.text(5));
    row.attempts = static_cast<int>(select.integer(6));
    row.created = Timestamp::from_micros(select.integer(7));
    row.next = Timestamp::from_micros(select.integer(8));
    row.message_id = select.text(9);
    row.reply = select.text(10);
  }
}

}  // namespace

// INDEXED BY: without statistics the planner would rather walk through every mail ever sent.
Result<std::vector<OutboxRow>> Reader::due_mail(Timestamp now, std::size_t limit) {
  SIGILO_TRY(auto select,
             impl_->database.prepare(fmt::format(
                 "{} INDEXED BY outbox_unsent"
                 " WHERE state <> 'sent' AND state IN ('queued', 'deferred') AND next <= ?"
                 " ORDER BY id LIMIT ?",
                 select_mails)));
  select.bind(1, now.micros()).bind(2, static_cast<std::int64_t>(std::min(limit, max_rows)));
  return read_mails(select);
}

Result<std::optional<Timestamp>> Reader::next_mail_due() {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT min(next) FROM outbox INDEXED BY outbox_unsent"
                                     " WHERE state <> 'sent' AND state IN ('queued', 'deferred')"));
  SIGILO_TRY(const bool found, select.step());
  const auto next = found ? select.maybe_integer(0) : std::nullopt;
  if (!next) return std::nullopt;
  return Timestamp::from_micros(*next);
}

Result<std::vector<OutboxRow>> Reader::mails_of(Seq message) {
  SIGILO_TRY(auto select, impl_->database.prepare(
                              fmt::format("{} WHERE message = ? ORDER BY id", select_mails)));
  select.bind(1, static_cast<std::int64_t>(message.value()));
  return read_mails(select);
}

}  // namespace sigilo::vault
