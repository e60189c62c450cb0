// SPDX-License-Identifier: Apache-2.0
#include "net/listen.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sigilo::net {

namespace {

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_un local;
};

std::string reason(int error) {
  return std::generic_category().message(error);
}

tl::unexpected<Error> cannot_listen(const std::string& where, int error) {
  std::string what = fmt::format("cannot listen on {}: {}", where, reason(error));
  switch (error) {
    case EADDRINUSE:
      return fail(ErrorCode::io, std::move(what),
                  "stop the program that uses it or choose another");
    case EADDRNOTAVAIL:
      return fail(ErrorCode::io, std::move(what), "use an address of this machine");
    case EACCES:
    case EPERM:
      return fail(ErrorCode::permission, std::move(what),
                  "ports under 1024 need CAP_NET_BIND_SERVICE, sockets a writable directory");
    case ENOENT:
      return fail(ErrorCode::io, std::move(what), "create the directory");
    default:
      return fail(ErrorCode::io, std::move(what));
  }
}

Result<std::pair<Address, socklen_t>> numeric_address(const std::string& host, std::uint16_t port) {
  Address address{};
  if (inet_pton(AF_INET, host.c_str(), &address.v4.sin_addr) == 1) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
    return std::pair(address, socklen_t{sizeof address.v4});
  }
  if (inet_pton(AF_INET6, host.c_str(), &address.v6.sin6_addr) == 1) {
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
    return std::pair(address, socklen_t{sizeof address.v6});
  }
  return fail(ErrorCode::invalid_input, fmt::format("\"{}\" is not a numeric address", host),
              "write 127.0.0.1, 0.0.0.0, ::1 or ::");
}

Result<Address> local_address(const std::string& path) {
  Address address{};
  address.local.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.local.sun_path || path.find('\0') != std::string::npos) {
    return fail(ErrorCode::invalid_input, fmt::format("the socket's path {} is too long", path),
                fmt::format("use at most {} bytes", sizeof address.local.sun_path - 1));
  }
  std::memcpy(address.local.sun_path, path.data(), path.size());
  return address;
}

bool somebody_answers(const Address& address) {
  const Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // EAGAIN: there is a listener, but its queue is full.
  return connect(probe.get(), &address.any, sizeof address.local) == 0 || errno == EAGAIN;
}

Result<> make_way(const std::string& path, const Address& address) {
  struct stat existing {};
  if (lstat(path.c_str(), &existing) != 0) return {};  // bind names any other trouble
  if (!S_ISSOCK(existing.st_mode)) {
    return fail(ErrorCode::already_exists, fmt::format("{} exists and is not a socket", path),
                "move that file away or choose another path");
  }
  if (somebody_answers(address)) return cannot_listen(path, EADDRINUSE);
  if (unlink(path.c_str()) != 0) return cannot_listen(path, errno);
  return {};
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Result<Fd> listen_tcp(const std::string& host, std::uint16_t port) {
  SIGILO_TRY(const auto address, numeric_address(host, port));
  const auto where = fmt::format(
      fmt::runtime(host.find(':') == std::string::npos ? "{}:{}" : "[{}]:{}"), host, port);
  Fd fd(socket(address.first.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return cannot_listen(where, errno);
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
  if (bind(fd.get(), &address.first.any, address.second) != 0 || listen(fd.get(), SOMAXCONN) != 0) {
    return cannot_listen(where, errno);
  }
  return fd;
}

Result<Fd> listen_unix(const std::string& path, mode_t mode) {
  SIGILO_TRY(const auto address, local_address(path));
  SIGILO_TRY_DO(make_way(path, address));
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return cannot_listen(path, errno);
  // Linux gives the socket's own mode, less the umask, to the file that bind makes: so it is never
  // looser than `mode`, not even for a moment, and the umask, which other threads share, stays
  // untouched.
  if (fchmod(fd.get(), mode) != 0 || bind(fd.get(), &address.any, sizeof address.local) != 0 ||
      chmod(path.c_str(), mode) != 0 || listen(fd.get(), SOMAXCONN) != 0) {
    return cannot_listen(path, errno);
  }
  return fd;
}

int family_of(int fd) {
  Address address{};
  socklen_t size = sizeof address;
  getsockname(fd, &address.any, &size);
  return address.any.sa_family;
}

std::uint16_t port_of(int fd) {
  Address address{};
  socklen_t size = sizeof address;
  getsockname(fd, &address.any, &size);
  if (address.any.sa_family == AF_INET) return ntohs(address.v4.sin_port);
  if (address.any.sa_family == AF_INET6) return ntohs(address.v6.sin6_port);
  return 0;
}

Peer peer_of(int fd) {
  Peer peer;
  Address address{};
  socklen_t size = sizeof address;
  if (getpeername(fd, &address.any, &size) != 0) return peer;
  char text[INET6_ADDRSTRLEN] = "";
  if (address.any.sa_family == AF_INET) {
    peer.address = inet_ntop(AF_INET, &address.v4.sin_addr, text, sizeof text);
  } else if (address.any.sa_family == AF_INET6) {
    peer.address = inet_ntop(AF_INET6, &address.v6.sin6_addr, text, sizeof text);
  } else if (address.any.sa_family == AF_UNIX) {
    ucred credentials{};
    size = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
      peer.uid = credentials.uid;
      peer.gid = credentials.gid;
      peer.pid = credentials.pid;
    }
  }
  return peer;
}

}  // namespace sigilo::net
