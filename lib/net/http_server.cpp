// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/listen.hpp"
#include "net/loop_impl.hpp"
#include "net/session_impl.hpp"
#include "net/tls_impl.hpp"

namespace sigilo::net {

namespace {

constexpr std::chrono::milliseconds longest_tick{250};
constexpr std::chrono::milliseconds shortest_tick{5};
// Out of file descriptors or memory: give the connections that are open time to end.
constexpr std::chrono::milliseconds pause_after_failed_accept{100};

std::chrono::milliseconds tick_for(const ServerLimits& limits) {
  const auto shortest =
      std::min({limits.header_time, limits.body_time, limits.idle_time, limits.write_time});
  return std::clamp(shortest / 4, shortest_tick, longest_tick);
}

/// Device and inode: is the file at a path still the socket that we made?
std::pair<dev_t, ino_t> identity_of(const std::string& path) {
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) return {};
  return {file.st_dev, file.st_ino};
}

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& context, Acceptor bound, std::optional<asio::ssl::context> tls_context,
       std::shared_ptr<Shared> with)
      : acceptor(std::move(bound)),
        ticker(context),
        tls(std::move(tls_context)),
        shared(std::move(with)) {}

  Task<void> accept_all() {
    while (acceptor.is_open()) {
      Socket socket(acceptor.get_executor());
      const auto [ec] = co_await acceptor.async_accept(socket, awaited);
      if (!acceptor.is_open()) co_return;
      if (ec) {
        co_await pause_after(ec);
      } else {
        admit(std::move(socket));
      }
    }
  }

  // Aborted handshakes and the like are the client's; anything else will likely fail again at once.
  Task<void> pause_after(error_code ec) {
    if (ec == asio::error::connection_aborted || ec == asio::error::interrupted) co_return;
    shared->log.warning("cannot accept a connection: {}", ec.message());
    Timer pause(acceptor.get_executor(), pause_after_failed_accept);
    co_await pause.async_wait(awaited);
  }

  void admit(Socket socket) {
    if (shared->connections.size() >= shared->limits.connections) {
      if (!std::exchange(full, true)) {
        shared->log.warning("{} connections are open, the most allowed: more are closed",
                            shared->limits.connections);
      }
      return;
    }
    full = false;
    serve(shared, std::move(socket), tls ? &*tls : nullptr);
    if (!std::exchange(ticking, true)) tick();
  }

  void tick() {
    ticker.expires_after(shared->tick);
    ticker.async_wait([self = shared_from_this()](error_code ec) {
      if (ec) return;
      ++self->shared->now;
      for (auto* connection : self->shared->connections) connection->check_deadline();
      self->ticking = !self->shared->connections.empty();
      if (self->ticking) self->tick();
    });
  }

  void stop_accepting() {
    shared->stopping = true;
    if (!acceptor.is_open()) return;
    error_code ignored;
    acceptor.close(ignored);
    if (!unix_path.empty() && identity_of(unix_path) == unix_file) unlink(unix_path.c_str());
    for (auto* connection : shared->connections) connection->end_if_idle();
  }

  // Connections may live on in the loop for a moment; they keep what they need, and call nobody.
  void end() {
    stop_accepting();
    shared->gone = true;
    shared->handlers = {};
    ticker.cancel();
    for (auto* connection : shared->connections) connection->drop();
  }

  Acceptor acceptor;
  Timer ticker;
  std::optional<asio::ssl::context> tls;
  std::shared_ptr<Shared> shared;
  std::uint16_t port = 0;
  std::string unix_path;
  std::pair<dev_t, ino_t> unix_file;
  bool ticking = false;
  bool full = false;
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(Loop& loop, ServerSettings settings,
                                                      HttpHandlers handlers, Logger log) {
  std::optional<asio::ssl::context> tls;
  if (settings.tls) {
    SIGILO_TRY(auto context, make_tls_context(std::move(*settings.tls)));
    tls.emplace(std::move(context));
  }
  SIGILO_TRY(auto fd, settings.unix_path.empty()
                          ? listen_tcp(settings.host, settings.port)
                          : listen_unix(settings.unix_path, settings.unix_mode));

  auto shared = std::make_shared<Shared>(Shared{settings.limits,
                                                std::move(handlers),
                                                log,
                                                tick_for(settings.limits),
                                                0,
                                                {0, settings.limits.buffered_bytes},
                                                {}});
  auto& context = loop.impl().context;
  const auto port = port_of(fd.get());
  const int family = family_of(fd.get());
  auto impl =
      std::make_shared<Impl>(context, Acceptor(context, StreamProtocol(family, 0), fd.release()),
                             std::move(tls), std::move(shared));
  impl->port = port;
  if (!settings.unix_path.empty()) {
    impl->unix_file = identity_of(settings.unix_path);
    impl->unix_path = std::move(settings.unix_path);
  }
  asio::co_spawn(context, impl->accept_all(), [impl](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);  // a bug: let the daemon end rather than be deaf
  });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  impl_->end();
}

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

std::size_t HttpServer::connections() const {
  return impl_->shared->connections.size();
}

void HttpServer::stop_accepting() {
  impl_->stop_accepting();
}

}  // namespace sigilo::net
