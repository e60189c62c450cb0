// SPDX-License-Identifier: Apache-2.0
// Private to net: names into addresses, without waiting longer than the caller likes.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/asio_impl.hpp"

namespace sigilo::net {

/// One look-up on a thread of its own, since getaddrinfo(3) can't be ended: who gives up leaves it
/// behind, and it ends by itself within the resolver's own time.
class Lookup {
 public:
  struct Outcome {
    std::vector<StreamProtocol::endpoint> addresses;
    std::string failure;  ///< the resolver's words where there is no address
  };

  /// `done` is called once, on that thread, unless forget() comes before.
  static std::shared_ptr<Lookup> start(std::string host, std::uint16_t port,
                                       std::function<void()> done);
  /// After this `done` is not called and not running.
  void forget();
  /// What came; only after `done`.
  Outcome take();

 private:
  void finish(Outcome outcome);

  std::mutex mutex_;
  std::function<void()> done_;
  Outcome outcome_;
};

}  // namespace sigilo::net
