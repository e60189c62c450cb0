// SPDX-License-Identifier: Apache-2.0
// The client over a channel whose answers stand in the test.
#include "graph/client.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/fakes.hpp"
#include "support/graph.hpp"

namespace sigilo::graph {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* secret = "EAAtoken0123456789";
const std::string address = R"({"url":"https://lookaside.fbsbx.com/whatsapp/?mid=1&hash=x",)"
                            R"("mime_type":"image/jpeg","file_size":4,"id":"1"})";

struct Fixture {
  test::FakeClock clock;
  RateGate gate{clock};
  test::FakeChannel* channel = nullptr;
  std::unique_ptr<Client> client = make_client();
  std::string taken;

  std::unique_ptr<Client> make_client() {
    auto owned = std::make_unique<test::FakeChannel>();
    channel = owned.get();
    return Client::make(config::MetaSource{}, std::move(owned),
                        crypto::SecretBytes::copy_of(as_bytes(std::string_view(secret))), gate)
        .value();
  }
  Sink sink() {
    return [this](BytesView bytes) -> Result<> {
      taken += as_text(bytes);
      return {};
    };
  }
};

template <class T>
Failure failed(const Answer<T>& answer) {
  REQUIRE_FALSE(answer);
  CHECK_FALSE(answer.error().what.empty());
  CHECK(answer.error().what.find(secret) == std::string::npos);
  CHECK(answer.error().remedy.find(secret) == std::string::npos);
  return answer.error();
}

TEST_CASE("a file's address is asked for by id and line, with the token in the header alone") {
  Fixture f;
  f.channel->will_answer(200, address);
  const auto info = f.client->media("123", "456");
  REQUIRE(info);
  CHECK(info->size == 4);
  const auto& request = f.channel->requests.at(0);
  CHECK(request.method == "GET");
  CHECK(request.url == "https://graph.facebook.com/v23.0/123?phone_number_id=456");
  REQUIRE(request.headers.size() == 1);
  CHECK(request.headers[0] == net::Header("Authorization", std::string("Bearer ") + secret));
  f.channel->will_answer(200, address);
  REQUIRE(f.client->media("123", ""));
  CHECK(f.channel->requests.at(1).url == "https://graph.facebook.com/v23.0/123");
}

TEST_CASE("an id that could change the path is refused before anything is sent") {
  const std::string id =
      GENERATE(as<std::string>(), "", ".", "..", "1/2", "1?x=y", "1#x", "1 2", "1%2f2", "1\r\nX: y",
               std::string("1\0", 2), std::string(129, '1'), std::string(1000, '1'), "\xc3\xa9");
  Fixture f;
  CHECK(failed(f.client->media(id, "1")).kind == FailureKind::refused);
  if (!id.empty()) CHECK(failed(f.client->media("1", id)).kind == FailureKind::refused);
  CHECK(failed(f.client->phone_numbers(id)).kind == FailureKind::refused);
  CHECK(failed(f.client->request_sync(id, SyncType::history)).kind == FailureKind::refused);
  CHECK(f.channel->requests.empty());
}

TEST_CASE("an address that is not the provider's is refused") {
  const std::string url =
      GENERATE(as<std::string>(), "https://evil.example/x", "http://lookaside.fbsbx.com/x",
               "file:///etc/passwd", "https://lookaside.fbsbx.com@evil.example/", "x", "//evil/x");
  Fixture f;
  f.channel->will_answer(200, R"({"url":")" + url + R"("})");
  CHECK(failed(f.client->media("1", "2")).kind == FailureKind::refused);
  CHECK(failed(f.client->download(url, 10, f.sink())).kind == FailureKind::refused);
  CHECK(f.channel->requests.size() == 1);
}

TEST_CASE("an answer that can't be read is temporary") {
  Fixture f;
  for (const char* body : {"", "{", "[]", "<html>", R"({"id":"1"})"}) {
    f.channel->will_answer(200, body);
    CHECK(failed(f.client->media("1", "2")).kind == FailureKind::temporary);
  }
}

TEST_CASE("bytes go to the sink, with the token") {
  Fixture f;
  f.channel->will_answer(200, "body");
  f.channel->answers.back()->content_type = "image/jpeg";
  const auto done = f.client->download("https://lookaside.fbsbx.com/x?y#z", 4, f.sink());
  REQUIRE(done);
  CHECK(done->size == 4);
  CHECK(done->content_type == "image/jpeg");
  CHECK(f.taken == "body");
  CHECK(f.channel->requests.at(0).url == "https://lookaside.fbsbx.com/x?y");
  CHECK(f.channel->requests.at(0).headers.at(0).first == "Authorization");
}

TEST_CASE("more bytes than allowed are refused; a sink's trouble is passed on in its words") {
  Fixture f;
  f.channel->will_answer(200, "body");
  CHECK(failed(f.client->download("https://a.fbcdn.net/", 3, f.sink())).kind ==
        FailureKind::refused);
  f.channel->will_answer(200, "body");
  const auto full = failed(f.client->download("https://a.fbcdn.net/", 4, [](BytesView) -> Result<> {
    return fail(ErrorCode::no_space, "the disk is full", "make room");
  }));
  CHECK(full.kind == FailureKind::temporary);
  CHECK(full.what == "the disk is full");
  CHECK(full.remedy == "make room");
}

TEST_CASE("redirects are followed to the provider's hosts, up to five") {
  Fixture f;
  f.channel->will_answer(302, "", {{"Location", "https://scontent.fbcdn.net/a"}});
  f.channel->will_answer(307, "", {{"location", "/b?c"}});
  f.channel->will_answer(200, "body");
  REQUIRE(f.client->download("https://lookaside.fbsbx.com/x", 4, f.sink()));
  CHECK(f.taken == "body");
  CHECK(f.channel->requests.at(1).url == "https://scontent.fbcdn.net/a");
  CHECK(f.channel->requests.at(2).url == "https://scontent.fbcdn.net/b?c");
  for (int i = 0; i <= max_redirects; ++i) {
    f.channel->will_answer(302, "", {{"Location", "/again"}});
  }
  CHECK(failed(f.client->download("https://lookaside.fbsbx.com/x", 4, f.sink())).kind ==
        FailureKind::temporary);
  CHECK(f.channel->requests.size() == 3 + 1 + max_redirects);
}

TEST_CASE("a redirect to a foreign host never gets the token") {
  const std::string location = GENERATE(
      as<std::string>(), "https://evil.example/", "//evil.example/", "http://lookaside.fbsbx.com/",
      "https://lookaside.fbsbx.com.evil.example/", "https://x@lookaside.fbsbx.com/", "javascript:x",
      "https://evil.example\\.fbsbx.com/", "https://127.0.0.1/");
  Fixture f;
  f.channel->will_answer(302, "", {{"Location", location}});
  CHECK(failed(f.client->download("https://lookaside.fbsbx.com/x", 4, f.sink())).kind ==
        FailureKind::refused);
  CHECK(f.channel->requests.size() == 1);
}

TEST_CASE("a file's address that is over is missing, whatever the words") {
  Fixture f;
  for (const char* body : {"", "not found", R"({"error":{"code":190}})"}) {
    f.channel->will_answer(404, body);
    CHECK(failed(f.client->download("https://a.fbsbx.com/", 4, f.sink())).kind ==
          FailureKind::missing);
  }
  f.channel->will_answer(401, "");
  CHECK(failed(f.client->download("https://a.fbsbx.com/", 4, f.sink())).kind == FailureKind::token);
  f.channel->will_answer(206, "part");
  CHECK(failed(f.client->download("https://a.fbsbx.com/", 4, f.sink())).kind ==
        FailureKind::temporary);
}

TEST_CASE("all pages of the numbers are fetched, each as it came but for the token") {
  Fixture f;
  const std::string first =
      R"({"data":[{"id":"1"}],"paging":{"cursors":{"after":"a b="},"next":"https://evil.example/?access_token=)";
  f.channel->will_answer(200, first + secret + "\"}}");
  f.channel->will_answer(200, R"({"data":[ {"id":"2"} ],"paging":{"cursors":{"after":"c"}}})");
  const auto pages = f.client->phone_numbers("102290129340398");
  REQUIRE(pages);
  REQUIRE(pages->size() == 2);
  CHECK((*pages)[0] == first + "[token]\"}}");
  CHECK((*pages)[1] == R"({"data":[ {"id":"2"} ],"paging":{"cursors":{"after":"c"}}})");
  const auto& one = f.channel->requests.at(0).url;
  CHECK(
      one.starts_with("https://graph.facebook.com/v23.0/102290129340398/phone_numbers?fields=id,"));
  for (const char* field :
       {"display_phone_number", "verified_name", "status", "quality_rating", "platform_type",
        "is_on_biz_app", "health_status", "webhook_configuration", "throughput", "name_status",
        "account_mode", "code_verification_status"}) {
    CHECK(one.find(field) != std::string::npos);
  }
  CHECK(f.channel->requests.at(1).url == one + "&after=a%20b%3D");
}

TEST_CASE("a list that does not end is ended") {
  Fixture f;
  f.channel->will_answer(200, R"({"paging":{"cursors":{"after":"a"},"next":"x"}})");
  f.channel->will_answer(200, R"({"paging":{"cursors":{"after":"a"},"next":"x"}})");
  CHECK(failed(f.client->phone_numbers("1")).kind == FailureKind::temporary);
  CHECK(f.channel->requests.size() == 2);
  for (int i = 0; i < max_pages; ++i) {
    f.channel->will_answer(
        200, fmt::format(R"({{"paging":{{"cursors":{{"after":"{}"}},"next":"x"}}}})", i));
  }
  CHECK(failed(f.client->phone_numbers("1")).kind == FailureKind::temporary);
  CHECK(f.channel->requests.size() == 2 + max_pages);
}

TEST_CASE("contacts and history are asked for in the documented form") {
  Fixture f;
  f.channel->will_answer(200, R"({"messaging_product":"whatsapp","request_id":"r1"})");
  f.channel->will_answer(200, R"({"messaging_product":"whatsapp","request_id":"r2"})");
  CHECK(f.client->request_sync("106540352242922", SyncType::contacts).value() == "r1");
  CHECK(f.client->request_sync("106540352242922", SyncType::history).value() == "r2");
  const auto& contacts = f.channel->requests.at(0);
  CHECK(contacts.method == "POST");
  CHECK(contacts.url == "https://graph.facebook.com/v23.0/106540352242922/smb_app_data");
  CHECK(contacts.content_type == "application/json");
  CHECK(contacts.body == R"({"messaging_product":"whatsapp","sync_type":"smb_app_state_sync"})");
  CHECK(f.channel->requests.at(1).body ==
        R"({"messaging_product":"whatsapp","sync_type":"history"})");
}

TEST_CASE("a rate limit closes the gate: no call goes out until its time is over") {
  Fixture f;
  f.channel->will_answer(429, "", {{"Retry-After", "120"}});
  const auto limited = failed(f.client->media("1", "2"));
  CHECK(limited.kind == FailureKind::rate_limited);
  CHECK(limited.retry_after == seconds(120));
  CHECK(limited.http_status == 429);
  const auto closed = failed(f.client->phone_numbers("1"));
  CHECK(closed.kind == FailureKind::rate_limited);
  CHECK(closed.http_status == 0);
  CHECK(closed.retry_after == seconds(120));
  CHECK(failed(f.client->request_sync("1", SyncType::history)).kind == FailureKind::rate_limited);
  CHECK(failed(f.client->download("https://a.fbsbx.com/", 1, f.sink())).kind ==
        FailureKind::rate_limited);
  CHECK(f.channel->requests.size() == 1);
  f.clock.advance(seconds(120));
  f.channel->will_answer(200, address);
  CHECK(f.client->media("1", "2"));
}

TEST_CASE(
    "a rate limit that names no time closes the gate too, and another client's calls with it") {
  Fixture f;
  f.channel->will_answer(400, R"({"error":{"code":80007}})");
  CHECK(failed(f.client->media("1", "2")).retry_after == minutes(5));
  const auto other = f.make_client();
  CHECK(failed(other->media("1", "2")).kind == FailureKind::rate_limited);
  CHECK(f.channel->requests.empty());
}

TEST_CASE("a server that is busy says when to come back") {
  Fixture f;
  f.channel->will_answer(503, "", {{"Retry-After", "30"}});
  const auto busy = failed(f.client->phone_numbers("1"));
  CHECK(busy.kind == FailureKind::temporary);
  CHECK(busy.retry_after == seconds(30));
  CHECK(failed(f.client->phone_numbers("1")).kind == FailureKind::rate_limited);
}

TEST_CASE("a success whose headers say that the limit is near pauses the next call") {
  Fixture f;
  f.channel->will_answer(200, address,
                         {{"X-Business-Use-Case-Usage",
                           R"({"1":[{"call_count":96,"estimated_time_to_regain_access":7}]})"}});
  REQUIRE(f.client->media("1", "2"));
  CHECK(failed(f.client->media("1", "2")).retry_after == minutes(7));
}

TEST_CASE("many error answers about media pause media, and nothing else") {
  Fixture f;
  for (std::size_t i = 0; i < most_media_errors; ++i) {
    f.channel->will_answer(404, "");
    failed(f.client->download("https://a.fbsbx.com/", 1, f.sink()));
  }
  const auto paused = failed(f.client->media("1", "2"));
  CHECK(paused.kind == FailureKind::rate_limited);
  CHECK(paused.retry_after == media_pause);
  f.channel->will_answer(200, R"({"data":[]})");
  CHECK(f.client->phone_numbers("1"));
}

TEST_CASE("a stop is told as such, and reaches the channel") {
  Fixture f;
  f.channel->will_fail(net::WebFault::interrupted);
  CHECK(failed(f.client->media("1", "2")).kind == FailureKind::stopped);
  f.client->interrupt();
  CHECK(f.channel->interrupted);
}

TEST_CASE("a graph_url that is none is refused when the client is made") {
  test::FakeClock clock;
  RateGate gate(clock);
  config::MetaSource source;
  source.graph_url = "graph.facebook.com";
  CHECK_FALSE(Client::make(source, std::make_unique<test::FakeChannel>(), {}, gate));
}

}  // namespace
}  // namespace sigilo::graph
