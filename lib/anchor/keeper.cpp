// SPDX-License-Identifier: Apache-2.0
#include "anchor/keeper.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "crypto/digest.hpp"

namespace sigilo::anchor {
namespace {

bool is_alarm(const PlaceState& state) {
  return state.failure && state.failure->error.code == ErrorCode::corrupt;
}

std::string_view name_of(vault::AnchorKind kind) {
  switch (kind) {
    case vault::AnchorKind::directory:
      return "directory";
    case vault::AnchorKind::rfc3161:
      return "time stamp authority";
    case vault::AnchorKind::witness:
      return "witness";
    case vault::AnchorKind::mail:
      return "mail";
  }
  return "";
}

}  // namespace

Keeper::Keeper(Places places, Duration every, vault::Reader reader, vault::StoreThread& store,
               const Clock& clock, Random& random, Logger log)
    : every_(every),
      reader_(std::move(reader)),
      store_(store),
      clock_(clock),
      random_(random),
      log_(log) {
  for (auto& place : places) {
    PlaceState state;
    state.kind = place->kind();
    state.where = place->where();
    posts_.push_back({std::move(place), clock.steady(), std::move(state)});
  }
}

Duration Keeper::step(const std::stop_token& stop) {
  if (!recalled_) {
    if (const auto recalled = recall(); !recalled) {
      log_.error("anchors cannot be looked up: {}", recalled.error().message());
      return place_rest.first;
    }
    recalled_ = true;
  }
  for (auto& post : posts_) {
    if (stop.stop_requested()) break;
    if (clock_.steady() < post.rests_until) continue;
    const std::stop_callback interrupt(stop, [&post] { post.place->interrupt(); });
    serve(post, stop);
  }
  return look_interval;
}

/// What earlier runs recorded.
Result<> Keeper::recall() {
  SIGILO_TRY(const auto rows, reader_.anchors(vault::max_anchors));
  const std::scoped_lock lock(mutex_);
  for (const auto& row : rows) {
    const auto post = std::ranges::find_if(posts_, [&](const Post& one) {
      return one.state.kind == row.anchor.kind && one.state.where == row.anchor.where;
    });
    if (post != posts_.end())
      post->state.last = PlaceState::Last{row.seq, row.anchor.checkpoint, row.time};
  }
  return {};
}

void Keeper::serve(Post& post, const std::stop_token& stop) {
  const auto checkpoints = wanted(post);
  if (!checkpoints) return note_failure(post, checkpoints.error());
  for (const auto& checkpoint : *checkpoints) {
    if (stop.stop_requested()) return;
    const auto kept = bring(post, checkpoint);
    if (stop.stop_requested() && !kept) return;  // broken off, not failed
    if (!kept) return note_failure(post, kept.error());
  }
}

/// What is to be brought there now. A place that is new gets the newest checkpoint alone: it covers
/// all before.
Result<std::vector<vault::KeptCheckpoint>> Keeper::wanted(const Post& post) {
  const auto& last = post.state.last;  // only this thread changes it
  if (post.place->takes_all()) {
    if (last) return reader_.checkpoints_after(last->checkpoint, checkpoints_a_step);
    SIGILO_TRY(const auto newest, reader_.newest_checkpoint());
    return newest ? std::vector{*newest} : std::vector<vault::KeptCheckpoint>();
  }
  const auto now = clock_.now();
  // A clock that was set back by far must not silence a place for as long.
  if (last && now < last->time + every_ && last->time < now + every_)
    return std::vector<vault::KeptCheckpoint>();
  SIGILO_TRY(auto checkpoint, fresh(last ? std::optional(last->checkpoint) : std::nullopt));
  return std::vector{std::move(checkpoint)};
}

/// The newest checkpoint; a new one where a place has that already.
Result<vault::KeptCheckpoint> Keeper::fresh(std::optional<Seq> kept) {
  SIGILO_TRY(auto newest, reader_.newest_checkpoint());
  if (!newest || (kept && newest->seq <= *kept)) {
    SIGILO_TRY_DO(store_.run([](vault::WriteTransaction& transaction) {
      return transaction.checkpoint().map([](const std::string&) {});
    }));
    SIGILO_TRY(newest, reader_.newest_checkpoint());
  }
  if (!newest) return fail(ErrorCode::corrupt, "a checkpoint that was made is not there");
  return std::move(*newest);
}

Result<> Keeper::bring(Post& post, const vault::KeptCheckpoint& checkpoint) {
  SIGILO_TRY(auto proof, post.place->keep(checkpoint));
  const vault::Anchor anchor{post.place->kind(), checkpoint.seq,
                             crypto::sha256(as_bytes(checkpoint.note)), post.place->where(),
                             std::move(proof)};
  Seq record;
  SIGILO_TRY_DO(store_.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY(record, transaction.append(RecordKind::service, vault::anchor_body(anchor)));
    return {};
  }));
  log_.info("the checkpoint over {} records is remembered outside ({})", checkpoint.seq.value(),
            name_of(post.place->kind()));
  const std::scoped_lock lock(mutex_);
  post.state.last = PlaceState::Last{record, checkpoint.seq, clock_.now()};
  post.state.failure.reset();
  return {};
}

