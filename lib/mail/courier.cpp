// SPDX-License-Identifier: Apache-2.0
#include "mail/courier.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "alert/judge.hpp"
#include "base/check.hpp"
#include "base/thread.hpp"
#include "mail/compose.hpp"
#include "message/media.hpp"

namespace sigilo::mail {
namespace {

constexpr std::size_t batch = 100;

bool is_manager(const std::vector<config::Team>& teams, const vault::OutboxRow& row) {
  return std::any_of(teams.begin(), teams.end(), [&](const config::Team& team) {
    return team.name == row.team && std::find(team.managers.begin(), team.managers.end(),
                                              row.recipient) != team.managers.end();
  });
}

/// The lost file that this mail was queued for: it was told in the transaction that queued the
/// mail, days after the alerts of its words. The end where the mail is about those.
std::vector<vault::AlertRow>::const_iterator told_with(const vault::OutboxRow& row,
                                                       const std::vector<vault::AlertRow>& alerts) {
  const bool alone = std::ranges::all_of(
      alerts, [](const auto& alert) { return alert.category == alert::media_lost; });
  return std::ranges::find_if(alerts, [&](const auto& alert) {
    return alert.category == alert::media_lost && (alone || alert.time <= row.created);
  });
}

/// A mail that could not be composed: for good when record or address make it impossible, else
/// later.
SendResult unwritten(const Error& error) {
  const bool for_good =
      error.code == ErrorCode::invalid_input || error.code == ErrorCode::not_found;
  return {for_good ? SendResult::Outcome::refused : SendResult::Outcome::deferred, false, 0,
          error.message()};
}

}  // namespace

Courier::Settings Courier::settings_of(const config::Config& config) {
  SIGILO_CHECK(config.mail.has_value(), "a courier without [mail]");
  Settings settings;
  settings.from = config.mail->from;
  settings.head = {config.firm.name, config.firm.timezone, config.mail->content, {}};
  for (const auto& line : config.lines) settings.head.lawyers[line.number.value()] = line.lawyer;
  settings.teams = config.teams;
  return settings;
}

Courier::Courier(Settings settings, vault::Reader reader, Report report,
                 std::unique_ptr<Transport> transport, const Clock& clock, Random& random,
                 Logger log)
    : report_(std::move(report)),
      clock_(clock),
      random_(random),
      log_(log),
      settings_(std::move(settings)),
      reader_(std::move(reader)),
      transport_(std::move(transport)) {}

Courier::~Courier() {
  stop();
}

void Courier::start() {
  thread_ = std::thread([this] { run(); });
}

void Courier::stop() {
  stop_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Courier::wake() {
  {
    const std::lock_guard guard(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

void Courier::notify(ServiceNotice notice) {
  {
    const std::lock_guard guard(mutex_);
    latest_notice_ = notice;
  }
  wake();
}

void Courier::reload(Settings settings, std::unique_ptr<Transport> transport) {
  {
    const std::lock_guard guard(mutex_);
    new_settings_ = std::move(settings);
    new_transport_ = std::move(transport);
  }
  wake();
}

void Courier::run() {
  name_this_thread("sigilo-mail");
  const auto stop = stop_.get_token();
  while (!stop.stop_requested()) {
    const auto wait = run_once();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, wait, [this] { return woken_; });
    woken_ = false;
  }
}

Duration Courier::run_once() {
  take_news();
  send_notices();
  auto wait = std::min(send_mails(), longest_sleep);
  if (const auto notice = notices_.next())
    wait = std::min(wait, until(std::max(*notice, relay_rests_until_)));
  return wait;
}

Duration Courier::until(SteadyTime time) const {
  return std::max(Duration::zero(), std::chrono::duration_cast<Duration>(time - clock_.steady()));
}

/// What other threads have left since the last time.
void Courier::take_news() {
  std::unique_ptr<Transport> replaced;  // closed outside of the lock: it may say QUIT
  std::optional<ServiceNotice> notice;
  {
    const std::lock_guard guard(mutex_);
    notice = latest_notice_;
    if (new_settings_) {
      settings_ = std::move(*std::exchange(new_settings_, std::nullopt));
      replaced = std::exchange(transport_, std::move(new_transport_));
      relay_failures_ = 0;
      relay_rests_until_ = {};
    }
  }
  if (notice) {
    notices_.update(*notice, clock_, settings_.from, settings_.head, settings_.teams, random_);
  }
}

bool Courier::may_send() const {
  return !stop_.stop_requested() && clock_.steady() >= relay_rests_until_;
}

void Courier::send_notices() {
  auto& pending = notices_.pending();
  for (auto notice = pending.begin(); notice != pending.end() && may_send();) {
    if (clock_.steady() < notice->next) {
      ++notice;
      continue;
    }
    const auto result = attempt(notice->to, notice->message);
    if (result.outcome != SendResult::Outcome::deferred) {
      log_.info("notice to {}: {}", notice->to,
                result.outcome == SendResult::Outcome::accepted ? "sent" : "refused by the relay");
      notice = pending.erase(notice);
    } else {
      notice->next = clock_.steady() + backoff_.delay(++notice->attempts, random_);
      ++notice;
    }
  }
}

Duration Courier::send_mails() {
  while (true) {
    if (!commit_outcome()) return vault_rest;
    if (!may_send()) return until(relay_rests_until_);
    const auto due = reader_.due_mail(clock_.now(), batch);
    const auto next = reader_.next_mail_due();
    if (!due || !next) {
      log_.error("cannot read the outbox: {}", (due ? next.error() : due.error()).message());
      return vault_rest;
    }
    if (due->empty())
      return *next ? std::max(Duration::zero(), **next - clock_.now()) : longest_sleep;
    for (const auto& row : *due) {
      if (!may_send()) break;
      send_one(row);
      if (!commit_outcome()) return vault_rest;
    }
  }
}

/// One mail that cannot be written must not hold up the others: it gets an outcome like any.
void Courier::send_one(const vault::OutboxRow& row) {
  if (!is_manager(settings_.teams, row)) {
    uncommitted_ = {
        row.id,
        vault::MailState::failed,
        {},
        fmt::format("{} is no longer a manager of the team {}; read it with sigilo show {}",
                    row.recipient, row.team, row.message.value())};
    return;
  }
  const auto message = written(row);
  if (!message) {
    uncommitted_ = outcome_of(row, unwritten(message.error()));
    return;
  }
  const auto result = attempt(row.recipient, *message);
  const bool interrupted =
      result.outcome == SendResult::Outcome::deferred && stop_.stop_requested();
  if (!interrupted) uncommitted_ = outcome_of(row, result);
}

Result<std::string> Courier::written(const vault::OutboxRow& row) {
  SIGILO_TRY(auto message, reader_.message(row.message));
  SIGILO_TRY(auto alerts, reader_.alerts_of(row.message));
  SIGILO_TRY(auto around, reader_.around(row.message, messages_before, messages_after));
  if (!message || alerts.empty()) {
    return fail(
        ErrorCode::not_found,
        fmt::format("record {} or its alerts are no longer in the vault", row.message.value()));
  }
  const Headers headers{settings_.from, settings_.head.firm, row.recipient,
                        row.message_id, row.created,         row.message};
  const auto lost = told_with(row, alerts);
  if (lost != alerts.end()) {
    SIGILO_TRY(const auto file, reader_.media_of(row.message));
    auto named = message::file_of(message->stored.event).value_or(message::File{}).name;
    const LostFile about{std::move(*message), *lost, std::move(named),
                         file ? file->loss : std::nullopt};
    return compose(lost_file_letter(about, row.language, settings_.head), headers);
  }
  std::erase_if(alerts, [](const auto& alert) { return alert.category == alert::media_lost; });
  const AlertCase about{std::move(*message), std::move(alerts), std::move(around)};
  return compose(alert_letter(about, row.language, settings_.head), headers);
}

/// The relay's words may quote the message: they go into the vault, and into the log only where no
/// message was sent.
vault::MailOutcome Courier::outcome_of(const vault::OutboxRow& row, const SendResult& result) {
  vault::MailOutcome outcome{row.id, vault::MailState::sent, {}, result.reply};
  const auto seq = row.message.value();
  if (result.outcome == SendResult::Outcome::accepted) {
    log_.info("mail about record {} to {}: sent", seq, row.recipient);
    return outcome;
  }
  const bool too_old = clock_.now() - row.created >= give_up_after;
  if (result.outcome == SendResult::Outcome::refused || too_old) {
    outcome.state = vault::MailState::failed;
    if (too_old) outcome.reply = "given up after 5 days; the last answer: " + result.reply;
    log_.error("mail about record {} to {} failed for good (SMTP {}); see sigilo status", seq,
               row.recipient, result.code);
    return outcome;
  }
  outcome.state = vault::MailState::deferred;
  outcome.next = clock_.now() + backoff_.delay(row.attempts + 1, random_);
  log_.warning("mail about record {} to {} deferred (SMTP {}) until {}", seq, row.recipient,
               result.code, format_rfc3339(outcome.next));
  return outcome;
}

/// One try; a relay that cannot take any mail rests a while.
SendResult Courier::attempt(const std::string& to, std::string_view message) {
  auto result = transport_->send({settings_.from, to}, message, stop_.get_token());
  if (!result.relay_trouble) {
    relay_failures_ = 0;
  } else if (!stop_.stop_requested()) {
    log_.warning("mail: {}", result.reply);
    relay_rests_until_ = clock_.steady() + relay_rest.delay(++relay_failures_, random_);
  }
  return result;
}

/// True when nothing waits for its commit any more.
bool Courier::commit_outcome() {
  if (!uncommitted_) return true;
  if (const auto done = report_(*uncommitted_); !done) {
    log_.error("what became of a mail cannot be stored, no further one is sent until it can: {}",
               done.error().message());
    return false;
  }
  uncommitted_.reset();
  return true;
}

}  // namespace sigilo::mail
