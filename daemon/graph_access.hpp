// SPDX-License-Identifier: Apache-2.0
// The daemon's way to the provider's Graph API: who makes clients, with which token.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "crypto/secret.hpp"
#include "graph/api.hpp"
#include "graph/rate_gate.hpp"
#include "net/proxy.hpp"

namespace sigilo {

/// Shared by all that ask the provider, so that they keep its rate limits together. Runs on: any.
class GraphAccess {
 public:
  /// The proxy is what the process's environment names. Borrows the clock.
  GraphAccess(const config::MetaSource& source, crypto::SecretBytes token, const Clock& clock);

  /// A client for one thread, whose calls end with `stopped` once `stop` is requested. Where none
  /// can be made (no certificate authorities) one that says why at each call.
  [[nodiscard]] std::unique_ptr<graph::Api> make(std::stop_token stop);

  /// Clients made from now on show this token.
  void renew(crypto::SecretBytes token);

 private:
  [[nodiscard]] crypto::SecretBytes token() const;

  const config::MetaSource source_;
  const Clock& clock_;
  const net::ProxySettings proxy_;
  graph::RateGate gate_;
  mutable std::mutex mutex_;
  crypto::SecretBytes token_;  // guarded by mutex_
};

}  // namespace sigilo
