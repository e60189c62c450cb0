// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "support/net_server.hpp"
#include "support/process.hpp"

namespace sigilo::net {
namespace {

using std::chrono::milliseconds;
using test::get;
using test::post;
using test::RawClient;
using test::RunningServer;

/// A certificate and its key, made by the openssl program.
TlsIdentity make_identity(const std::string& kind = "ec -pkeyopt ec_paramgen_curve:P-256") {
  const test::TemporaryDirectory directory;
  const auto key = directory / "key.pem";
  const auto certificate = directory / "cert.pem";
  const auto made = test::run(fmt::format(
      "openssl req -x509 -newkey {} -nodes -days 2 -subj /CN=localhost -keyout {} -out {} 2>&1",
      kind, key.string(), certificate.string()));
  INFO(made.output);
  REQUIRE(made.status == 0);
  return {test::read_file(certificate), test::read_file(key)};
}

const TlsIdentity& identity() {
  static const TlsIdentity once = make_identity();
  return once;
}

ServerSettings with_tls() {
  ServerSettings settings = test::on_loopback();
  settings.tls = identity();
  return settings;
}

Result<> try_start(TlsIdentity tls) {
  Loop loop;
  test::MemorySink log;
  ServerSettings settings = test::on_loopback();
  settings.tls = std::move(tls);
  auto started =
      HttpServer::start(loop, std::move(settings), test::echo(), Logger(log, LogLevel::debug));
  if (!started) return pass_on(std::move(started));
  return {};
}

/// A blocking client that wants exactly one version.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int version, const char* ciphers = nullptr)
      : socket_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_, 0);  // else the client itself refuses what the server must
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    if (ciphers) SSL_CTX_set_cipher_list(context_, ciphers);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_.fd());
    timeval limit{10, 0};
    setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ERR_clear_error();
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connect() { return SSL_connect(ssl_) == 1; }
  bool send(std::string_view text) {
    return SSL_write(ssl_, text.data(), static_cast<int>(text.size())) ==
           static_cast<int>(text.size());
  }
  /// Everything until the server's close_notify; nullopt where it ended otherwise.
  std::optional<std::string> rest() {
    std::string all;
    char bytes[16384];
    int size = 0;
    while ((size = SSL_read(ssl_, bytes, sizeof bytes)) > 0)
      all.append(bytes, static_cast<std::size_t>(size));
    if (SSL_get_error(ssl_, size) != SSL_ERROR_ZERO_RETURN) return std::nullopt;
    return all;
  }
  SSL* ssl() { return ssl_; }

 private:
  RawClient socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
};

const std::string last_request = "GET /tls HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TEST_CASE("TLS 1.2 and 1.3 are spoken, and the end is announced") {
  RunningServer server(with_tls(), test::echo());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(), version);
    REQUIRE(client.connect());
    REQUIRE(client.send(post("/1", "body") + last_request));
    const auto all = client.rest();
    REQUIRE(all);
    CHECK(all->find("POST /1 body") != std::string::npos);
    CHECK(all->find("GET /tls ") != std::string::npos);
  }
}

TEST_CASE("TLS 1.1 and 1.0 are refused") {
  RunningServer server(with_tls(), test::echo());
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    TlsClient client(server.port(), version);
    CHECK_FALSE(client.connect());
  }
}

