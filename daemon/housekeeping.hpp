// SPDX-License-Identifier: Apache-2.0
// What has to happen now and then: a checkpoint a day, a new signing key a day, and systemd's
// status line.
#pragma once

#include <functional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "net/loop.hpp"
#include "vault/store.hpp"
#include "vault/vault.hpp"

namespace sigilo {

/// Runs on: io.
class Housekeeping {
 public:
  /// Borrows all. `status` makes the line for systemd.
  Housekeeping(net::Loop& io, vault::StoreThread& store, const Clock& clock, Timestamp epoch_began,
               Timestamp last_checkpoint, std::function<std::string()> status, Logger log);
  void start();

 private:
  void tick();
  void make_checkpoint(Timestamp now);
  void roll_epoch(Timestamp now);

  net::Loop& io_;
  vault::StoreThread& store_;
  const Clock& clock_;
  Timestamp epoch_began_;
  Timestamp last_checkpoint_;
  std::function<std::string()> status_;
  Logger log_;
};

}  // namespace sigilo
