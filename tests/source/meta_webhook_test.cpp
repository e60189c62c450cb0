// SPDX-License-Identifier: Apache-2.0
#include "source/meta_webhook.hpp"

#include <semaphore>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/net_server.hpp"
#include "support/process.hpp"

namespace sigilo::source {
namespace {

using test::Answer;
using test::get;
using test::RawClient;
using test::RunningServer;

constexpr std::string_view path = "/webhook/meta";
constexpr std::string_view secret = "0123456789abcdef0123456789abcdef";
constexpr std::string_view next_secret = "fedcba9876543210fedcba9876543210";
constexpr std::string_view token = "verify+me please";

crypto::SecretBytes as_secret(std::string_view text) {
  return crypto::SecretBytes::copy_of(as_bytes(text));
}

/// The webhook behind a real server; the test plays the station behind it.
struct Door {
  explicit Door(std::vector<std::string_view> secrets = {secret},
                net::ServerSettings settings = test::on_loopback()) {
    MetaSettings meta;
    meta.path = path;
    for (const auto one : secrets) meta.app_secrets.push_back(as_secret(one));
    meta.verify_token = as_secret(token);
    webhook.emplace(
        std::move(meta),
        [this](Delivery delivery, const std::function<void(Outcome)>& done) {
          deliveries.push_back(std::move(delivery));
          if (outcome) {
            done(*outcome);
          } else {
            waiting = done;
          }
          taken.release();
        },
        clock, Logger(log, LogLevel::info));
    server.emplace(std::move(settings), webhook->handlers());
  }

  Answer ask(std::string_view request) {
    RawClient client(server->port());
    client.send(request);
    const auto answer = client.answer();
    REQUIRE(answer);
    return *answer;
  }
  MetaWebhook::Counts counts() {
    return server->on_io([this](net::HttpServer&) { return webhook->counts(); });
  }
  std::vector<Delivery> seen() {
    return server->on_io([this](net::HttpServer&) { return deliveries; });
  }

  test::FakeClock clock;
  test::MemorySink log;
  std::optional<Outcome> outcome = Outcome::stored;  // nothing: the test answers with `waiting`
  std::vector<Delivery> deliveries;
  std::function<void(Outcome)> waiting;
  std::counting_semaphore<> taken{0};
  std::optional<MetaWebhook> webhook;
  std::optional<RunningServer> server;
};

std::string signature(std::string_view body, std::string_view key = secret) {
  return "sha256=" + crypto::hmac_sha256(as_bytes(key), as_bytes(body)).hex();
}

std::string delivery(std::string_view body, std::string_view header_value) {
  return test::post(path, body, "X-Hub-Signature-256: " + std::string(header_value) + "\r\n");
}

std::string signed_delivery(std::string_view body) {
  return delivery(body, signature(body));
}

std::string handshake(std::string_view query) {
  return get(std::string(path) + "?" + std::string(query));
}

TEST_CASE(
    "the handshake gives the challenge back to whoever knows the token, without a signature") {
  Door door;
  const auto answer = door.ask(
      handshake("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify%2Bme+please"));
  CHECK(answer.status == 200);
  CHECK(answer.body == "1158201444");
  CHECK(answer.has("Content-Type: text/plain; charset=utf-8"));
  CHECK(answer.has("X-Content-Type-Options: nosniff"));
  CHECK(door.counts().handshakes == 1);
}

TEST_CASE("a handshake with anything wrong or missing gets 403 and not its challenge") {
  Door door;
  const std::string query =
      GENERATE(as<std::string>(), "", "hub.mode=subscribe&hub.challenge=c0ffee",
               "hub.mode=subscribe&hub.challenge=c0ffee&hub.verify_token=",
               "hub.mode=subscribe&hub.challenge=c0ffee&hub.verify_token=verify%2Bme+pleas",
               "hub.mode=subscribe&hub.challenge=c0ffee&hub.verify_token=verify%2Bme+pleasf",
               "hub.mode=subscribe&hub.challenge=c0ffee&hub.verify_token=verify%2Bme+please%00",
               "hub.mode=subscribe&hub.challenge=c0ffee&hub.verify_token=verify%2Bme+please%zz",
               "hub.mode=unsubscribe&hub.challenge=c0ffee&hub.verify_token=verify%2Bme+please",
               "hub.challenge=c0ffee&hub.verify_token=verify%2Bme+please",
               "hub.mode=subscribe&hub.verify_token=verify%2Bme+please");
  INFO(query);
  const auto answer = door.ask(handshake(query));
  CHECK(answer.status == 403);
  CHECK(answer.body.find("c0ffee") == std::string::npos);
  CHECK(answer.has("Connection: close"));
  CHECK(door.counts().refused_handshakes == 1);
}

TEST_CASE("a challenge with markup comes back as plain text that no browser takes for more") {
  Door door;
  const auto answer = door.ask(handshake(
      "hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=verify%2Bme+please"));
  CHECK(answer.body == "<script>");
  CHECK(answer.has("Content-Type: text/plain"));
  CHECK(answer.has("X-Content-Type-Options: nosniff"));
}

TEST_CASE("a signed delivery goes on byte for byte, and 200 comes only when it is stored") {
  Door door;
  door.outcome.reset();
  std::string body = "{\"object\":\"whatsapp_business_account\"}\r\n\xff\xfe";
  body += '\0';
  RawClient client(door.server->port());
  client.send(signed_delivery(body));
  door.taken.acquire();
  pollfd quiet{client.fd(), POLLIN, 0};
  CHECK(poll(&quiet, 1, 50) == 0);  // nothing was said before
  door.server->on_io([&](net::HttpServer&) { door.waiting(Outcome::stored); });
  CHECK(client.answer()->status == 200);
  const auto seen = door.seen();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].source == "meta");
  CHECK(seen[0].body == body);
  CHECK(seen[0].signature_header == signature(body));
  CHECK(seen[0].received == door.clock.now());
}

