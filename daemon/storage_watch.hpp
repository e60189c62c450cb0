// SPDX-License-Identifier: Apache-2.0
// Whether the vault can be written. When it can't: told at once by mail (which needs no vault) and
// in status; tried again by itself; and when it works again a `gap` record says for how long
// deliveries were refused.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "net/loop.hpp"
#include "vault/store.hpp"

namespace sigilo {

class StorageWatch {
 public:
  struct Trouble {
    Timestamp since;
    std::uint64_t refused =
        0;  ///< deliveries answered with 503; the provider sends them again for days
    std::string reason;
  };
  struct Notices {
    std::function<void(const Trouble&)> failing;               ///< called once when it begins
    std::function<void(const Trouble&, Timestamp)> recovered;  ///< called once when it is over
  };

  StorageWatch(net::Loop& io, const Clock& clock, Notices notices, Logger log);
  void connect(vault::StoreThread& store) { store_ = &store; }

  /// What became of one write. Runs on: store.
  void wrote(const Result<>& outcome);

  /// The present trouble; nullopt when all is well. Runs on: any.
  [[nodiscard]] std::optional<Trouble> trouble() const;

 private:
  void try_again();
  void ended(const Result<>& outcome);

  net::Loop& io_;
  const Clock& clock_;
  Notices notices_;
  Logger log_;
  vault::StoreThread* store_ = nullptr;
  mutable std::mutex mutex_;
  std::optional<Trouble> trouble_;  // guarded by mutex_
};

}  // namespace sigilo
