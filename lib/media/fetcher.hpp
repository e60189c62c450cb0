// SPDX-License-Identifier: Apache-2.0
// Fetches the files that messages name, seals them into the vault's media/, and puts what became of
// each into the vault.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/domain.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "config/config.hpp"
#include "graph/api.hpp"
#include "vault/reader.hpp"

namespace sigilo::media {

struct Attempt;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Files fetched at once: one that trickles in must not hold up the others; more would use up the
/// provider's patience (20 errors in an hour are too many for some).
inline constexpr std::size_t fetching_threads = 3;
/// Before the disk is tried again after it took no more.
inline constexpr Duration disk_rest = std::chrono::minutes(1);
/// Before the vault is asked again after it could not be read or written.
inline constexpr Duration vault_rest = std::chrono::seconds(5);
/// The clock may jump and a wake-up may be missed: nothing waits longer than this.
inline constexpr Duration longest_sleep = std::chrono::minutes(1);
/// While others fetch, the next due file may be one of theirs, and hide another.
inline constexpr Duration sleep_beside_others = std::chrono::seconds(5);

/// No file is lost silently: it leaves the vault's list only by an outcome that is committed, and
/// while one cannot be committed its thread fetches nothing more. A file is on the disk, whole and
/// under its name, before the outcome that names it; what a crash leaves in between is removed by
/// clean_up() (media/clean_up.hpp), which is to be called before start().
/// Runs on: media (fetching_threads of its own); wake(), reload(), status() and stop() on any.
class Fetcher {
 public:
  struct Settings {
    std::filesystem::path media;  ///< directory of the sealed files
    std::uint64_t media_max = 0;  ///< bytes of the largest file that is fetched
    std::map<std::string, std::string> phone_number_ids;  ///< by the line's number
  };
  /// `config.meta` must be set.
  static Settings settings_of(const config::Config& config);

  /// One for each thread, opened there.
  using OpenReader = std::function<Result<vault::Reader>()>;
  /// One for each thread; its calls end early with FailureKind::stopped once the token says so.
  using MakeApi = std::function<std::unique_ptr<graph::Api>(std::stop_token)>;
  /// Commits an outcome and waits: StoreThread::run with WriteTransaction::media_outcome, and in
  /// the same transaction, where it is MediaState::lost, the alert about it. Errors as there: after
  /// not_found and refused the outcome is dropped, after any other tried again. Runs on: media,
  /// several at a time.
  using Report = std::function<Result<>(const vault::MediaOutcome&, const vault::MediaJob&)>;

  /// What the functions use, clock, random and the log's sink must outlive it.
  Fetcher(Settings settings, OpenReader open_reader, MakeApi make_api, Report report,
          const Clock& clock, Random& random, Logger log);
  /// Stops.
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  void start();
  /// Ends the threads; what is under way is broken off and leaves no file.
  void stop();

  /// Messages with files were committed.
  void wake();
  /// Takes effect before each thread's next file, and ends a rest: a new token may be in it.
  void reload(Settings settings, MakeApi make_api);

  /// What stands in the way of all or many files, for people.
  struct Trouble {
    std::string what;
    std::string remedy;  ///< "" where waiting is enough
    Timestamp since;     ///< first failure after the last success
    Timestamp last;
  };
  struct Status {
    std::uint64_t waiting = 0;  ///< files, those under way among them; as of the last look
    std::size_t under_way = 0;
    std::optional<Trouble> trouble;
    std::optional<Timestamp> rests_until;  ///< nothing is asked for before
  };
  [[nodiscard]] Status status() const;

  /// Everything that is due now; answers how long nothing will be due. Each thread of start() calls
  /// it with its own tools; a test calls it itself, without start().
  Duration run_once();

 private:
  struct Worker;
  void run(Worker& worker);
  Duration work(Worker& worker);
  bool ready(Worker& worker);
  Result<std::optional<vault::MediaJob>> claim(Worker& worker);
  void fetch(Worker& worker, vault::MediaJob job);
  void settle(Worker& worker, vault::MediaJob job, Attempt attempt);
  bool commit_outcome(Worker& worker);
  void discard_unused(Worker& worker);
  Duration idle(Worker& worker);
  void release(Seq message);
  enum class Where { here, provider };
  void trouble(Where where, std::string what, std::string remedy);
  void rest(Duration time);
  void vault_trouble(const Error& error);
  [[nodiscard]] Duration rest_left() const;

  // Constant after construction.
  const OpenReader open_reader_;
  const Report report_;
  const Clock& clock_;
  Random& random_;
  const Logger log_;
  std::stop_source stop_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t wakes_ = 0;
  Settings settings_;
  MakeApi make_api_;
  std::uint64_t reloads_ = 1;
  std::set<Seq> claimed_;
  std::map<Seq, int> mismatches_;
  int api_failures_ = 0;    ///< in a row
  SteadyTime rests_until_;  // a wall clock that is set back must not silence the fetching
  std::optional<Trouble> trouble_;
  bool trouble_here_ =
      false;  ///< it is the vault's or the disk's: over once an outcome is committed
  std::uint64_t waiting_ = 0;

  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace sigilo::media
