// SPDX-License-Identifier: Apache-2.0
#include "application.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "anchoring.hpp"
#include "api/local_api.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/thread.hpp"
#include "chores.hpp"
#include "config/config.hpp"
#include "crypto/random.hpp"
#include "housekeeping.hpp"
#include "json/canonical.hpp"
#include "mail/courier.hpp"
#include "mail/smtp.hpp"
#include "net/http_server.hpp"
#include "net/loop.hpp"
#include "pipeline.hpp"
#include "process.hpp"
#include "provider.hpp"
#include "reconciliation.hpp"
#include "rereading.hpp"
#include "rules.hpp"
#include "runtime.hpp"
#include "secrets.hpp"
#include "servers.hpp"
#include "source/meta_webhook.hpp"
#include "storage_watch.hpp"
#include "vault/reader.hpp"
#include "vault/store.hpp"
#include "vault/vault.hpp"
#include "work_pool.hpp"

namespace sigilo {
namespace {

/// Deliveries that may wait for a work thread; more are answered with 503 and sent again.
constexpr std::size_t work_queue = 4096;
constexpr std::size_t work_at_once = 16;
/// io and store have the other half of the cores; more than four would wait for the store thread.
constexpr unsigned most_work_threads = 4;
/// Requests of the local API: one may verify for minutes while the other answers.
constexpr std::size_t desk_threads = 2;
constexpr std::size_t desk_queue = 64;
/// How often a stopping daemon looks whether everything acknowledged is done, and for how long.
constexpr Duration drain_interval = std::chrono::milliseconds(20);
constexpr int drain_rounds = 1500;

std::size_t work_threads() {
  return std::clamp(std::thread::hardware_concurrency() / 2, 1U, most_work_threads);
}

bool under_systemd() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no threads yet
  return std::getenv("JOURNAL_STREAM") != nullptr;
}

void print_problems(const Logger& log, const std::vector<config::Problem>& problems) {
  for (const auto& problem : problems) log.error("{}", problem.message());
}

/// Configuration and policies, or nothing after every problem was logged. Never half of them.
std::shared_ptr<const Rules> load_rules(const std::string& file, const Logger& log) {
  auto loaded = config::load(file);
  for (const auto& warning : loaded.warnings) log.warning("{}", warning);
  auto problems = std::move(loaded.problems);
  std::shared_ptr<const Rules> rules;
  if (loaded.config) rules = Rules::make(std::move(*loaded.config), problems);
  print_problems(log, problems);
  return rules;
}

std::unique_ptr<mail::Transport> make_relay(const config::Mail& mail,
                                            const crypto::SecretBytes& password) {
  return std::make_unique<mail::SmtpRelay>(mail::SmtpRelay::settings_of(mail), password);
}

std::string service_body(std::string_view event) {
  return json::canonical(json::Object{{"event", event}, {"v", 1}, {"version", SIGILO_VERSION}});
}

vault::Work append_service(std::string event) {
  return [event = std::move(event)](vault::WriteTransaction& transaction) -> Result<> {
    return transaction.append(RecordKind::service, service_body(event)).map([](Seq) {});
  };
}

/// What has to be changed by a restart, since sockets and the vault are opened once.
void warn_of_restart(const config::Config& before, const config::Config& after, const Logger& log) {
  const bool meta = before.meta.has_value() != after.meta.has_value() ||
                    (before.meta && (before.meta->listen.text() != after.meta->listen.text() ||
                                     before.meta->graph_url != after.meta->graph_url ||
                                     before.meta->graph_version != after.meta->graph_version));
  if (meta || before.vault.directory != after.vault.directory ||
      before.api.socket != after.api.socket || before.anchor != after.anchor ||
      before.mail.has_value() != after.mail.has_value()) {
    log.warning(
        "[vault], [source.meta] listen, graph_url and graph_version, [api] socket, [anchor] and a "
        "new "
        "[mail] "
        "or [source.meta] take effect at the next restart");
  }
}

/// Every part of the daemon, in the order of the data's way. Members are destroyed in reverse: what
/// takes work in ends first, the vault last.
class Daemon {
 public:
  Daemon(std::string config_file, std::shared_ptr<const Rules> rules, Secrets secrets, Logger log)
      : config_file_(std::move(config_file)),
        secrets_(std::move(secrets)),
        log_(log),
        rules_(std::move(rules)) {}

  ~Daemon() { stop_helpers(); }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  Result<> start();
  /// Runs on: io. Returns after SIGTERM or SIGINT, when everything acknowledged is done.
  void run() {
    name_this_thread("sigilo-io");
    io_.run();
    if (anchoring_) anchoring_->finish();
  }

