// SPDX-License-Identifier: Apache-2.0
// Carries what waits in the vault's outbox to the relay, and what became of it back into the vault.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "config/config.hpp"
#include "mail/letter.hpp"
#include "mail/notices.hpp"
#include "mail/transport.hpp"
#include "net/backoff.hpp"
#include "vault/reader.hpp"

namespace sigilo::mail {

/// A mail that nobody took for so long has failed; status says so.
inline constexpr Duration give_up_after = std::chrono::hours(5 * 24);
/// Between two tries of a relay that is down: short, since an alert that comes now must not wait
/// for long.
inline constexpr net::Backoff relay_rest{std::chrono::seconds(5), std::chrono::minutes(1)};
/// Before the vault is asked again after it could not be read or written.
inline constexpr Duration vault_rest = std::chrono::seconds(5);
/// The clock may jump and a wake-up may be missed: nothing waits longer than this.
inline constexpr Duration longest_sleep = std::chrono::minutes(1);

/// No mail is lost: it leaves the outbox only by an outcome that is committed. None is doubled: the
/// outcome of one is committed before the next is sent, and while it cannot be committed nothing
/// more is sent. One window is left: the relay has taken a mail and the machine dies before the
/// commit (or the relay's last word does not arrive). Then it is sent again with the same
/// Message-ID, by which mail programs and people can tell.
///
/// A mail to somebody who is no longer a manager of its team is not sent: it fails, visibly.
/// Runs on: mail (its own thread); wake(), notify(), reload() and stop() on any.
class Courier {
 public:
  struct Settings {
    std::string from;
    Letterhead head;
    std::vector<config::Team> teams;
  };
  /// `config.mail` must be set.
  static Settings settings_of(const config::Config& config);

  /// Commits an outcome and waits: StoreThread::run with WriteTransaction::mail_outcome.
  using Report = std::function<Result<>(const vault::MailOutcome&)>;

  /// `report`, clock, random and the log's sink must outlive it.
  Courier(Settings settings, vault::Reader reader, Report report,
          std::unique_ptr<Transport> transport, const Clock& clock, Random& random, Logger log);
  /// Stops.
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  void start();
  /// Ends the thread, at the latest when the relay has answered for the mail under way.
  void stop();

  /// New mail was committed.
  void wake();
  /// The vault cannot be written, or works again: told to all managers without touching the vault.
  void notify(ServiceNotice notice);
  /// Takes effect before the next mail.
  void reload(Settings settings, std::unique_ptr<Transport> transport);

  /// Everything that is due now; answers how long nothing will be due. start() calls it on its
  /// thread; a test calls it itself.
  Duration run_once();

 private:
  void run();
  void take_news();
  void send_notices();
  Duration send_mails();
  void send_one(const vault::OutboxRow& row);
  Result<std::string> written(const vault::OutboxRow& row);
  vault::MailOutcome outcome_of(const vault::OutboxRow& row, const SendResult& result);
  SendResult attempt(const std::string& to, std::string_view message);
  bool commit_outcome();
  [[nodiscard]] bool may_send() const;
  [[nodiscard]] Duration until(SteadyTime time) const;

  // Constant after construction.
  const Report report_;
  const Clock& clock_;
  Random& random_;
  const Logger log_;
  const net::Backoff backoff_;
  std::stop_source stop_;

  // The mail thread's own.
  Settings settings_;
  vault::Reader reader_;
  std::unique_ptr<Transport> transport_;
  Notices notices_;
  int relay_failures_ = 0;
  SteadyTime relay_rests_until_;  // a wall clock that is set back must not silence the mail
  std::optional<vault::MailOutcome> uncommitted_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;
  std::optional<ServiceNotice> latest_notice_;
  std::optional<Settings> new_settings_;
  std::unique_ptr<Transport> new_transport_;

  std::thread thread_;
};

}  // namespace sigilo::mail
