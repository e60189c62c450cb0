// SPDX-License-Identifier: Apache-2.0
// One HTTP/1.1 server for both doors: the provider's webhook (TCP with TLS, or plain on loopback)
// and the local API (Unix socket). Beast and Asio stay behind this header.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

#include "base/log.hpp"
#include "base/result.hpp"
#include "net/http.hpp"
#include "net/loop.hpp"

namespace sigilo::net {

/// PEM texts. The server wipes its copy of the key as soon as OpenSSL has it; the caller wipes what
/// it kept.
struct TlsIdentity {
  std::string certificate_chain;
  std::string private_key;
};

/// Times are kept to within a quarter of the shortest one (250 ms at most): a deadline never
/// strikes early.
struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;           ///< more: 431
  std::size_t headers = 100;                      ///< more: 431
  std::size_t body_bytes = 3 * 1024 * 1024;       ///< more, chunked or not: 413
  std::size_t buffered_bytes = 64 * 1024 * 1024;  ///< all bodies being read together; more: 503
  std::size_t connections = 512;                  ///< more: closed at accept
  std::chrono::milliseconds header_time{10'000};  ///< TLS handshake; then from accept or the first
                                                  ///< byte to the end of the headers: 408
  std::chrono::milliseconds body_time{
      30'000};  ///< from the end of the headers to the end of the body: 408
  std::chrono::milliseconds idle_time{75'000};  ///< a kept connection without a request: closed
  std::chrono::milliseconds answer_time{
      60'000};  ///< from the whole request to the handler's answer: 503
  std::chrono::milliseconds write_time{60'000};  ///< a client that does not take its answer: closed
};

struct ServerSettings {
  std::string host;        ///< numeric address for TCP
  std::uint16_t port = 0;  ///< 0: the system chooses; see port()
  std::string unix_path;   ///< not empty: a Unix socket here instead (an old socket file is
                           ///< replaced, nothing else)
  mode_t unix_mode = 0600;
  std::optional<TlsIdentity> tls;  ///< TLS 1.2 and 1.3
  ServerLimits limits;
};

/// Who is on the other side, for authorisation. Headers such as X-Forwarded-For never count.
struct Peer {
  std::string address;       ///< numeric, for the log; empty on Unix sockets
  std::optional<uid_t> uid;  ///< SO_PEERCRED on Unix sockets
  std::optional<gid_t> gid;
  std::optional<pid_t> pid;
};

/// Sends the answer; call exactly once, on the io thread. If the connection is gone, or answer_time
/// is over, it does nothing.
using Responder = std::function<void(Response)>;

struct HttpHandlers {
  /// Called when the headers are in (body empty), before the body is read. An answer here refuses
  /// the request: it is sent and the connection closed without reading the body. May be empty.
  std::function<std::optional<Response>(const Request&, const Peer&)> head;
  /// Called with the whole request. May answer later.
  std::function<void(Request, Peer, Responder)> request;
};

/// HTTP/1.1 with keep-alive and pipelining; HTTP/1.0 is answered and closed. Malformed requests get
/// 400. Runs on: io. Handlers are called on io, never after the server's end. The loop must outlive
/// the server.
class HttpServer {
 public:
  /// Binds and begins to accept. Errors: io (address in use ...: each named), permission,
  /// already_exists (a file that is not a socket), invalid_input (not a numeric address), crypto
  /// (certificate or key not usable, or not belonging together).
  static Result<std::unique_ptr<HttpServer>> start(Loop& loop, ServerSettings settings,
                                                   HttpHandlers handlers, Logger log);
  ~HttpServer();
  /// TCP port that was bound.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t connections() const;
  /// Accepts no more, closes idle connections, lets answers in progress go out with "Connection:
  /// close".
  void stop_accepting();

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace sigilo::net
