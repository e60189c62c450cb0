// SPDX-License-Identifier: Apache-2.0
// The other side of an outgoing connection: certificates for loopback, and servers that say what a
// test writes.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "net/http_server.hpp"
#include "net/listen.hpp"
#include "net/web_client.hpp"
#include "support/net_server.hpp"
#include "support/process.hpp"

namespace sigilo::test {

/// An authority, and what it signs; all by the openssl program.
class Authority {
 public:
  Authority() {
    command(
        fmt::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                    "-days 2 -subj '/CN=Test Authority' -keyout {} -out {}",
                    key_.string(), certificate().string()));
  }
  [[nodiscard]] std::filesystem::path certificate() const { return directory_ / "ca.pem"; }
  /// `names` as in subjectAltName: "DNS:localhost,IP:127.0.0.1". `days` 0 and less: already over.
  [[nodiscard]] net::TlsIdentity sign(const std::string& names,
                                      const std::string& validity = "-days 1") const {
    const auto key = directory_ / "leaf.key";
    const auto request = directory_ / "leaf.csr";
    const auto leaf = directory_ / "leaf.pem";
    const auto extensions = directory_ / "leaf.ext";
    write_file(extensions, "subjectAltName=" + names + "\nbasicConstraints=CA:FALSE\n");
    command(
        fmt::format("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                    "-subj /CN=leaf -keyout {} -out {}",
                    key.string(), request.string()));
    command(
        fmt::format("openssl x509 -req -in {} -CA {} -CAkey {} -CAcreateserial {} "
                    "-extfile {} -out {}",
                    request.string(), certificate().string(), key_.string(), validity,
                    extensions.string(), leaf.string()));
    return {read_file(leaf), read_file(key)};
  }

 private:
  static void command(const std::string& line) {
    const auto done = run(line + " 2>&1");
    if (done.status != 0) throw std::runtime_error("openssl: " + done.output);
  }
  TemporaryDirectory directory_;
  std::filesystem::path key_ = directory_ / "ca.key";
};

/// One accepted connection of a ScriptedServer.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  [[nodiscard]] int fd() const { return fd_; }
  /// Up to the empty line behind the headers; "" when the client leaves.
  std::string head() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      char bytes[4096];
      pollfd wait{fd_, POLLIN, 0};
      if (poll(&wait, 1, 10'000) <= 0) return {};
      const ssize_t size = recv(fd_, bytes, sizeof bytes, 0);
      if (size <= 0) return {};
      received_.append(bytes, static_cast<std::size_t>(size));
    }
    const std::string head = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    return head;
  }
  bool say(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Until the client ends the connection (or the server is torn down).
  void wait_for_end() const {
    char byte = 0;
    while (recv(fd_, &byte, 1, 0) > 0) {
    }
  }

 private:
  int fd_;
  std::string received_;
};

/// Calls `script` for each connection, one after the other: what is said is what stands in the
/// test. The connection ends when the script does.
class ScriptedServer {
 public:
  using Script = std::function<void(Peer&, int number)>;
  explicit ScriptedServer(Script script)
      : listener_(net::listen_tcp("127.0.0.1", 0).value()),
        port_(net::port_of(listener_.get())),
        thread_([this, script = std::move(script)] { serve(script); }) {}
  ~ScriptedServer() {
    ended_ = true;
    shutdown(listener_.get(), SHUT_RDWR);
    {
      const std::lock_guard guard(mutex_);
      if (present_ >= 0) shutdown(present_, SHUT_RDWR);
    }
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view target = "/") const {
    return fmt::format("http://127.0.0.1:{}{}", port_, target);
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void serve(const Script& script) {
    while (!ended_) {
      pollfd call{listener_.get(), POLLIN, 0};  // the listener itself does not block
      poll(&call, 1, -1);
      const net::Fd fd(accept(listener_.get(), nullptr, nullptr));
      if (fd.get() < 0) continue;
      {
        const std::lock_guard guard(mutex_);
        present_ = fd.get();
      }
      Peer peer(fd.get());
      script(peer, ++connections_);
      shutdown(fd.get(), SHUT_WR);
      const std::lock_guard guard(mutex_);
      present_ = -1;
    }
  }

  net::Fd listener_;
  std::uint16_t port_;
  std::mutex mutex_;
  int present_ = -1;
  std::atomic<bool> ended_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

/// A script that reads each head and answers with the same bytes, while the client stays.
inline ScriptedServer::Script saying(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer, int) {
    while (!peer.head().empty()) peer.say(bytes);
  };
}

/// The same, but ends the connection behind the first.
inline ScriptedServer::Script saying_once(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer, int) {
    peer.head();
    peer.say(bytes);
  };
}

/// A proxy for one CONNECT at a time: passes bytes both ways to 127.0.0.1.
class LoopbackProxy {
 public:
  explicit LoopbackProxy(std::string wanted_authorization = "")
      : server_([this, wanted = std::move(wanted_authorization)](Peer& client, int) {
          const auto head = client.head();
          {
            const std::lock_guard guard(mutex_);
            heads_.push_back(head);
          }
          if (!wanted.empty() &&
              head.find("Proxy-Authorization: " + wanted + "\r\n") == std::string::npos) {
            client.say("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
            return;
          }
          const auto colon = head.find(':');
          RawClient target(static_cast<std::uint16_t>(std::stoi(head.substr(colon + 1))));
          client.say("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
          pass(client.fd(), target.fd());
        }) {}
  [[nodiscard]] std::string url(const std::string& user = "") const {
    return fmt::format("http://{}127.0.0.1:{}", user, server_.port());
  }
  [[nodiscard]] std::vector<std::string> heads() const {
    const std::lock_guard guard(mutex_);
    return heads_;
  }

 private:
  static void pass(int one, int other) {
    for (;;) {
      pollfd both[] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
      if (poll(both, 2, 10'000) <= 0) return;
      for (int from = 0; from < 2; ++from) {
        if (both[from].revents == 0) continue;
        char bytes[16384];
        const ssize_t size = recv(both[from].fd, bytes, sizeof bytes, 0);
        if (size <= 0) return;
        Peer(both[1 - from].fd).say({bytes, static_cast<std::size_t>(size)});
      }
    }
  }

  mutable std::mutex mutex_;
  std::vector<std::string> heads_;
  ScriptedServer server_;
};

inline const SystemClock& system_clock() {
  static const SystemClock once;
  return once;
}

/// A client for the real network and time; `change` sets limits of its own.
inline std::unique_ptr<net::WebClient> web_client(
    const std::function<void(net::WebSettings&)>& change = [](net::WebSettings&) {}) {
  net::WebSettings settings;
  settings.user_agent = "sigilo/test";
  change(settings);
  auto made = net::WebClient::make(std::move(settings), system_clock());
  if (!made) throw std::runtime_error(made.error().message());
  return std::move(*made);
}

inline net::WebRequest getting(std::string url) {
  net::WebRequest request;
  request.url = std::move(url);
  return request;
}

/// Which fault ended a call, and that it has words.
inline net::WebFault fault_of(const net::WebResult<net::Response>& result) {
  if (result) throw std::runtime_error("the call was answered");
  if (result.error().error.what.empty()) throw std::runtime_error("a failure without words");
  return result.error().fault;
}

/// Why a call failed, for the report of a failing test.
inline std::string trouble_of(const net::WebResult<net::Response>& result) {
  return result ? "none" : result.error().error.message();
}

}  // namespace sigilo::test
