// SPDX-License-Identifier: Apache-2.0
#include "housekeeping.hpp"

#include <chrono>
#include <utility>

#include "process.hpp"

namespace sigilo {
namespace {

constexpr Duration tick_interval = std::chrono::seconds(10);
/// docs/evidence-format.md: who takes the machine today can't sign yesterday.
constexpr Duration epoch_length = std::chrono::hours(24);
constexpr Duration checkpoint_interval = std::chrono::hours(24);

}  // namespace

Housekeeping::Housekeeping(net::Loop& io, vault::StoreThread& store, const Clock& clock,
                           Timestamp epoch_began, Timestamp last_checkpoint,
                           std::function<std::string()> status, Logger log)
    : io_(io),
      store_(store),
      clock_(clock),
      epoch_began_(epoch_began),
      last_checkpoint_(last_checkpoint),
      status_(std::move(status)),
      log_(log) {}

void Housekeeping::start() {
  tick();
}

void Housekeeping::tick() {
  const auto now = clock_.now();
  if (now - last_checkpoint_ >= checkpoint_interval) make_checkpoint(now);
  if (now - epoch_began_ >= epoch_length) roll_epoch(now);
  notify_status(status_());
  io_.after(tick_interval, [this] { tick(); });
}

// Both set their time at once, so that a slow disk is not asked twice; a failure sets it back and
// the next tick tries again.
void Housekeeping::make_checkpoint(Timestamp now) {
  const auto before = std::exchange(last_checkpoint_, now);
  const bool taken = store_.submit(
      [](vault::WriteTransaction& transaction) -> Result<> {
        return transaction.checkpoint().map([](const std::string&) {});
      },
      [this, before](Result<> made) {
        if (made) return;
        log_.error("the daily checkpoint failed: {}", made.error().message());
        io_.post([this, before] { last_checkpoint_ = before; });
      });
  if (!taken) last_checkpoint_ = before;
}

void Housekeeping::roll_epoch(Timestamp now) {
  const auto before = std::exchange(epoch_began_, now);
  const bool taken = store_.roll_epoch([this, before](Result<> rolled) {
    if (rolled) {
      log_.info("a new signing key has begun its day; the old one is destroyed");
      return;
    }
    log_.error("the signing key could not be renewed: {}", rolled.error().message());
    io_.post([this, before] { epoch_began_ = before; });
  });
  if (!taken) epoch_began_ = before;
}

}  // namespace sigilo
