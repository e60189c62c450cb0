// SPDX-License-Identifier: Apache-2.0
// The client over the network, against a server that behaves as the provider does, with each fault
// at each call.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "crypto/digest.hpp"
#include "graph/client.hpp"
#include "support/fakes.hpp"
#include "support/graph.hpp"

namespace sigilo::graph {
namespace {

const test::GraphServer& server() {
  static const test::GraphServer once;
  return once;
}

struct Fixture {
  test::FakeClock clock;
  SystemClock real;
  RateGate gate{clock};
  std::string taken;
  std::unique_ptr<Client> client = with_token("test-token");

  Fixture() { server().control("/_control/forget", "{}"); }

  std::unique_ptr<Client> with_token(
      std::string_view token, std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    net::WebSettings settings;
    settings.user_agent = "sigilo/test";
    settings.limits.head_time = patience;
    settings.limits.stall_time = patience;
    config::MetaSource source;
    source.graph_url = server().url();
    return Client::make(source,
                        std::make_unique<WebChannel>(net::WebClient::make(settings, real).value()),
                        crypto::SecretBytes::copy_of(as_bytes(token)), gate)
        .value();
  }
  Sink sink() {
    return [this](BytesView bytes) -> Result<> {
      taken += as_text(bytes);
      return {};
    };
  }
};

void put(const std::string& id, const std::string& more) {
  server().control("/_control/media",
                   fmt::format(R"({{"id":"{}","mime_type":"image/jpeg",{}}})", id, more));
}

template <class T>
Failure failed(const Answer<T>& answer) {
  REQUIRE_FALSE(answer);
  INFO(answer.error().what);
  CHECK_FALSE(answer.error().what.empty());
  CHECK(answer.error().what.find("test-token") == std::string::npos);
  return answer.error();
}

constexpr const char* hello = R"("bytes_base64":"aGVsbG8=")";

TEST_CASE("a file is found and fetched, over one connection") {
  Fixture f;
  put("1001", hello);
  const auto info = f.client->media("1001", "106540352242922");
  REQUIRE(info);
  CHECK(info->mime_type == "image/jpeg");
  CHECK(info->size == 5);
  const auto done = f.client->download(info->url, 5, f.sink());
  REQUIRE(done);
  CHECK(f.taken == "hello");
  CHECK(done->size == 5);
  CHECK(done->content_type == "image/jpeg");
  CHECK(info->sha256 == crypto::sha256(as_bytes(f.taken)).hex());
}

TEST_CASE("hash and size are understood in both spellings") {
  Fixture f;
  put("1002", std::string(hello) + R"(,"hash":"base64","size_as":"string")");
  const auto info = f.client->media("1002", "");
  REQUIRE(info);
  CHECK(info->size == 5);
  CHECK(info->sha256 == crypto::sha256(as_bytes(std::string_view("hello"))).hex());
}

TEST_CASE("an address lives five minutes, then it is missing and a new one is asked for") {
  Fixture f;
  put("1003", hello);
  const auto old = f.client->media("1003", "");
  REQUIRE(old);
  server().control("/_control/advance", R"({"seconds":300})");
  CHECK(failed(f.client->download(old->url, 5, f.sink())).kind == FailureKind::missing);
  const auto fresh = f.client->media("1003", "");
  REQUIRE(fresh);
  CHECK(f.client->download(fresh->url, 5, f.sink()));
}

TEST_CASE("a file of another line, or of none, is missing") {
  Fixture f;
  put("1004", std::string(hello) + R"(,"phone_number_id":"7")");
  CHECK(f.client->media("1004", "7"));
  const auto other = failed(f.client->media("1004", "8"));
  CHECK(other.kind == FailureKind::missing);
  CHECK(other.code == 100);
  CHECK(other.subcode == 33);
  CHECK(other.trace_id == "AbCdEfGhIjKlMnOpQrSt123");
  CHECK(failed(f.client->media("999", "")).kind == FailureKind::missing);
}

TEST_CASE("a wrong token is told at each call") {
  Fixture f;
  put("1005", hello);
  const auto info = f.client->media("1005", "");
  REQUIRE(info);
  const auto stranger = f.with_token("another-token");
  CHECK(failed(stranger->media("1005", "")).kind == FailureKind::token);
  CHECK(failed(stranger->download(info->url, 5, f.sink())).kind == FailureKind::token);
  CHECK(failed(stranger->phone_numbers("1")).kind == FailureKind::token);
  CHECK(failed(stranger->request_sync("1", SyncType::history)).kind == FailureKind::token);
}

TEST_CASE("each fault at each call has its kind") {
  const auto [kind, expected] =
      GENERATE(table<std::string, FailureKind>({{"404", FailureKind::missing},
                                                {"401", FailureKind::token},
                                                {"403", FailureKind::permission},
                                                {"429", FailureKind::rate_limited},
                                                {"500", FailureKind::temporary},
                                                {"hang", FailureKind::temporary},
                                                {"close", FailureKind::temporary},
                                                {"bad_json", FailureKind::temporary}}));
  INFO(kind);
  Fixture f;
  put("1006", hello);
  const auto info = f.client->media("1006", "");
  REQUIRE(info);
  if (kind == "hang") f.client = f.with_token("test-token", std::chrono::milliseconds(100));
  // A kept connection that is closed is opened again once.
  server().fault("media", kind, kind == "close" ? 2 : 1);
  CHECK(failed(f.client->media("1006", "")).kind == expected);
  f.clock.advance(std::chrono::hours(1));
  server().control("/_control", R"({"token":"test-token"})");
  server().fault("phone_numbers", kind, kind == "close" ? 2 : 1);
  CHECK(failed(f.client->phone_numbers("1")).kind == expected);
  f.clock.advance(std::chrono::hours(1));
  server().fault("sync", kind);
  CHECK(failed(f.client->request_sync("1", SyncType::history)).kind == expected);
  f.clock.advance(std::chrono::hours(1));
  if (kind == "bad_json") return;  // as bytes it is bytes
  server().fault("download", kind, kind == "close" ? 2 : 1);
  CHECK(failed(f.client->download(info->url, 5, f.sink())).kind == expected);
}

TEST_CASE("a body that breaks off or stands still is temporary, one too long is refused") {
  const auto [kind, expected] =
      GENERATE(table<std::string, FailureKind>({{"truncate", FailureKind::temporary},
                                                {"slow", FailureKind::temporary},
                                                {"longer", FailureKind::refused}}));
  INFO(kind);
  Fixture f;
  put("1007", hello);
  const auto info = f.client->media("1007", "");
  REQUIRE(info);
  if (kind == "slow") f.client = f.with_token("test-token", std::chrono::milliseconds(100));
  server().fault("download", kind);
  CHECK(failed(f.client->download(info->url, 5, f.sink())).kind == expected);
  CHECK(f.taken.size() <= 5);
}

TEST_CASE("bytes or a hash that do not belong together reach the caller, who compares") {
  Fixture f;
  put("1008", hello);
  server().fault("media", "wrong_hash");
  const auto info = f.client->media("1008", "");
  REQUIRE(info);
  server().fault("download", "other_bytes");
  REQUIRE(f.client->download(info->url, 5, f.sink()));
  CHECK(f.taken != "hello");
  CHECK(info->sha256 != crypto::sha256(as_bytes(std::string_view("hello"))).hex());
}

TEST_CASE("a redirect within the provider is followed, one to a foreign host is not asked") {
  Fixture f;
  put("1009", hello);
  const auto info = f.client->media("1009", "");
  REQUIRE(info);
  server().fault("download", "redirect_ok");
  REQUIRE(f.client->download(info->url, 5, f.sink()));
  CHECK(f.taken == "hello");
  server().fault("download", "redirect_foreign");
  CHECK(failed(f.client->download(info->url, 5, f.sink())).kind == FailureKind::refused);
  CHECK(server().log().find("_foreign") == std::string::npos);
}

TEST_CASE("a rate limit with the provider's headers pauses for as long as they say") {
  Fixture f;
  put("1010", hello);
  server().fault("media", "429");
  CHECK(failed(f.client->media("1010", "")).retry_after == std::chrono::minutes(19));
  CHECK(failed(f.client->media("1010", "")).http_status == 0);
  f.clock.advance(std::chrono::minutes(19));
  CHECK(f.client->media("1010", ""));
}

TEST_CASE("an account's numbers come page by page, without the token that the provider repeats") {
  Fixture f;
  std::string numbers;
  for (int i = 0; i < 250; ++i) {
    numbers +=
        fmt::format(R"({}{{"id":"{}","status":"CONNECTED","private":1}})", i > 0 ? "," : "", i);
  }
  server().control("/_control/numbers",
                   R"({"account":"102290129340398","numbers":[)" + numbers + "]}");
  const auto pages = f.client->phone_numbers("102290129340398");
  REQUIRE(pages);
  REQUIRE(pages->size() == 3);
  for (const auto& page : *pages) {
    CHECK(page.find("test-token") == std::string::npos);
    CHECK(page.find("private") == std::string::npos);
  }
  CHECK(pages->front().find("[token]") != std::string::npos);
  CHECK(pages->back().find(R"("id": "249")") != std::string::npos);
}

TEST_CASE("contacts and history are given once") {
  Fixture f;
  CHECK(f.client->request_sync("77", SyncType::contacts).value() ==
        "request-77-smb_app_state_sync");
  CHECK(f.client->request_sync("77", SyncType::history).value() == "request-77-history");
  const auto again = failed(f.client->request_sync("77", SyncType::history));
  CHECK(again.kind == FailureKind::refused);
  CHECK(again.subcode == 2593107);
}

TEST_CASE("100 MiB go through in small parts") {
  Fixture f;
  put("1011", R"("size":104857600,"seed":7)");
  const auto info = f.client->media("1011", "");
  REQUIRE(info);
  CHECK(info->size == 104857600);
  std::size_t largest = 0;
  crypto::Sha256 hash;
  const auto done = f.client->download(info->url, info->size, [&](BytesView bytes) -> Result<> {
    largest = std::max(largest, bytes.size());
    hash.update(bytes);
    return {};
  });
  REQUIRE(done);
  CHECK(done->size == 104857600);
  CHECK(largest <= 256 * 1024);
  CHECK(hash.finish().hex() == info->sha256);
}

}  // namespace
}  // namespace sigilo::graph