TEST_CASE("in TLS 1.2 only ciphers with forward secrecy and authenticated encryption are taken") {
  RunningServer server(with_tls(), test::echo());
  for (const char* weak :
       {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "aNULL", "kRSA"}) {
    INFO(weak);
    TlsClient client(server.port(), TLS1_2_VERSION, weak);
    CHECK_FALSE(client.connect());
  }
  TlsClient strong(server.port(), TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305");
  CHECK(strong.connect());
}

TEST_CASE("renegotiation is refused") {
  RunningServer server(with_tls(), test::echo());
  TlsClient client(server.port(), TLS1_2_VERSION);
  REQUIRE(client.connect());
  SSL_renegotiate(client.ssl());
  CHECK(SSL_do_handshake(client.ssl()) != 1);
}

TEST_CASE("a session is resumed by its ticket") {
  RunningServer server(with_tls(), test::echo());
  TlsClient first(server.port(), TLS1_2_VERSION);
  REQUIRE(first.connect());
  SSL_SESSION* session = SSL_get1_session(first.ssl());
  TlsClient second(server.port(), TLS1_2_VERSION);
  SSL_set_session(second.ssl(), session);
  CHECK(second.connect());
  CHECK(SSL_session_reused(second.ssl()) == 1);
  SSL_SESSION_free(session);
}

TEST_CASE("Python's ssl module, which checks the certificate, gets its answer") {
  const test::TemporaryDirectory directory;
  test::write_file(directory / "cert.pem", identity().certificate_chain);
  test::write_file(directory / "client.py", R"(
import http.client, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
connection = http.client.HTTPSConnection('localhost', int(sys.argv[1]), timeout=10, context=context)
connection.host = '127.0.0.1'
import socket
connection._create_connection = lambda *a, **k: socket.create_connection(('127.0.0.1', int(sys.argv[1])), 10)
context.check_hostname = False
for i in range(3):
    connection.request('POST', '/p%d' % i, body=b'x' * 100000)
    answer = connection.getresponse()
    body = answer.read()
    print(answer.status, connection.sock.version(), body[:8].decode(), len(body), answer.getheader('Server'))
)");
  RunningServer server(with_tls(), test::echo());
  const auto done =
      test::run(fmt::format("python3 {} {} {} 2>&1", (directory / "client.py").string(),
                            server.port(), (directory / "cert.pem").string()));
  CHECK(done.output ==
        "200 TLSv1.3 POST /p0 100009 None\n200 TLSv1.3 POST /p1 100009 None\n200 TLSv1.3 POST /p2 "
        "100009 None\n");
}

TEST_CASE("a handshake that does not end is ended, while others are served") {
  ServerSettings settings = with_tls();
  settings.limits.header_time = milliseconds(100);
  RunningServer server(std::move(settings), test::echo());
  RawClient silent(server.port());
  RawClient half(server.port());
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  CHECK(silent.ends());
  CHECK(half.ends());
}

TEST_CASE("headers that come too slowly get 408 over TLS too") {
  ServerSettings settings = with_tls();
  settings.limits.header_time = milliseconds(200);
  RunningServer server(std::move(settings), test::echo());
  TlsClient client(server.port(), TLS1_3_VERSION);
  REQUIRE(client.connect());
  REQUIRE(client.send("GET / HTTP/1.1\r\n"));
  const auto all = client.rest();
  REQUIRE(all);
  CHECK(all->find("HTTP/1.1 408 ") == 0);
}

TEST_CASE("the answer 413 reaches a TLS client that goes on sending") {
  RunningServer server(with_tls(), test::echo());
  TlsClient client(server.port(), TLS1_3_VERSION);
  REQUIRE(client.connect());
  client.send(post("/", std::string(3 * 1024 * 1024 + 1, 'x')));
  char bytes[16]{};
  REQUIRE(SSL_read(client.ssl(), bytes, 12) == 12);
  CHECK(std::string_view(bytes, 12) == "HTTP/1.1 413");
}

TEST_CASE("plain HTTP at a TLS port gets no answer from the handlers") {
  RunningServer server(with_tls(), test::echo());
  RawClient client(server.port());
  client.send(get("/secret"));
  const auto answer = client.answer();
  CHECK_FALSE(answer);
}

TEST_CASE("a certificate with its own key is taken, RSA too") {
  CHECK(try_start(identity()));
  CHECK(try_start(make_identity("rsa:2048")));
}

TEST_CASE("a key of another certificate is told apart from an unusable one") {
  const auto other = make_identity();
  const auto rsa = make_identity("rsa:2048");
  for (const auto& key : {other.private_key, rsa.private_key}) {
    const auto refused = try_start({identity().certificate_chain, key});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::crypto);
    CHECK(refused.error().what.find("does not belong") != std::string::npos);
  }
}

TEST_CASE("what is no certificate or no key is refused, each by its name") {
  const std::string garbage =
      "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n";
  for (const std::string& bad :
       {std::string(), std::string("hello"), garbage, identity().private_key}) {
    const auto refused = try_start({bad, identity().private_key});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::crypto);
    CHECK(refused.error().what.find("certificate is not usable") != std::string::npos);
  }
  for (const std::string& bad :
       {std::string(), std::string("hello"), identity().certificate_chain}) {
    const auto refused = try_start({identity().certificate_chain, bad});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("key is not usable") != std::string::npos);
  }
}

TEST_CASE("a key with a password is refused instead of asked for at the terminal") {
  const test::TemporaryDirectory directory;
  test::write_file(directory / "key.pem", identity().private_key);
  const auto sealed = test::run(fmt::format("openssl pkey -in {} -aes128 -passout pass:secret",
                                            (directory / "key.pem").string()));
  REQUIRE(sealed.status == 0);
  const auto refused = try_start({identity().certificate_chain, sealed.output});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::crypto);
  CHECK(refused.error().remedy.find("without a password") != std::string::npos);
}

}  // namespace
}  // namespace sigilo::net
