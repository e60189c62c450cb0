// SPDX-License-Identifier: Apache-2.0
// Brings checkpoints to the places that remember them, puts what came back on record, and knows
// what is overdue.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "anchor/place.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "net/backoff.hpp"
#include "vault/reader.hpp"
#include "vault/store.hpp"

namespace sigilo::anchor {

/// How often the vault is asked whether there is a new checkpoint.
inline constexpr Duration look_interval = std::chrono::seconds(5);
/// Between two attempts at a place that failed.
inline constexpr net::Backoff place_rest{std::chrono::minutes(1), std::chrono::hours(1)};
/// A share that is not mounted for so long needs a person.
inline constexpr Duration directory_patience = std::chrono::hours(24);
/// Checkpoints that are brought to a place in one step: a share that comes back after a year gets
/// them all, but a stop needn't wait for that.
inline constexpr std::size_t checkpoints_a_step = 50;

/// A place as people see it.
struct PlaceState {
  vault::AnchorKind kind = vault::AnchorKind::directory;
  std::string where;
  struct Last {
    Seq seq;         ///< of the record
    Seq checkpoint;  ///< covers as many records
    Timestamp time;
  };
  std::optional<Last> last;
  struct Failure {
    Error error;
    Timestamp since;  ///< the first one after the last success
    Timestamp last;
    int attempts = 0;
  };
  std::optional<Failure> failure;
  bool overdue = false;  ///< needs a person
};

/// One that was recorded is not brought again after a restart. One whose record is missing (a crash
/// in between) is: no place minds. Runs on: anchor; states() and attention() on any; finish() when
/// no step is under way.
class Keeper {
 public:
  using Places = std::vector<std::unique_ptr<Place>>;
  /// `every`: between two anchors at places that don't take all. Borrows store, clock, random.
  Keeper(Places places, Duration every, vault::Reader reader, vault::StoreThread& store,
         const Clock& clock, Random& random, Logger log);

  /// Everything that is due now; answers when to call again. A stop breaks off a call under way.
  Duration step(const std::stop_token& stop);
  /// After the last checkpoint of a run: to the places that take all, where that is quick. It is
  /// recorded by the next run, which finds it there.
  void finish();

  [[nodiscard]] std::vector<PlaceState> states() const;
  /// One sentence for each place that is overdue or raises an alarm, alarms first.
  [[nodiscard]] std::vector<std::string> attention() const;

 private:
  struct Post {
    std::unique_ptr<Place> place;
    std::chrono::steady_clock::time_point rests_until;
    PlaceState state;  // guarded by mutex_
  };
  Result<> recall();
  void serve(Post& post, const std::stop_token& stop);
  Result<std::vector<vault::KeptCheckpoint>> wanted(const Post& post);
  Result<vault::KeptCheckpoint> fresh(std::optional<Seq> kept);
  Result<> bring(Post& post, const vault::KeptCheckpoint& checkpoint);
  void note_failure(Post& post, const Error& error);
  [[nodiscard]] bool is_overdue(const PlaceState& state) const;

  const Duration every_;
  vault::Reader reader_;
  vault::StoreThread& store_;
  const Clock& clock_;
  Random& random_;
  const Logger log_;
  bool recalled_ = false;
  std::vector<Post> posts_;
  mutable std::mutex mutex_;
};

}  // namespace sigilo::anchor
