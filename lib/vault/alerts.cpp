// SPDX-License-Identifier: Apache-2.0
// The reader's alerts, with what only their signed bodies say.
#include <algorithm>

#include <fmt/format.h>

#include "vault/bodies.hpp"
#include "vault/reader_impl.hpp"

namespace sigilo::vault {
namespace {

constexpr std::string_view select_alerts =
    "SELECT alert.id, alert.message, record.time, alert.category, alert.severity, alert.rule, "
    "alert.team, alert.state,"
    " conversation.line, conversation.party, record.body,"
    " (SELECT max(CASE state WHEN 'failed' THEN 4 WHEN 'deferred' THEN 3 WHEN 'queued' THEN 2 ELSE "
    "1 END)"
    "  FROM outbox WHERE outbox.message = alert.message)"
    " FROM alert JOIN record ON record.seq = alert.id LEFT JOIN event ON event.seq = alert.message"
    " LEFT JOIN conversation ON conversation.id = event.conversation ";

std::optional<MailState> mail_state(std::optional<std::int64_t> weight) {
  if (!weight) return std::nullopt;
  switch (*weight) {
    case 4:
      return MailState::failed;
    case 3:
      return MailState::deferred;
    case 2:
      return MailState::queued;
    default:
      return MailState::sent;
  }
}

Result<std::vector<AlertRow>> read_alerts(Statement& select) {
  std::vector<AlertRow> rows;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return rows;
    AlertRow row;
    row.id = Seq(static_cast<std::uint64_t>(select.integer(0)));
    row.message = Seq(static_cast<std::uint64_t>(select.integer(1)));
    row.time = Timestamp::from_micros(select.integer(2));
    row.category = select.text(3);
    row.severity = parse_severity(select.text(4)).value_or(Severity::high);
    row.rule = select.text(5);
    row.team = select.text(6);
    row.state = select.text(7);
    row.line = select.text(8);
    row.party = select.text(9);
    row.mail = mail_state(select.maybe_integer(11));
    // An erased body leaves the alert without words; damage is for `verify` to find.
    if (auto details = read_alert_body(select.text(10))) {
      row.rules = std::move(details->rules);
      row.policy = std::move(details->policy);
      row.spans = std::move(details->spans);
      row.words = std::move(details->words);
    }
    rows.push_back(std::move(row));
  }
}

}  // namespace

Result<std::vector<AlertRow>> Reader::alerts(bool only_open, std::size_t limit) {
  const std::string sql =
      fmt::format("SELECT * FROM ({}{} ORDER BY alert.id DESC LIMIT ?) ORDER BY 1", select_alerts,
                  only_open ? "WHERE alert.state = 'open'" : "");
  SIGILO_TRY(auto select, impl_->database.prepare(sql));
  select.bind(1, static_cast<std::int64_t>(std::min(limit, max_rows)));
  return read_alerts(select);
}

Result<std::vector<AlertRow>> Reader::alerts_of(Seq message) {
  const std::string sql = fmt::format("{}WHERE alert.message = ? ORDER BY alert.id", select_alerts);
  SIGILO_TRY(auto select, impl_->database.prepare(sql));
  select.bind(1, static_cast<std::int64_t>(message.value()));
  return read_alerts(select);
}

}  // namespace sigilo::vault
