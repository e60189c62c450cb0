// SPDX-License-Identifier: Apache-2.0
#include "media/fetcher.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/thread.hpp"
#include "media/attempt.hpp"
#include "media/patience.hpp"

namespace sigilo::media {

using graph::FailureKind;
using vault::MediaState;

/// One thread's own.
struct Fetcher::Worker {
  struct Uncommitted {
    vault::MediaOutcome outcome;
    vault::MediaJob job;
    bool ours = false;  ///< its file was written for this outcome
  };
  std::optional<vault::Reader> reader;
  std::unique_ptr<graph::Api> api;
  std::uint64_t reloads = 0;  ///< that `api` and `settings` are of
  Settings settings;
  std::optional<Uncommitted> uncommitted;
  std::thread thread;
};

Fetcher::Settings Fetcher::settings_of(const config::Config& config) {
  SIGILO_CHECK(config.meta.has_value(), "a fetcher without [source.meta]");
  Settings settings{media_directory(config.vault.directory), config.meta->media_max, {}};
  for (const auto& line : config.lines)
    settings.phone_number_ids[line.number.value()] = line.phone_number_id.value();
  return settings;
}

Fetcher::Fetcher(Settings settings, OpenReader open_reader, MakeApi make_api, Report report,
                 const Clock& clock, Random& random, Logger log)
    : open_reader_(std::move(open_reader)),
      report_(std::move(report)),
      clock_(clock),
      random_(random),
      log_(log),
      settings_(std::move(settings)),
      make_api_(std::move(make_api)) {
  for (std::size_t i = 0; i < fetching_threads; ++i) workers_.push_back(std::make_unique<Worker>());
}

Fetcher::~Fetcher() {
  stop();
}

void Fetcher::start() {
  for (auto& worker : workers_) worker->thread = std::thread([this, &worker] { run(*worker); });
}

void Fetcher::stop() {
  stop_.request_stop();
  for (auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
    // What was fetched already is worth one more try; else clean_up() removes it, as after a crash.
    commit_outcome(*worker);
  }
}

void Fetcher::wake() {
  {
    const std::lock_guard guard(mutex_);
    ++wakes_;
  }
  changed_.notify_all();
}

void Fetcher::reload(Settings settings, MakeApi make_api) {
  {
    const std::lock_guard guard(mutex_);
    settings_ = std::move(settings);
    make_api_ = std::move(make_api);
    ++reloads_;
    api_failures_ = 0;
    rests_until_ = {};
  }
  wake();
}

Fetcher::Status Fetcher::status() const {
  const std::lock_guard guard(mutex_);
  Status status{waiting_, claimed_.size(), trouble_, std::nullopt};
  const auto rest = rests_until_ - clock_.steady();
  if (rest > rest.zero())
    status.rests_until = clock_.now() + std::chrono::duration_cast<Duration>(rest);
  return status;
}

void Fetcher::run(Worker& worker) {
  name_this_thread("sigilo-media");
  const auto stop = stop_.get_token();
  while (!stop.stop_requested()) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard guard(mutex_);
      seen = wakes_;
    }
    const auto wait = std::min(work(worker), longest_sleep);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, wait, [&] { return wakes_ != seen; });
  }
}

Duration Fetcher::run_once() {
  return work(*workers_.front());
}

/// Everything that is due and that no other thread has.
Duration Fetcher::work(Worker& worker) {
  for (;;) {
    if (!commit_outcome(worker)) return vault_rest;
    if (stop_.stop_requested()) return longest_sleep;
    if (const auto rest = rest_left(); rest > Duration::zero()) return rest;
    if (!ready(worker)) return vault_rest;
    auto job = claim(worker);
    if (!job) {
      vault_trouble(job.error());
      return vault_rest;
    }
    if (!*job) return idle(worker);
    fetch(worker, std::move(**job));
  }
}

Duration Fetcher::rest_left() const {
  const std::lock_guard guard(mutex_);
  return std::chrono::duration_cast<Duration>(rests_until_ - clock_.steady());
}

/// The thread's own reader and API client, as of the last reload.
bool Fetcher::ready(Worker& worker) {
  MakeApi make_api;
  {
    const std::lock_guard guard(mutex_);
    if (worker.reloads != reloads_) {
      worker.reloads = reloads_;
      worker.settings = settings_;
      make_api = make_api_;
    }
  }
  if (make_api) worker.api = make_api(stop_.get_token());
  if (worker.reader) return true;
  auto reader = open_reader_();
  if (!reader) {
    vault_trouble(reader.error());
    return false;
  }
  worker.reader = std::move(*reader);
  return true;
}

/// Looks under the lock: a file that another thread has just finished must not be seen as due.
Result<std::optional<vault::MediaJob>> Fetcher::claim(Worker& worker) {
  const std::lock_guard guard(mutex_);
  SIGILO_TRY(auto due, worker.reader->due_media(clock_.now(), claimed_.size() + 1));
  for (auto& job : due)
    if (claimed_.insert(job.message).second) return std::optional(std::move(job));
  return std::nullopt;
}

void Fetcher::release(Seq message) {
  const std::lock_guard guard(mutex_);
  claimed_.erase(message);
}