 private:
  const config::Config& config() const { return started_with_->config(); }
  Result<> open_vault();
  Result<> start_mail();
  Result<> start_webhook();
  Result<> start_api();
  Result<> start_provider();
  Result<> start_provider_with(crypto::SecretBytes token);
  Result<> start_housekeeping();
  Result<> start_anchoring();
  Result<> start_chores();
  void wake_mail() {
    if (courier_) courier_->wake();
  }
  void wake_media() {
    if (Provider* const provider = provider_running_) provider->wake();
  }
  void handle_signals();
  void reload();
  void reload_provider(crypto::SecretBytes token);
  void stop();
  /// Ends the threads that are neither on the data's way nor asked by anybody.
  void stop_helpers() {
    if (chores_) chores_->stop();
    if (provider_) provider_->stop();
    if (anchoring_) anchoring_->stop();
  }
  void drain(int rounds);
  api::Runtime runtime();
  std::string status_line();

  const std::string config_file_;
  Secrets secrets_;
  const Logger log_;
  SystemClock clock_;
  crypto::SystemRandom random_;
  CurrentRules rules_;
  std::shared_ptr<const Rules> started_with_ = rules_.get();
  Timestamp started_ = clock_.now();
  std::atomic<bool> stopping_ = false;

  net::Loop io_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<StorageWatch> storage_;
  std::unique_ptr<Pipeline> pipeline_;
  // Stopped by ~Daemon; they go after the store thread, which wakes them.
  std::unique_ptr<Provider> provider_;
  std::atomic<Provider*> provider_running_ = nullptr;
  std::unique_ptr<Chores> chores_;
  std::unique_ptr<vault::StoreThread> store_;
  std::unique_ptr<Anchoring> anchoring_;  // writes through the store thread
  std::unique_ptr<mail::Courier> courier_;
  std::unique_ptr<WorkPool> work_;
  std::unique_ptr<source::MetaWebhook> webhook_;
  std::unique_ptr<api::LocalApi> api_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<WorkPool> desk_;  // its tasks ask most of the others
  std::unique_ptr<net::HttpServer> webhook_server_;
  std::unique_ptr<net::HttpServer> api_server_;
};

Result<> Daemon::start() {
  SIGILO_TRY_DO(open_vault());
  SIGILO_TRY_DO(start_mail());
  SIGILO_TRY_DO(start_provider());
  SIGILO_TRY_DO(start_anchoring());
  SIGILO_TRY_DO(start_webhook());
  SIGILO_TRY_DO(start_api());
  SIGILO_TRY_DO(start_housekeeping());
  SIGILO_TRY_DO(start_chores());
  handle_signals();
  log_.info("sigilo {} is ready: {} records, {} lines, {} rules, vault {}", SIGILO_VERSION,
            vault_->records(), config().lines.size(), started_with_->policies().rules(),
            vault_->uuid());
  notify_ready(status_line());
  return {};
}

Result<> Daemon::open_vault() {
  SIGILO_TRY(vault_, vault::Vault::open(config().vault.directory, secrets_.vault_key, clock_,
                                        random_, log_));
  storage_ = std::make_unique<StorageWatch>(
      io_, clock_,
      StorageWatch::Notices{
          [this](const StorageWatch::Trouble& trouble) {
            if (courier_)
              courier_->notify({mail::ServiceNotice::Kind::storage_failing, trouble.since});
          },
          [this](const StorageWatch::Trouble&, Timestamp until) {
            if (courier_) courier_->notify({mail::ServiceNotice::Kind::storage_recovered, until});
          }},
      log_);
  pipeline_ = std::make_unique<Pipeline>(
      io_, rules_, *storage_, random_,
      Pipeline::Wakers{[this] { wake_mail(); }, [this] { wake_media(); }}, log_);
  vault::StoreThread::Settings settings;
  settings.after_group = [this] { pipeline_->flush(); };
  store_ = std::make_unique<vault::StoreThread>(*vault_, std::move(settings), log_);
  work_ = std::make_unique<WorkPool>(work_threads(), work_queue, work_at_once);
  desk_ = std::make_unique<WorkPool>(desk_threads, desk_queue);
  storage_->connect(*store_);
  pipeline_->connect(*work_, *store_);
  return store_->run(append_service("start"));
}

Result<> Daemon::start_mail() {
  if (!config().mail) {
    log_.warning("no [mail] is configured: alerts are recorded, nobody is told by mail");
    return {};
  }
  SIGILO_TRY(const auto password, read_mail_password(*config().mail));
  SIGILO_TRY(auto reader, vault::Reader::open(config().vault.directory, secrets_.vault_key));
  courier_ = std::make_unique<mail::Courier>(
      mail::Courier::settings_of(config()), std::move(reader),
      [this](const vault::MailOutcome& outcome) {
        return store_->run([&outcome](vault::WriteTransaction& transaction) {
          return transaction.mail_outcome(outcome);
        });
      },
      make_relay(*config().mail, password), clock_, random_, log_);
  courier_->start();
  return {};
}

Result<> Daemon::start_provider() {
  if (!config().meta) return {};
  SIGILO_TRY(auto token, read_access_token(config()));
  if (token.empty()) {
    log_.warning(
        "no [source.meta] access_token is configured: files wait until there is one, and the "
        "provider keeps them for 7 days only");
    return {};
  }
  return start_provider_with(std::move(token));
}

Result<> Daemon::start_provider_with(crypto::SecretBytes token) {
  SIGILO_TRY(provider_, Provider::start({rules_, secrets_.vault_key, *store_, clock_, random_,
                                         [this] { wake_mail(); }},
                                        std::move(token), log_));
  provider_running_ = provider_.get();
  return {};
}

/// What is done beside the data's way, never faster than it leaves room for.
Result<> Daemon::start_chores() {
  const auto open = [this] {
    return vault::Reader::open(config().vault.directory, secrets_.vault_key);
  };
  SIGILO_TRY(auto unread, open());
  SIGILO_TRY(auto spoken_of, open());
  const auto rereading = std::make_shared<Rereading>(
      std::move(unread), rules_, *store_, random_,
      Rereading::Wakers{[this] { wake_mail(); }, [this] { wake_media(); }}, log_);
  const auto reconciliation =
      std::make_shared<Reconciliation>(std::move(spoken_of), *store_, clock_, log_);
  chores_ = std::make_unique<Chores>(
      "sigilo-chores",
      std::vector<Chore>{
          {"reading unrecognised deliveries again",
           [rereading](const std::stop_token&) { return rereading->step(); }},
          {"looking for gaps",
           [reconciliation](const std::stop_token&) { return reconciliation->step(); }}},
      clock_, log_);
  return {};
}

Result<> Daemon::start_webhook() {
  if (!config().meta) {
    log_.warning("no [source.meta] is configured: nothing is taken in");
    return {};
  }
  auto settings = webhook_settings(*config().meta, secrets_);
  webhook_ = std::make_unique<source::MetaWebhook>(
      source::MetaSettings{config().meta->path, std::move(secrets_.app_secrets),
                           std::move(secrets_.verify_token)},
      [this](source::Delivery delivery, std::function<void(source::Outcome)> done) {
        pipeline_->accept(std::move(delivery), std::move(done));
      },
      clock_, log_);
  SIGILO_TRY(webhook_server_,
             net::HttpServer::start(io_, std::move(settings), webhook_->handlers(), log_));
  log_.info("listening for the provider on {}{}", config().meta->listen.text(),
            config().meta->path);
  return {};
}

Result<> Daemon::start_api() {
  api::Services services;
  services.vault_directory = config().vault.directory;
  services.vault_key = secrets_.vault_key.clone();
  services.store = store_.get();
  services.io = &io_;
  services.run_on_work = [this](std::function<void()> task) {
    return desk_->try_submit(std::move(task));
  };
  services.runtime = [this] { return runtime(); };
  services.can_ask = [this] { return provider_running_ != nullptr; };
  services.request_sync = [this](std::string_view phone_number_id, graph::SyncType type) {
    return provider_running_.load()->request_sync(phone_number_id, type);
  };
  services.stopping = [this] { return stopping_.load(); };
  services.own_uid = ::geteuid();
  api_ = std::make_unique<api::LocalApi>(std::move(services), log_);
  SIGILO_TRY(api_server_,
             net::HttpServer::start(io_, api_settings(config().api), api_->handlers(), log_));
  return {};
}

Result<> Daemon::start_housekeeping() {
  SIGILO_TRY(auto reader, vault::Reader::open(config().vault.directory, secrets_.vault_key));
  SIGILO_TRY(const auto summary, reader.summary());
  housekeeping_ = std::make_unique<Housekeeping>(
      io_, *store_, clock_, vault_->epoch_began(), summary.last_checkpoint.value_or(Timestamp()),
      [this] { return status_line(); }, log_);
  housekeeping_->start();
  return {};
}

Result<> Daemon::start_anchoring() {
  SIGILO_TRY(anchoring_,
             Anchoring::start({config(), secrets_.vault_key, *store_, clock_, random_}, log_));
  return {};
}

void Daemon::handle_signals() {
  io_.on_signals({SIGTERM, SIGINT, SIGHUP}, [this](int signal) {
    if (signal == SIGHUP) {
      reload();
    } else {
      stop();
    }
  });
}

void Daemon::reload() {
  notify_reloading();
  const auto before = rules_.get();
  const auto after = load_rules(config_file_, log_);
  if (after == nullptr) {
    log_.error("the reload was refused as a whole; the rules from before go on");
  } else {
    warn_of_restart(before->config(), after->config(), log_);
    auto token = read_access_token(after->config());
    if (!token) {
      log_.error("the reload was refused as a whole: {}", token.error().message());
      return notify_ready(status_line());
    }
    if (courier_ && after->config().mail) {
      auto password = read_mail_password(*after->config().mail);
      if (!password) {
        log_.error("the reload was refused as a whole: {}", password.error().message());
        return notify_ready(status_line());
      }
      courier_->reload(mail::Courier::settings_of(after->config()),
                       make_relay(*after->config().mail, *password));
    }
    rules_.replace(after);
    reload_provider(std::move(*token));
    log_.info("reloaded: {} lines, {} rules", after->config().lines.size(),
              after->policies().rules());
  }
  notify_ready(status_line());
}

void Daemon::reload_provider(crypto::SecretBytes token) {
  if (!config().meta || !rules_.get()->config().meta) return;  // warn_of_restart() has said it
  if (token.empty()) {
    if (provider_ != nullptr)
      log_.warning(
          "[source.meta] access_token is gone: the one from before is used until the next restart");
  } else if (provider_ != nullptr) {
    provider_->reload(std::move(token));
  } else if (const auto started = start_provider_with(std::move(token)); !started) {
    log_.error("files cannot be fetched: {}; restart sigilod when that is mended",
               started.error().message());
  }
}

/// Takes nothing more in, finishes what was taken, writes a last checkpoint.
void Daemon::stop() {
  if (stopping_.exchange(true)) return;
  notify_stopping();
  log_.info("stopping: finishing what was taken in");
  if (webhook_server_) webhook_server_->stop_accepting();
  api_server_->stop_accepting();
  drain(drain_rounds);
}

void Daemon::drain(int rounds) {
  if (pipeline_->under_way() > 0 && rounds > 0)
    return io_.after(drain_interval, [this, rounds] { drain(rounds - 1); });
  stop_helpers();  // what they do is recorded before the last checkpoint, or not at all
  const bool taken = store_->submit(
      [](vault::WriteTransaction& transaction) -> Result<> {
        SIGILO_TRY_DO(append_service("stop")(transaction));
        return transaction.checkpoint().map([](const std::string&) {});
      },
      [this](Result<> stopped) {
        if (!stopped) log_.error("the last checkpoint failed: {}", stopped.error().message());
        io_.stop();
      });
  if (!taken) io_.stop();
}

/// Runs on: a desk thread.
api::Runtime Daemon::runtime() {
  const auto rules = rules_.get();
  return runtime_of({.rules = *rules,
                     .started_with = config(),
                     .started = started_,
                     .now = clock_.now(),
                     .pipeline = *pipeline_,
                     .storage = *storage_,
                     .provider = provider_running_,
                     .anchoring = anchoring_.get(),
                     .webhook = webhook_.get(),
                     .io = io_});
}

std::string Daemon::status_line() {
  return fmt::format("{} lines, {} waiting{}", rules_.get()->config().lines.size(),
                     pipeline_->under_way(),
                     storage_->trouble() ? ", THE VAULT CANNOT BE WRITTEN" : "");
}

Result<> run_daemon(const std::string& config_file, std::shared_ptr<const Rules> rules,
                    const Logger& log) {
  // Before the secrets: whoever has not yet run `sigilo init` has no key either.
  SIGILO_TRY_DO(vault::require_vault(rules->config().vault.directory));
  SIGILO_TRY(auto secrets, read_secrets(rules->config()));
  Daemon daemon(config_file, std::move(rules), std::move(secrets), log);
  SIGILO_TRY_DO(daemon.start());
  daemon.run();
  log.info("stopped");
  return {};
}

}  // namespace

int check_config(const std::string& config_file) {
  StderrSink sink(under_systemd());
  const Logger log(sink, LogLevel::info);
  return load_rules(config_file, log) == nullptr ? exit_config : exit_ok;
}

int run_application(const std::string& config_file) {
  StderrSink sink(under_systemd());
  const Logger log(sink, LogLevel::info);
  if (const auto hardened = harden_process(); !hardened) {
    log.error("{}", hardened.error().message());
    return exit_failed;
  }
  auto rules = load_rules(config_file, log);
  if (rules == nullptr) return exit_config;
  if (const auto ran = run_daemon(config_file, std::move(rules), log); !ran) {
    log.error("{}", ran.error().message());
    return ran.error().code == ErrorCode::config ? exit_config : exit_failed;
  }
  return exit_ok;
}

}  // namespace sigilo
