// SPDX-License-Identifier: Apache-2.0
#include "provider.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "alert/judge.hpp"
#include "media/clean_up.hpp"
#include "media/sealed_file.hpp"
#include "vault/audit.hpp"
#include "vault/reader.hpp"

namespace sigilo {
namespace {

/// What a crash left between a file and the row that names it.
Result<> clean_up(const config::Config& config, const crypto::SecretBytes& key, const Logger& log) {
  std::set<std::string, std::less<>> named;
  SIGILO_TRY(auto audit, vault::AuditReader::open(config.vault.directory, key));
  SIGILO_TRY_DO(audit.each_media_file([&](vault::RawMediaFile&& file) {
    if (file.path) named.insert(std::move(*file.path));
    return true;
  }));
  SIGILO_TRY(const auto cleaned,
             media::clean_up(
                 media::media_directory(config.vault.directory),
                 [&](std::string_view path) -> Result<bool> { return named.contains(path); }, log));
  if (cleaned.unfinished + cleaned.orphans > 0)
    log.info("{} files of an unfinished run were removed from media/",
             cleaned.unfinished + cleaned.orphans);
  return {};
}

bool is_gone(const Error& error) {
  return error.code == ErrorCode::not_found || error.code == ErrorCode::refused;
}

}  // namespace

Result<> write_media_outcome(vault::WriteTransaction& transaction,
                             const vault::MediaOutcome& outcome, const vault::MediaJob& job,
                             const Rules& rules) {
  SIGILO_TRY_DO(transaction.media_outcome(outcome));
  const auto* team = rules.team_of(job.line);
  if (outcome.state != vault::MediaState::lost || team == nullptr) return {};
  // Old files of a phone's history may be lost by the thousand: no mail for each.
  const bool mail = rules.config().mail.has_value() && !job.history;
  const auto verdict = alert::lost_file(*team, mail);
  const auto told = transaction.alert(outcome.message, verdict.alerts.front(), verdict.mails);
  if (!told && !is_gone(told.error())) return tl::unexpected(told.error());
  return {};
}

Provider::Provider(Parts parts, crypto::SecretBytes token, vault::Reader reader, Logger log)
    : parts_(std::move(parts)),
      access_(*parts_.rules.get()->config().meta, std::move(token), parts_.clock),
      poll_(
          std::move(reader), parts_.rules, parts_.store,
          [this](std::stop_token stop) { return access_.make(std::move(stop)); }, parts_.clock,
          parts_.random, log) {}

Result<std::unique_ptr<Provider>> Provider::start(Parts parts, crypto::SecretBytes token,
                                                  Logger log) {
  const auto rules = parts.rules.get();
  const auto directory = rules->config().vault.directory;
  SIGILO_TRY_DO(clean_up(rules->config(), parts.vault_key, log));
  SIGILO_TRY(auto reader, vault::Reader::open(directory, parts.vault_key));
  std::unique_ptr<Provider> provider(
      new Provider(std::move(parts), std::move(token), std::move(reader), log));
  auto& mine = *provider;
  mine.fetcher_ = std::make_unique<media::Fetcher>(
      media::Fetcher::settings_of(rules->config()),
      [&mine, directory] { return vault::Reader::open(directory, mine.parts_.vault_key); },
      [&mine](std::stop_token stop) { return mine.access_.make(std::move(stop)); },
      [&mine](const vault::MediaOutcome& outcome, const vault::MediaJob& job) {
        const auto present = mine.parts_.rules.get();
        const auto written = mine.parts_.store.run([&](vault::WriteTransaction& transaction) {
          return write_media_outcome(transaction, outcome, job, *present);
        });
        if (written && outcome.state == vault::MediaState::lost) mine.parts_.mail_waits();
        return written;
      },
      mine.parts_.clock, mine.parts_.random, log);
  mine.fetcher_->start();
  mine.chores_ = std::make_unique<Chores>(
      "sigilo-graph",
      std::vector<Chore>{{"asking for the firm's numbers",
                          [&mine](const std::stop_token& stop) { return mine.poll_.step(stop); }}},
      mine.parts_.clock, log);
  return provider;
}

Provider::~Provider() {
  stop();
}

void Provider::stop() {
  stop_.request_stop();
  chores_->stop();
  fetcher_->stop();
}

void Provider::reload(crypto::SecretBytes token) {
  access_.renew(std::move(token));
  fetcher_->reload(media::Fetcher::settings_of(parts_.rules.get()->config()),
                   [this](std::stop_token stop) { return access_.make(std::move(stop)); });
  poll_.renew();
  chores_->wake();
}

graph::Answer<std::string> Provider::request_sync(std::string_view phone_number_id,
                                                  graph::SyncType type) {
  return access_.make(stop_.get_token())->request_sync(phone_number_id, type);
}

json::Object Provider::media() const {
  const auto status = fetcher_->status();
  json::Object answer{{"under_way", status.under_way}, {"trouble", nullptr}};
  if (status.trouble) {
    answer["trouble"] = json::Object{{"what", status.trouble->what},
                                     {"remedy", status.trouble->remedy},
                                     {"since", format_rfc3339(status.trouble->since)},
                                     {"last", format_rfc3339(status.trouble->last)}};
  }
  return answer;
}

std::vector<std::string> Provider::troubles() const {
  std::vector<std::string> sentences;
  const auto status = fetcher_->status();
  if (status.trouble) {
    sentences.push_back(fmt::format(
        "files cannot be fetched since {} ({} waiting; the provider keeps them for 7 days): {}; {}",
        format_rfc3339(status.trouble->since), status.waiting, status.trouble->what,
        status.trouble->remedy.empty() ? nothing_to_do : status.trouble->remedy));
  }
  for (auto& sentence : poll_.troubles()) sentences.push_back(std::move(sentence));
  return sentences;
}

}  // namespace sigilo
