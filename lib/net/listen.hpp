// SPDX-License-Identifier: Apache-2.0
// Private to net: the sockets a server listens on, and who called.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "net/http_server.hpp"

namespace sigilo::net {

/// A file descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// Errors: invalid_input (not a numeric address), io (address in use ...), permission.
Result<Fd> listen_tcp(const std::string& host, std::uint16_t port);

/// An old socket file is replaced, unless somebody answers on it; any other file is refused.
/// Errors: invalid_input (path too long), already_exists, io, permission.
Result<Fd> listen_unix(const std::string& path, mode_t mode);

/// Address family of a socket (AF_INET, AF_INET6 or AF_UNIX).
int family_of(int fd);
/// Local TCP port; 0 for a Unix socket.
std::uint16_t port_of(int fd);
/// Who is on the other side of an accepted socket.
Peer peer_of(int fd);

}  // namespace sigilo::net
