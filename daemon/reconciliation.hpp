// SPDX-License-Identifier: Apache-2.0
// What is spoken of and never came, looked for every few minutes and kept as `gap` records.
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "vault/reader.hpp"
#include "vault/store.hpp"

namespace sigilo {

/// The provider keeps no order and repeats what was not answered: nothing counts as missing before
/// this time has passed since something spoke of it.
inline constexpr Duration gap_grace = std::chrono::minutes(10);
inline constexpr Duration gap_interval = std::chrono::minutes(5);
/// Between two pages of records while there are more.
inline constexpr Duration gap_pause = std::chrono::milliseconds(200);

/// Runs on: chores.
class Reconciliation {
 public:
  /// Borrows store and clock.
  Reconciliation(vault::Reader reader, vault::StoreThread& store, const Clock& clock, Logger log);

  /// Looks through one page of records, or, behind the last one, at the histories; answers how long
  /// the next step may wait.
  Duration step();

 private:
  /// True: a page was looked through and there are more.
  Result<bool> search();
  Result<> look_at_histories();

  vault::Reader reader_;
  vault::StoreThread& store_;
  const Clock& clock_;
  Logger log_;
};

}  // namespace sigilo
