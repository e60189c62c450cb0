// SPDX-License-Identifier: Apache-2.0
#include "net/listen.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include "support/net_server.hpp"
#include "support/process.hpp"

namespace sigilo::net {
namespace {

using test::RawClient;
using test::RunningServer;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat file {};
  REQUIRE(lstat(path.c_str(), &file) == 0);
  return file.st_mode;
}

ServerSettings on_unix(const std::filesystem::path& path, mode_t mode = 0600) {
  ServerSettings settings;
  settings.unix_path = path.string();
  settings.unix_mode = mode;
  return settings;
}

TEST_CASE("a port in use is an error that names it and says what to do") {
  const auto first = listen_tcp("127.0.0.1", 0);
  REQUIRE(first);
  const auto port = port_of(first->get());
  const auto second = listen_tcp("127.0.0.1", port);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::io);
  CHECK(second.error().what.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
  CHECK_FALSE(second.error().remedy.empty());
}

TEST_CASE("only numeric addresses of this machine are listened on") {
  for (const char* host : {"localhost", "", "256.0.0.1", "[::1]", "0.0.0.0 "}) {
    INFO(host);
    const auto refused = listen_tcp(host, 0);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::invalid_input);
  }
  const auto elsewhere = listen_tcp("192.0.2.1", 0);  // TEST-NET-1, RFC 5737
  REQUIRE_FALSE(elsewhere);
  CHECK(elsewhere.error().code == ErrorCode::io);
}

TEST_CASE("the socket file has exactly the mode asked for, whatever the umask") {
  const test::TemporaryDirectory directory;
  for (const mode_t mode : {0600U, 0660U, 0666U}) {
    for (const mode_t mask : {0U, 022U, 077U}) {
      const auto path = directory / fmt::format("{:o}-{:o}", mode, mask);
      const mode_t before = umask(mask);
      const auto fd = listen_unix(path.string(), mode);
      umask(before);
      REQUIRE(fd);
      CHECK(mode_of(path) == (S_IFSOCK | mode));
    }
  }
}

TEST_CASE("an old socket that nobody answers on is replaced") {
  const test::TemporaryDirectory directory;
  const auto path = directory / "s";
  { REQUIRE(listen_unix(path.string(), 0600)); }
  REQUIRE(std::filesystem::is_socket(path));
  RunningServer server(on_unix(path), test::echo());
  RawClient client(path.string());
  client.send(test::get("/"));
  CHECK(client.answer()->status == 200);
}

TEST_CASE("the socket of a running server is left alone") {
  const test::TemporaryDirectory directory;
  const auto path = directory / "s";
  RunningServer server(on_unix(path), test::echo());
  const auto second = listen_unix(path.string(), 0600);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::io);
  RawClient client(path.string());
  client.send(test::get("/still"));
  CHECK(client.answer()->body == "GET /still ");
}

TEST_CASE("a file, a directory or a symbolic link at the socket's place is refused and unharmed") {
  const test::TemporaryDirectory directory;
  const auto file = directory / "file";
  test::write_file(file, "precious");
  const auto folder = directory / "folder";
  std::filesystem::create_directory(folder);
  const auto socket = directory / "socket";
  { REQUIRE(listen_unix(socket.string(), 0600)); }
  const auto link = directory / "link";
  std::filesystem::create_symlink(socket, link);
  for (const auto& path : {file, folder, link}) {
    INFO(path);
    const auto refused = listen_unix(path.string(), 0600);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::already_exists);
  }
  CHECK(test::read_file(file) == "precious");
  CHECK(std::filesystem::is_directory(folder));
  CHECK(std::filesystem::is_symlink(link));
}

TEST_CASE("a path too long or in no directory is an error of its own") {
  const test::TemporaryDirectory directory;
  const auto longer = listen_unix("/" + std::string(107, 'x'), 0600);
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code == ErrorCode::invalid_input);
  const auto nowhere = listen_unix((directory / "none/s").string(), 0600);
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().what.find("none/s") != std::string::npos);
}

TEST_CASE("the kernel says who calls on a Unix socket") {
  const test::TemporaryDirectory directory;
  HttpHandlers handlers;
  std::promise<Peer> seen;
  handlers.request = [&](const Request&, const Peer& peer, const Responder& respond) {
    seen.set_value(peer);
    respond({});
  };
  RunningServer server(on_unix(directory / "s"), handlers);
  RawClient client((directory / "s").string());
  client.send(
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\nForwarded: "
      "for=192.0.2.7\r\n\r\n");
  CHECK(client.answer());
  const Peer peer = seen.get_future().get();
  CHECK(peer.address.empty());
  CHECK(peer.uid == getuid());
  CHECK(peer.gid == getgid());
  CHECK(peer.pid == getpid());
}

TEST_CASE("a TCP peer is the address of its socket, not what a header claims") {
  HttpHandlers handlers;
  std::promise<Peer> seen;
  handlers.head = [&](const Request&, const Peer& peer) -> std::optional<Response> {
    seen.set_value(peer);
    return std::nullopt;
  };
  handlers.request = [](const Request&, const Peer&, const Responder& respond) { respond({}); };
  RunningServer server(test::on_loopback(), handlers);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n");
  CHECK(client.answer());
  const Peer peer = seen.get_future().get();
  CHECK(peer.address == "127.0.0.1");
  CHECK_FALSE(peer.uid);
}

TEST_CASE("a server takes its socket file away, but not one that took its place") {
  const test::TemporaryDirectory directory;
  const auto path = directory / "s";
  {
    RunningServer server(on_unix(path), test::echo());
    CHECK(std::filesystem::is_socket(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  {
    RunningServer server(on_unix(path), test::echo());
    std::filesystem::remove(path);
    test::write_file(path, "another's");
  }
  CHECK(test::read_file(path) == "another's");
}

}  // namespace
}  // namespace sigilo::net
