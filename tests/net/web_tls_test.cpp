// SPDX-License-Identifier: Apache-2.0
// Whom an outgoing connection trusts, and how it goes through a proxy.
#include <catch2/catch_test_macros.hpp>

#include "net/web_client.hpp"
#include "support/web.hpp"

namespace sigilo::net {
namespace {

using test::Peer;
using test::RunningServer;
using test::ScriptedServer;

const test::Authority& authority() {
  static const test::Authority once;
  return once;
}

const SystemClock& clock() {
  static const SystemClock once;
  return once;
}

std::unique_ptr<WebClient> client(
    ProxySettings proxy = {}, std::optional<std::filesystem::path> ca = authority().certificate()) {
  WebSettings settings;
  settings.user_agent = "sigilo/test";
  settings.ca_file = std::move(ca);
  settings.proxy = std::move(proxy);
  auto made = WebClient::make(std::move(settings), clock());
  REQUIRE(made);
  return std::move(*made);
}

ServerSettings with(TlsIdentity identity) {
  ServerSettings settings = test::on_loopback();
  settings.tls = std::move(identity);
  return settings;
}

WebResult<Response> get(WebClient& web, std::string_view host, std::uint16_t port,
                        std::string_view scheme = "https") {
  WebRequest request;
  request.url = fmt::format("{}://{}:{}/path", scheme, host, port);
  return web.exchange(request, 1 << 20);
}

/// OpenSSL's reason, where the certificate was not trusted.
std::string distrust(const WebResult<Response>& result) {
  REQUIRE_FALSE(result);
  CHECK(result.error().fault == WebFault::not_trusted);
  CHECK(result.error().error.code == ErrorCode::crypto);
  return result.error().error.what;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST_CASE("a certificate of a known authority for this name or address is trusted") {
  RunningServer server(with(authority().sign("DNS:localhost,IP:127.0.0.1")), test::echo());
  const auto web = client();
  const auto by_address = get(*web, "127.0.0.1", server.port());
  REQUIRE(by_address);
  CHECK(by_address->body == "GET /path ");
  CHECK(get(*web, "127.0.0.1", server.port()));
  CHECK(web->connections() == 1);
  CHECK(get(*web, "localhost", server.port()));
  CHECK(web->connections() == 2);
}

TEST_CASE("a certificate for another name or address is refused, and nothing is sent") {
  std::atomic<int> asked = 0;
  HttpHandlers handlers = test::echo();
  handlers.head = [&](const Request&, const net::Peer&) -> std::optional<Response> {
    ++asked;
    return std::nullopt;
  };
  RunningServer by_name(with(authority().sign("DNS:graph.facebook.com")), handlers);
  CHECK(has(distrust(get(*client(), "localhost", by_name.port())), "hostname mismatch"));
  CHECK(has(distrust(get(*client(), "127.0.0.1", by_name.port())), "IP address mismatch"));
  RunningServer by_part(with(authority().sign("DNS:l*host,DNS:*.localhost")), handlers);
  CHECK(has(distrust(get(*client(), "localhost", by_part.port())), "hostname mismatch"));
  CHECK(asked == 0);
}

TEST_CASE("a certificate of an unknown authority, or by nobody but itself, is refused") {
  const test::Authority stranger;
  RunningServer server(with(stranger.sign("DNS:localhost,IP:127.0.0.1")), test::echo());
  CHECK(has(distrust(get(*client(), "127.0.0.1", server.port())), "issuer certificate"));
  CHECK(has(distrust(get(*client({}, std::nullopt), "127.0.0.1", server.port())),
            "issuer certificate"));
}

TEST_CASE("a certificate whose time is over is refused") {
  RunningServer server(with(authority().sign("IP:127.0.0.1", "-days -1")), test::echo());
  CHECK(has(distrust(get(*client(), "127.0.0.1", server.port())), "expired"));
}

TEST_CASE("the server is told which name is wanted") {
  // Python's ssl module has a callback for it, ours has not.
  const test::TemporaryDirectory directory;
  const auto identity = authority().sign("DNS:localhost");
  test::write_file(directory / "cert.pem", identity.certificate_chain);
  test::write_file(directory / "key.pem", identity.private_key);
  test::write_file(directory / "server.py", R"(
import socket, ssl, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
names = []
context.sni_callback = lambda s, name, c: names.append(name)
listener = socket.create_server(('127.0.0.1', 0))
open(sys.argv[3] + '.new', 'w').write(str(listener.getsockname()[1]))
import os
os.rename(sys.argv[3] + '.new', sys.argv[3])
listener.settimeout(10)
peer = context.wrap_socket(listener.accept()[0], server_side=True)
peer.recv(4096)
body = str(names[0]).encode()
peer.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s' % (len(body), body))
peer.recv(1)
)");
  const auto port_file = directory / "port";
  std::thread python([&] {
    test::run(fmt::format("/usr/bin/python3 {} {} {} {}", (directory / "server.py").string(),
                          (directory / "cert.pem").string(), (directory / "key.pem").string(),
                          port_file.string()));
  });
  while (!std::filesystem::exists(port_file)) std::this_thread::yield();
  const auto port = static_cast<std::uint16_t>(std::stoi(test::read_file(port_file)));
  {
    const auto web = client();
    const auto answer = get(*web, "localhost", port);
    REQUIRE(answer);
    CHECK(answer->body == "localhost");
  }
  python.join();
}

TEST_CASE("TLS with a server that speaks none is no connection, and not a matter of trust") {
  ScriptedServer plain([](Peer& peer, int) {
    peer.say("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_for_end();
  });
  const auto answer = get(*client(), "127.0.0.1", plain.port());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().fault == WebFault::no_connection);
}

TEST_CASE("a CA file that is none is refused when the client is made") {
  const test::TemporaryDirectory directory;
  WebSettings settings;
  for (const auto& file : {directory / "absent.pem", directory / "garbage.pem"}) {
    test::write_file(directory / "garbage.pem", "not a certificate");
    settings.ca_file = file;
    const auto refused = WebClient::make(settings, clock());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::crypto);
    CHECK(has(refused.error().what, file.string()));
  }
}

TEST_CASE("https goes through the proxy's CONNECT, and is checked end to end") {
  RunningServer server(with(authority().sign("IP:127.0.0.1")), test::echo());
  const test::LoopbackProxy proxy;
  {
    const auto web = client({proxy.url(), "", ""});
    for (int i = 0; i < 3; ++i) {
      const auto answer = get(*web, "127.0.0.1", server.port());
      REQUIRE(answer);
      CHECK(answer->body == "GET /path ");
    }
  }
  const auto heads = proxy.heads();
  REQUIRE(heads.size() == 1);
  CHECK(heads[0] == fmt::format("CONNECT 127.0.0.1:{0} HTTP/1.1\r\nHost: 127.0.0.1:{0}\r\n"
                                "User-Agent: sigilo/test\r\n\r\n",
                                server.port()));
  CHECK(has(distrust(get(*client({proxy.url(), "", ""}), "localhost", server.port())), "mismatch"));
}

TEST_CASE("a proxy's user and password go to the proxy only; wrong ones are told as such") {
  std::string seen;
  HttpHandlers handlers = test::echo();
  handlers.head = [&](const Request& request, const net::Peer&) -> std::optional<Response> {
    for (const auto& [name, value] : request.headers) seen += name + ": " + value + "\n";
    return std::nullopt;
  };
  RunningServer server(with(authority().sign("IP:127.0.0.1")), handlers);
  const test::LoopbackProxy proxy("Basic dXNlcjpzZWNyZXQ=");
  CHECK(get(*client({proxy.url("user:secret@"), "", ""}), "127.0.0.1", server.port()));
  CHECK_FALSE(has(seen, "Proxy"));
  const auto refused = get(*client({proxy.url("user:wrong@"), "", ""}), "127.0.0.1", server.port());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().fault == WebFault::no_connection);
  CHECK(refused.error().error.code == ErrorCode::permission);
  CHECK(has(refused.error().error.what, "407"));
  CHECK_FALSE(has(refused.error().error.message(), "wrong"));
}

TEST_CASE("plain http through a proxy names the whole URL") {
  std::string head;
  ScriptedServer proxy([&](Peer& peer, int) {
    head = peer.head();
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  const auto settings =
      ProxySettings{"", fmt::format("http://u:p@127.0.0.1:{}", proxy.port()), "exempt.example"};
  REQUIRE(get(*client(settings), "somewhere.example", 8080, "http"));
  CHECK(has(head, "GET http://somewhere.example:8080/path HTTP/1.1\r\n"));
  CHECK(has(head, "Host: somewhere.example:8080\r\n"));
  CHECK(has(head, "Proxy-Authorization: Basic dTpw\r\n"));
}

TEST_CASE("what no_proxy names goes directly, and a proxy that is gone is named as the trouble") {
  std::uint16_t unused = 0;
  {
    unused = ScriptedServer([](Peer&, int) {}).port();
  }
  RunningServer server(with(authority().sign("IP:127.0.0.1")), test::echo());
  const auto dead = fmt::format("http://127.0.0.1:{}", unused);
  CHECK(get(*client({dead, "", "127.0.0.1"}), "127.0.0.1", server.port()));
  const auto refused = get(*client({dead, "", ""}), "127.0.0.1", server.port());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().fault == WebFault::no_connection);
  CHECK(has(refused.error().error.what, "the proxy"));
}

TEST_CASE("a proxy that hangs, lies or breaks off in CONNECT is an error") {
  for (const char* bytes : {"", "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nforbidden",
                            "SSH-2.0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\ntoo early"}) {
    INFO(bytes);
    ScriptedServer proxy([&](Peer& peer, int) {
      peer.head();
      peer.say(bytes);
    });
    const auto url = fmt::format("http://127.0.0.1:{}", proxy.port());
    CHECK_FALSE(get(*client({url, "", ""}), "127.0.0.1", 1));
  }
}

}  // namespace
}  // namespace sigilo::net