void Fetcher::fetch(Worker& worker, vault::MediaJob job) {
  const auto& ids = worker.settings.phone_number_ids;
  const auto id = ids.find(job.line.value());
  static const std::string unknown_line;
  auto end = attempt(job, {worker.settings.media, worker.settings.media_max,
                           id == ids.end() ? unknown_line : id->second, *worker.reader, *worker.api,
                           clock_, random_, stop_.get_token(), log_});
  settle(worker, std::move(job), std::move(end));
}

/// What an attempt means for the file, for the others, and for status.
void Fetcher::settle(Worker& worker, vault::MediaJob job, Attempt attempt) {
  using End = Attempt::End;
  if (attempt.end == End::stopped || attempt.end == End::disk) {
    if (attempt.end == End::disk) {
      log_.error("media: {}{}{}", attempt.what, attempt.remedy.empty() ? "" : "; ", attempt.remedy);
      trouble(Where::here, attempt.what, attempt.remedy);
      rest(disk_rest);
    }
    release(job.message);
    return;
  }
  int mismatches = 0;
  std::optional<int> failures;
  {
    const std::lock_guard guard(mutex_);
    if (attempt.end == End::other_bytes) mismatches = ++mismatches_[job.message];
    if (!attempt.whole_api) {
      api_failures_ = 0;
    } else if (clock_.steady() >= rests_until_) {  // else another thread has met the same before
      failures = ++api_failures_;
    }
    if (attempt.end == End::stored) trouble_.reset();
  }
  if (failures) rest(rest_after(attempt.failure, *failures, random_));
  if (attempt.end == End::failed || attempt.end == End::other_bytes)
    trouble(Where::provider, attempt.what, attempt.remedy);

  auto verdict = judge(job, attempt, mismatches, clock_.now(), random_);
  vault::MediaOutcome outcome;
  outcome.message = job.message;
  outcome.state = verdict.state;
  outcome.next = verdict.next;
  outcome.reason = std::move(verdict.reason);
  outcome.loss = verdict.loss;
  outcome.declared = std::move(attempt.declared);
  outcome.sniffed = std::move(attempt.sniffed);
  outcome.file = std::move(attempt.file);
  worker.uncommitted = Worker::Uncommitted{std::move(outcome), std::move(job), attempt.ours};
}

/// True when nothing waits for its commit any more.
bool Fetcher::commit_outcome(Worker& worker) {
  if (!worker.uncommitted) return true;
  const auto& [outcome, job, ours] = *worker.uncommitted;
  const auto seq = job.message.value();
  if (const auto done = report_(outcome, job); !done) {
    const auto code = done.error().code;
    if (code != ErrorCode::not_found && code != ErrorCode::refused) {
      vault_trouble(done.error());
      return false;
    }
    log_.error("the vault does not want the file of record {}: {}", seq, done.error().message());
  } else if (outcome.state == MediaState::stored) {
    log_.info("file of record {}: stored, {} bytes", seq, outcome.file->size);
  } else if (outcome.state == MediaState::lost) {
    log_.error("file of record {}: lost; see sigilo show {}", seq, seq);
  } else {
    log_.warning("file of record {}: not yet, again at {}; see sigilo show {}", seq,
                 format_rfc3339(outcome.next), seq);
  }
  if (ours) discard_unused(worker);
  {
    const std::lock_guard guard(mutex_);
    claimed_.erase(job.message);
    if (trouble_here_) trouble_.reset();
    trouble_here_ = false;
    if (outcome.state != MediaState::waiting) mismatches_.erase(job.message);
  }
  worker.uncommitted.reset();
  return true;
}

/// Two threads may have fetched the same bytes for two messages: the vault names one of the files.
void Fetcher::discard_unused(Worker& worker) {
  const auto& file = *worker.uncommitted->outcome.file;
  const auto kept = worker.reader->file_with(file.sha256);
  if (!kept) return vault_trouble(kept.error());  // what is not named goes at the next start
  if (*kept && (*kept)->path == file.path) return;
  const auto removed = remove_sealed(worker.settings.media, file.path);
  if (!removed) log_.warning("media: {}", removed.error().message());
}

Duration Fetcher::idle(Worker& worker) {
  const auto next = worker.reader->next_media_due();
  const auto summary = worker.reader->summary();
  if (!next || !summary) {
    vault_trouble(next ? summary.error() : next.error());
    return vault_rest;
  }
  const auto count = [&](const char* name) {
    const auto found = summary->counters.find(name);
    return found == summary->counters.end() ? 0 : found->second;
  };
  const std::lock_guard guard(mutex_);
  waiting_ = count("media") - std::min(count("media"), count("media_stored") + count("media_lost"));
  if (waiting_ == 0) trouble_.reset();
  const auto wait = *next ? std::max(Duration::zero(), **next - clock_.now()) : longest_sleep;
  return claimed_.empty() ? wait : std::max(wait, sleep_beside_others);
}

void Fetcher::rest(Duration time) {
  const std::lock_guard guard(mutex_);
  rests_until_ = std::max(rests_until_, clock_.steady() + time);
}

void Fetcher::trouble(Where where, std::string what, std::string remedy) {
  const auto now = clock_.now();
  const std::lock_guard guard(mutex_);
  trouble_ = Trouble{std::move(what), std::move(remedy), trouble_ ? trouble_->since : now, now};
  trouble_here_ = where == Where::here;
}

void Fetcher::vault_trouble(const Error& error) {
  log_.error("media: the vault cannot be used: {}", error.message());
  trouble(Where::here, error.what, error.remedy);
}

}  // namespace sigilo::media