TEST_CASE(
    "the signatures of the fixtures, made by another program, are right for their bytes only") {
  struct Sample {
    const char* file;
    std::string_view key;
    const char* header;
  };
  const auto sample =
      GENERATE(Sample{"escaped-unicode.json", secret,
                      "sha256=90176f714c2e4ee2d1f8d3143eb5827edec1e1ae432ccfe3dc4ed0c1df85a2b9"},
               Sample{"escaped-unicode.json", next_secret,
                      "sha256=6e306f28f06305afdbedfb1bb0f9c5196a5e710622dbee6f7697c4a6c91b35ea"},
               Sample{"utf8.json", secret,
                      "sha256=215ba6698fcf349a6e31828eb6be83c0c3774d343204437d160ddc73ec192eb9"},
               Sample{"utf8.json", next_secret,
                      "sha256=e62fa2d6cd206910c81cd223528882bb6121328e92cf637d414d9aa937fba179"});
  const auto folder = std::filesystem::path(SIGILO_SOURCE_DIR) / "tests/fixtures/raw";
  const auto body = test::read_file(folder / sample.file);
  const bool escaped = std::string_view(sample.file) == "escaped-unicode.json";
  const auto other = test::read_file(folder / (escaped ? "utf8.json" : "escaped-unicode.json"));
  Door door({sample.key});
  CHECK(door.ask(delivery(body, sample.header)).status == 200);
  CHECK(door.ask(delivery(other, sample.header)).status == 401);
  CHECK(door.ask(delivery(body + "\n", sample.header)).status == 401);
}

