// SPDX-License-Identifier: Apache-2.0
// What the provider says of the firm's numbers (name, quality, whether the phone's app is linked),
// asked now and then and kept whenever it changed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "graph/api.hpp"
#include "rules.hpp"
#include "vault/reader.hpp"
#include "vault/store.hpp"

namespace sigilo {

/// In place of a remedy, where waiting is enough: whoever reads it at night may go back to sleep.
inline constexpr const char* nothing_to_do = "nothing to do: it is tried again by itself";

/// An hour of calls to one account is limited to 200: never more often than this, whatever [watch]
/// poll says.
inline constexpr Duration least_poll = std::chrono::minutes(1);

/// Runs on: graph; troubles() and renew() on any.
class LinePoll {
 public:
  using MakeApi = std::function<std::unique_ptr<graph::Api>(std::stop_token)>;

  /// Borrows rules, store, clock and random.
  LinePoll(vault::Reader reader, const CurrentRules& rules, vault::StoreThread& store,
           MakeApi make_api, const Clock& clock, Random& random, Logger log);

  /// Asks for all accounts once; answers when to ask again.
  Duration step(const std::stop_token& stop);

  /// A new token is there: the next step makes a new client.
  void renew();

  /// One sentence for each account that could not be asked the last time.
  [[nodiscard]] std::vector<std::string> troubles() const;

 private:
  void ask(graph::Api& api, const std::string& account);
  /// Stores the page where it says something new of a line. Errors: the vault's; invalid_input
  /// (nothing of it could be read).
  Result<> take(std::string page, const std::string& account);
  void tell(const std::string& account, std::string trouble);

  vault::Reader reader_;
  const CurrentRules& rules_;
  vault::StoreThread& store_;
  const MakeApi make_api_;
  const Clock& clock_;
  Random& random_;
  const Logger log_;
  std::unique_ptr<graph::Api> api_;
  mutable std::mutex mutex_;
  bool renewed_ = false;                         // guarded by mutex_
  std::map<std::string, std::string> troubles_;  // guarded by mutex_; by account
};

}  // namespace sigilo
