// SPDX-License-Identifier: Apache-2.0
// A server on a thread of its own, and clients that are nothing but sockets: what they send is what
// stands in the test.
#pragma once

#include <cstring>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/http_server.hpp"
#include "net/loop.hpp"
#include "support/fakes.hpp"

namespace sigilo::test {

/// Starts in the constructor, ends in the destructor. Handlers run on its thread.
class RunningServer {
 public:
  RunningServer(net::ServerSettings settings, net::HttpHandlers handlers) {
    auto started = net::HttpServer::start(loop_, std::move(settings), std::move(handlers),
                                          Logger(log, LogLevel::debug));
    if (!started) throw std::runtime_error(started.error().message());
    server_ = std::move(*started);
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~RunningServer() {
    loop_.stop();
    thread_.join();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  net::Loop& loop() { return loop_; }
  /// Runs `task` on the io thread and waits for it.
  template <class Task>
  auto on_io(Task task) {
    std::packaged_task<std::invoke_result_t<Task, net::HttpServer&>()> packaged(
        [&] { return task(*server_); });
    auto result = packaged.get_future();
    loop_.post([&] { packaged(); });
    return result.get();
  }
  std::size_t connections() {
    return on_io([](net::HttpServer& server) { return server.connections(); });
  }
  /// Ends the server while its loop runs on.
  void end_server() {
    std::promise<void> done;
    loop_.post([&] {
      server_.reset();
      done.set_value();
    });
    done.get_future().get();
  }

  MemorySink log;

 private:
  net::Loop loop_;
  std::unique_ptr<net::HttpServer> server_;
  std::thread thread_;
};

inline net::ServerSettings on_loopback() {
  net::ServerSettings settings;
  settings.host = "127.0.0.1";
  return settings;
}

struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  [[nodiscard]] bool has(std::string_view line) const {
    return head.find(line) != std::string::npos;
  }
};

/// A client of plain POSIX sockets. Gives up after ten seconds, so that a fault fails instead of
/// hanging.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect_to(&address, sizeof address);
  }
  explicit RawClient(const std::string& path)
      : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    connect_to(&address, sizeof address);
  }
  ~RawClient() { close_now(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  /// False when the server does not take it any more.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// The next answer; nullopt when the connection ends before it is whole. `head_only`: the answer
  /// to a HEAD.
  std::optional<Answer> answer(bool head_only = false) {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return std::nullopt;
    }
    Answer answer;
    answer.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    const auto at = answer.head.find("\r\nContent-Length: ");
    const std::size_t length =
        at == std::string::npos || head_only ? 0 : std::stoul(answer.head.substr(at + 18));
    while (received_.size() < length) {
      if (!more()) return std::nullopt;
    }
    answer.body = received_.substr(0, length);
    received_.erase(0, length);
    return answer;
  }

  /// Everything until the server ends the connection.
  std::string rest() {
    while (more()) {
    }
    return std::exchange(received_, {});
  }

  /// True when the server ends the connection with nothing more to say.
  bool ends() {
    while (more()) {
    }
    return ended_ && received_.empty();
  }

  void close_now() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void half_close() const { ::shutdown(fd_, SHUT_WR); }

 private:
  void connect_to(const void* address, socklen_t size) {
    if (::connect(fd_, static_cast<const sockaddr*>(address), size) != 0) {
      ::close(fd_);
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
  }
  bool more() {
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, 10'000) <= 0) return false;
    char bytes[65536];
    const ssize_t size = recv(fd_, bytes, sizeof bytes, 0);
    if (size <= 0) {
      ended_ = true;
      return false;
    }
    received_.append(bytes, static_cast<std::size_t>(size));
    return true;
  }

  int fd_;
  std::string received_;
  bool ended_ = false;
};

inline std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: here\r\n\r\n";
}

inline std::string post(std::string_view target, std::string_view body,
                        std::string_view headers = "") {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

inline net::Response text_response(std::string text) {
  net::Response response;
  response.body = std::move(text);
  return response;
}

/// Answers at once with method, target and body of the request.
inline net::HttpHandlers echo() {
  net::HttpHandlers handlers;
  handlers.request = [](net::Request request, const net::Peer&, const net::Responder& respond) {
    respond(text_response(request.method + " " + request.target + " " + request.body));
  };
  return handlers;
}

}  // namespace sigilo::test
