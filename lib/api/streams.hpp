// SPDX-License-Identifier: Apache-2.0
// Long bodies: a thread makes the pieces, the io thread sends them, and between the two waits one
// piece at most.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/http.hpp"
#include "net/loop.hpp"

namespace sigilo::api {

/// Bodies under way at once: each has a thread, and a client may be slow.
inline constexpr std::size_t max_streams = 4;

/// Runs on: any but for the sources, which run on io.
class Streams {
 public:
  /// Makes the whole body by calls of its argument, which blocks while the client is behind, and
  /// fails once nobody wants the rest.
  using Make = std::function<Result<>(const net::BodySink&)>;

  /// A source of what `make` makes; an error of `make` cuts the connection, and `failed` is called
  /// with it (on the stream's thread). Errors: unavailable (max_streams are under way).
  Result<net::BodySource> start(net::Loop& io, Make make, std::function<void(const Error&)> failed);

  /// Breaks off what is under way, and waits for its threads.
  ~Streams();

 private:
  struct Stream;
  struct Source;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Stream>> streams_;  // guarded by mutex_
};

}  // namespace sigilo::api
