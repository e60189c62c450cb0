// SPDX-License-Identifier: Apache-2.0
// Private to net: one connection of a server, as the server sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>

#include "net/asio_impl.hpp"
#include "net/http_server.hpp"
#include "net/request_parser_impl.hpp"

namespace sigilo::net {

class Connection;

/// What the connections of one server share. Runs on: io.
struct Shared {
  ServerLimits limits;
  HttpHandlers handlers;
  Logger log;
  std::chrono::milliseconds tick;  ///< how often deadlines are looked at
  std::uint64_t now = 0;           ///< ticks so far
  BodyBudget bodies;
  std::unordered_set<Connection*> connections;
  bool stopping = false;  ///< each answer is the connection's last
  bool gone = false;      ///< the server has ended: no handler may be called
};

/// Deadlines are marks that the server compares with its tick: setting one costs nothing, where a
/// timer for each of several limits a request would cost more than the request.
class Connection {
 public:
  explicit Connection(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
    shared_->connections.insert(this);
  }
  virtual ~Connection() { shared_->connections.erase(this); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Lets what the connection waits for end with `timed_out`, if its time is over.
  void check_deadline();
  /// Ends a connection that waits for a request.
  void end_if_idle();
  /// Closes at once, whatever it does.
  virtual void drop() = 0;

 protected:
  virtual void cancel() = 0;
  void set_deadline(std::chrono::milliseconds limit);

  std::shared_ptr<Shared> shared_;
  std::uint64_t deadline_ = 0;  // in ticks; 0: none
  bool timed_out_ = false;
  bool idle_ = false;
};

/// Serves one accepted socket to its end. `tls` null: plain. The context must outlive the
/// connection.
void serve(const std::shared_ptr<Shared>& shared, Socket socket, asio::ssl::context* tls);

}  // namespace sigilo::net