TEST_CASE("the openssl program signs what the webhook takes") {
  const test::TemporaryDirectory directory;
  const std::string body(200'000, '\xf1');
  test::write_file(directory / "body", body);
  const auto made = test::run("openssl dgst -sha256 -hmac " + std::string(secret) + " -r " +
                              (directory / "body").string());
  REQUIRE(made.status == 0);
  Door door;
  CHECK(door.ask(delivery(body, "sha256=" + made.output.substr(0, 64))).status == 200);
}

TEST_CASE("while secrets rotate, both are right and others are not") {
  const std::string body = "{}";
  for (const auto& order : {std::vector{secret, next_secret}, std::vector{next_secret, secret}}) {
    Door door(order);
    CHECK(door.ask(delivery(body, signature(body, secret))).status == 200);
    CHECK(door.ask(delivery(body, signature(body, next_secret))).status == 200);
    CHECK(door.ask(delivery(body, signature(body, "another"))).status == 401);
  }
  Door after({next_secret});
  CHECK(after.ask(delivery(body, signature(body, secret))).status == 401);
}

TEST_CASE("without a signature header of the right form nothing is read: 401 at the head") {
  Door door;
  const std::string good = signature("body");
  const std::string headers = GENERATE_COPY(
      as<std::string>(), "", "X-Hub-Signature: sha1=0123456789abcdef0123456789abcdef01234567\r\n",
      "X-Hub-Signature-256:\r\n", "X-Hub-Signature-256: sha256=\r\n",
      "X-Hub-Signature-256: " + good.substr(7) + "\r\n",
      "X-Hub-Signature-256: SHA256=" + good.substr(7) + "\r\n",
      "X-Hub-Signature-256: sha1=" + good.substr(7) + "\r\n",
      "X-Hub-Signature-256: " + good.substr(0, good.size() - 1) + "\r\n",
      "X-Hub-Signature-256: " + good + "0\r\n",
      "X-Hub-Signature-256: " + good.substr(0, good.size() - 1) + "g\r\n",
      "X-Hub-Signature-256: " + good.substr(0, good.size() - 2) + "\xc3\xb1\r\n",
      "X-Hub-Signature-256: \xff\xff\xff\r\n",
      "X-Hub-Signature-256: sha256= " + good.substr(7) + "\r\n",
      "X-Hub-Signature-256: " + good + "," + good + "\r\n",
      "X-Hub-Signature-256: " + good + "\r\nx-hub-signature-256: " + good + "\r\n");
  INFO(headers);
  // The body never comes: the answer does not wait for it.
  const auto answer = door.ask("POST /webhook/meta HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n" +
                               headers + "\r\n");
  CHECK(answer.status == 401);
  CHECK(answer.has("Connection: close"));
  CHECK(door.counts().refused_signature == 1);
  CHECK(door.counts().accepted == 0);
}

TEST_CASE("a trailer can't bring the signature") {
  Door door;
  const auto answer = door.ask(
      "POST /webhook/meta HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n4\r\nbody\r\n0\r\n"
      "X-Hub-Signature-256: " +
      signature("body") + "\r\n\r\n");
  CHECK(answer.status == 401);
}

TEST_CASE("a wrong signature gets 401, and one bit is enough to be wrong") {
  Door door;
  const std::string body = "{\"entry\":[]}";
  for (std::size_t i = 0; i < 64; i += 9) {
    std::string value = signature(body);
    char& digit = value[7 + i];
    digit = digit == '0' ? '1' : '0';
    CHECK(door.ask(delivery(body, value)).status == 401);
  }
  CHECK(door.ask(delivery("{\"entry\":[1]}", signature(body))).status == 401);
  CHECK(door.seen().empty());
  CHECK(door.counts().refused_signature == 9);
}

TEST_CASE("many wrong signatures write few lines into the log") {
  Door door;
  for (int i = 0; i < 100; ++i) CHECK(door.ask(delivery("x", signature("y"))).status == 401);
  CHECK(door.log.lines().size() == 7);  // 1, 2, 4 ... 64
  CHECK(door.log.has("127.0.0.1"));
}

TEST_CASE("hexadecimal digits may be large, and the body may be empty or no JSON") {
  Door door;
  std::string upper = signature("not json");
  for (auto at = upper.begin() + 7; at != upper.end(); ++at)
    *at = static_cast<char>(std::toupper(*at));
  CHECK(door.ask(delivery("not json", upper)).status == 200);
  CHECK(door.ask(signed_delivery("")).status == 200);
  CHECK(door.seen().size() == 2);
}

TEST_CASE("what can't be stored now gets 503 with Retry-After") {
  Door door;
  for (const Outcome outcome : {Outcome::busy, Outcome::no_space, Outcome::failed}) {
    door.server->on_io([&](net::HttpServer&) { door.outcome = outcome; });
    const auto answer = door.ask(signed_delivery("{}"));
    CHECK(answer.status == 503);
    CHECK(answer.has("Retry-After: "));
  }
  const auto counts = door.counts();
  CHECK(counts.accepted == 3);
  CHECK(counts.put_off == 3);
  CHECK(counts.stored == 0);
}

TEST_CASE("3 MiB are taken, a byte more gets 413") {
  net::ServerSettings settings = test::on_loopback();
  settings.limits.body_bytes = max_delivery_bytes;
  Door door({secret}, std::move(settings));
  CHECK(door.ask(signed_delivery(std::string(3 * 1024 * 1024, 'x'))).status == 200);
  CHECK(door.ask(signed_delivery(std::string(3 * 1024 * 1024 + 1, 'x'))).status == 413);
  CHECK(door.seen().size() == 1);
}

TEST_CASE("another path is 404 for every method, before anything else is looked at") {
  Door door;
  for (const char* other : {"/", "/webhook/meta/", "/webhook", "/webhook/meta2", "/Webhook/meta",
                            "/webhook%2Fmeta", "//webhook/meta", "/webhook/../webhook/meta", "*"}) {
    for (const char* method : {"GET", "POST", "DELETE"}) {
      INFO(method << " " << other);
      CHECK(door.ask(std::string(method) + " " + other +
                     " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                .status == 404);
    }
  }
}

TEST_CASE("another method is 405 and is told which there are") {
  Door door;
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "FOO"}) {
    INFO(method);
    const auto answer = door.ask(std::string(method) +
                                 " /webhook/meta HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    CHECK(answer.status == 405);
    CHECK(answer.has("Allow: GET, POST"));
  }
  RawClient head(door.server->port());
  head.send("HEAD /webhook/meta HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(head.answer(true)->status == 405);
  CHECK(head.ends());
}

TEST_CASE("an encoded body is 415, identity is none") {
  Door door;
  const auto with = [&](const std::string& coding) {
    return test::post(
        path, "{}",
        "X-Hub-Signature-256: " + signature("{}") + "\r\nContent-Encoding: " + coding + "\r\n");
  };
  CHECK(door.ask(with("gzip")).status == 415);
  CHECK(door.ask(with("br")).status == 415);
  CHECK(door.ask(with("identity")).status == 200);
}

TEST_CASE("a query on a delivery's path and a proxy's headers change nothing") {
  Door door;
  const std::string proxy =
      "X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: ::1\r\nForwarded: for=127.0.0.1;proto=https\r\n";
  const std::string signature_line = "X-Hub-Signature-256: " + signature("{}") + "\r\n";
  CHECK(door.ask(test::post("/webhook/meta?from=proxy", "{}", proxy + signature_line)).status ==
        200);
  CHECK(door.ask(test::post(path, "{}", proxy)).status == 401);
}

TEST_CASE("a provider keeps its connection for many deliveries, a stranger gets none") {
  Door door;
  RawClient client(door.server->port());
  for (int i = 0; i < 50; ++i) client.send(signed_delivery(std::to_string(i)));
  for (int i = 0; i < 50; ++i) CHECK(client.answer()->status == 200);
  const auto seen = door.seen();
  REQUIRE(seen.size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(seen[static_cast<std::size_t>(i)].body == std::to_string(i));
  client.send(delivery("x", signature("y")));
  CHECK(client.answer()->status == 401);
  CHECK(client.ends());
}

TEST_CASE("a provider that leaves before the answer has its delivery stored all the same") {
  Door door;
  door.outcome.reset();
  {
    RawClient client(door.server->port());
    client.send(signed_delivery("{}"));
    door.taken.acquire();
  }
  door.server->on_io([&](net::HttpServer&) { door.waiting(Outcome::stored); });
  CHECK(door.counts().stored == 1);
}

TEST_CASE("a webhook that would believe everybody can't be made") {
  const test::FakeClock clock;
  test::MemorySink log;
  const auto make = [&](std::vector<crypto::SecretBytes> secrets, std::string_view verify) {
    MetaSettings settings;
    settings.app_secrets = std::move(secrets);
    settings.verify_token = as_secret(verify);
    const MetaWebhook webhook(std::move(settings), {}, clock, Logger(log, LogLevel::info));
  };
  CHECK(test::aborts([&] { make({}, "token"); }));
  CHECK(test::aborts([&] {
    std::vector<crypto::SecretBytes> empty;
    empty.emplace_back();
    make(std::move(empty), "token");
  }));
  CHECK(test::aborts([&] {
    std::vector<crypto::SecretBytes> one;
    one.push_back(as_secret("secret"));
    make(std::move(one), "");
  }));
}

}  // namespace
}  // namespace sigilo::source