void Keeper::note_failure(Post& post, const Error& error) {
  log_.warning("an anchor failed ({} {}): {}", name_of(post.place->kind()), post.place->where(),
               error.message());
  const auto now = clock_.now();
  int attempts = 0;
  {
    const std::scoped_lock lock(mutex_);
    auto& failure = post.state.failure;
    if (!failure) failure = PlaceState::Failure{error, now, now, 0};
    failure->error = error;
    failure->last = now;
    attempts = ++failure->attempts;
  }
  post.rests_until = clock_.steady() + place_rest.delay(attempts, random_);
}

void Keeper::finish() {
  if (!recalled_) return;
  for (auto& post : posts_) {
    if (!post.place->takes_all() || clock_.steady() < post.rests_until) continue;
    const auto checkpoints = wanted(post);
    if (!checkpoints) return;
    for (const auto& checkpoint : *checkpoints) {
      if (const auto kept = post.place->keep(checkpoint); !kept) {
        log_.warning("the last checkpoint waits for the next start ({}): {}", post.place->where(),
                     kept.error().message());
        break;
      }
    }
  }
}

/// A place that never took one is most likely mistaken in the configuration: that is told at once.
bool Keeper::is_overdue(const PlaceState& state) const {
  if (is_alarm(state)) return true;
  const auto now = clock_.now();
  if (state.kind == vault::AnchorKind::directory)
    return state.failure && (!state.last || now - state.failure->since >= directory_patience);
  return state.last ? now - state.last->time > 2 * every_ : state.failure.has_value();
}

std::vector<PlaceState> Keeper::states() const {
  const std::scoped_lock lock(mutex_);
  std::vector<PlaceState> states;
  for (const auto& post : posts_) {
    states.push_back(post.state);
    states.back().overdue = is_overdue(post.state);
  }
  return states;
}

std::vector<std::string> Keeper::attention() const {
  auto all = states();
  std::ranges::stable_partition(all, is_alarm);
  std::vector<std::string> sentences;
  for (const auto& state : all) {
    if (!state.overdue) continue;
    const auto place = fmt::format("{} {}", name_of(state.kind), state.where);
    if (is_alarm(state)) {
      sentences.push_back(
          fmt::format("ALARM of the {}: {}", place, state.failure->error.message()));
      continue;
    }
    sentences.push_back(
        fmt::format("no checkpoint has reached the {} {}{}", place,
                    state.last ? "since " + format_rfc3339(state.last->time) : "yet",
                    state.failure ? ": " + state.failure->error.message() : std::string()));
  }
  return sentences;
}

}  // namespace sigilo::anchor
