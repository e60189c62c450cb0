// SPDX-License-Identifier: Apache-2.0
#include "api/lines.hpp"

#include <catch2/catch_test_macros.hpp>

#include "message/line_profile.hpp"
#include "support/api.hpp"
#include "support/broken_disk.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

using Called = std::vector<std::pair<std::string, graph::SyncType>>;

struct Office {
  TestVault vault;
  Desk desk{vault};
  Called calls;
  std::optional<graph::Failure> failure;

  Office() {
    desk.runtime = [this] {
      api::Runtime runtime;
      runtime.now = vault.clock.now();
      runtime.lines = {{"+5491150000001", "106540352242922", "Dra. Ana Ejemplo", "litigios"},
                       {"+5491150000003", "", "", ""}};
      return runtime;
    };
    desk.request_sync = [this](std::string_view id,
                               graph::SyncType type) -> graph::Answer<std::string> {
      calls.emplace_back(id, type);
      if (failure) return tl::unexpected(*failure);
      return std::string("request-1");
    };
    desk.open();
  }
  void profile(std::string_view members) {
    const auto page = fmt::format(
        R"({{"data":[{{"id":"106540352242922","display_phone_number":"+54 9 11 5000-0001",{}}}]}})",
        members);
    const message::LineBook lines({{E164("+5491150000001"), PhoneNumberId("106540352242922")}});
    vault::Ingest delivery;
    delivery.provenance = {"graph", crypto::sha256(as_bytes(page)), vault.clock.now()};
    for (auto& event : message::interpret_phone_numbers(page, "102", lines).events) {
      event.sent = vault.clock.now();
      auto body = message::make_body(event, delivery.provenance, page);
      delivery.events.push_back(
          {.event = std::move(event), .body = std::move(body), .alerts = {}, .mails = {}});
    }
    delivery.raw = page;
    vault.ingest(delivery);
    vault.clock.advance(std::chrono::hours(1));
  }
  Answer ask_for_history(const std::string& more = "") {
    return desk.ask("POST", "/v1/lines/%2B5491150000001/request-history" + more);
  }
  [[nodiscard]] std::vector<json::Object> requests() const {
    std::vector<json::Object> found;
    for (const auto& row : must(vault.reader().services("history-requested")))
      found.push_back(must(json::parse(row.body)).as_object());
    return found;
  }
};

constexpr const char* on_the_phone =
    R"("verified_name":"Estudio","quality_rating":"GREEN","platform_type":"CLOUD_API","is_on_biz_app":true)";

}  // namespace

TEST_CASE("a line is told with what the provider said of it last, and before with dates") {
  Office office;
  office.profile(on_the_phone);
  office.profile(
      R"("verified_name":"Estudio","quality_rating":"RED","platform_type":"CLOUD_API","is_on_biz_app":false)");
  const auto lines = office.desk.get("/v1/lines").array();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].at("name").as_string() == "Estudio");
  CHECK(lines[0].at("quality").as_string() == "RED");
  CHECK(lines[0].at("platform").as_string() == "cloud");
  CHECK(lines[0].at("never_delivered").as_array().empty());
  CHECK(lines[0].at("state").as_string() == "silent");  // asked about it, heard nothing of it
  CHECK(lines[0].at("last").is_null());
  CHECK(lines[1].at("name").is_null());
  CHECK(lines[1].at("state").as_string() == "silent");
  const auto line = office.desk.get("/v1/lines/+5491150000001").object();
  REQUIRE(line.at("profiles").as_array().size() == 2);
  CHECK(line.at("profiles").as_array()[0].at("quality_rating").as_string() == "GREEN");
  CHECK(line.at("history").as_object().at("history").as_object().at("state") == "not asked");
  CHECK(office.desk.get("/v1/lines").accesses.empty());
}

TEST_CASE("of a line that keeps the phone's app it is said what never comes") {
  Office office;
  office.profile(on_the_phone);
  const auto line = office.desk.get("/v1/lines/5491150000001").object();
  CHECK(line.at("platform").as_string() == "coexistence");
  CHECK(line.at("never_delivered").as_array().size() == api::never_delivered().size());
}

TEST_CASE("contacts and history are asked for once each, and recorded before and after") {
  Office office;
  const auto answer = office.ask_for_history();
  REQUIRE(answer.status() == 200);
  CHECK(office.calls == Called{{"106540352242922", graph::SyncType::contacts},
                               {"106540352242922", graph::SyncType::history}});
  const auto requests = office.requests();
  REQUIRE(requests.size() == 4);
  CHECK(requests[0].at("outcome").as_string() == "asking");
  CHECK(requests[0].at("sync").as_string() == "contacts");
  CHECK(requests[1].at("outcome").as_string() == "accepted");
  CHECK(requests[1].at("request_id").as_string() == "request-1");
  CHECK(requests[3].at("sync").as_string() == "history");
  CHECK(requests[3].at("uid").as_int64() == Desk::own_uid);
  CHECK(answer.object().at("note").as_string().find("24 hours") != std::string::npos);

  const auto again = office.ask_for_history();
  CHECK(again.status() == 409);
  CHECK(office.calls.size() == 2);
  CHECK(office.ask_for_history("?again=1").status() == 200);
  CHECK(office.calls.size() == 4);
}

TEST_CASE("a failure is recorded with its reason, and only what failed is asked for again") {
  Office office;
  static_cast<void>(office.ask_for_history("?again=0"));
  Office other;
  other.failure.emplace();
  other.failure->what = "the token has expired";
  other.failure->remedy = "make a new one";
  const auto refused = other.ask_for_history();
  CHECK(refused.status() == 409);
  CHECK(refused.what().find("the token has expired") != std::string::npos);
  REQUIRE(other.calls.size() == 1);  // without contacts no history
  CHECK(other.requests()[1].at("outcome").as_string() == "failed");
  CHECK(other.requests()[1].at("reason").as_string() == "the token has expired");
  other.failure.reset();
  CHECK(other.ask_for_history().status() == 200);
  CHECK(other.calls.size() == 3);
}

TEST_CASE("of a phone's history that nobody asked for status speaks, until somebody did") {
  Office office;
  const auto attention = [&] {
    std::string all;
    const auto status = office.desk.get("/v1/status").object();
    for (const auto& sentence : status.at("attention").as_array())
      all += std::string(sentence.as_string()) + "\n";
    return all;
  };
  const auto speaks = [&](const char* words) {
    return attention().find(words) != std::string::npos;
  };
  office.profile(R"("verified_name":"Estudio","platform_type":"CLOUD_API","is_on_biz_app":false)");
  CHECK_FALSE(speaks("request-history"));
  office.profile(on_the_phone);
  CHECK(speaks("request-history +5491150000001' now"));
  office.failure.emplace();
  office.failure->what = "the token has expired";
  static_cast<void>(office.ask_for_history());
  CHECK(speaks("could not be asked for"));
  SECTION("it was accepted") {
    office.failure.reset();
    REQUIRE(office.ask_for_history().status() == 200);
    CHECK_FALSE(speaks("request-history"));
  }
  SECTION("it is too late, and the answer is known") {
    office.vault.clock.advance(std::chrono::hours(24));
    CHECK_FALSE(speaks("request-history"));
  }
}

TEST_CASE("a history that was not asked for in time is said to be missing") {
  Office office;
  office.profile(on_the_phone);
  office.vault.clock.advance(std::chrono::hours(24));
  const auto status = office.desk.get("/v1/status").object();
  std::string attention;
  for (const auto& sentence : status.at("attention").as_array()) attention += sentence.as_string();
  CHECK(attention.find("is not in the vault") != std::string::npos);
  REQUIRE(office.ask_for_history().status() == 200);
  CHECK(office.desk.get("/v1/status").object().at("attention").as_array().empty());
}

TEST_CASE("what cannot be recorded is not asked for") {
  Office office;
  {
    const BrokenDisk broken;
    CHECK(office.ask_for_history().status() == 503);
  }
  CHECK(office.calls.empty());
}

TEST_CASE("lines that are not ours, without an id, or without a token are refused with words") {
  Office office;
  CHECK(office.desk.ask("POST", "/v1/lines/+5491150000009/request-history").status() == 404);
  CHECK(office.desk.ask("POST", "/v1/lines/nobody/request-history").status() == 400);
  CHECK(office.desk.ask("POST", "/v1/lines/+5491150000003/request-history").status() == 409);
  CHECK(office.desk.get("/v1/lines/+5491150000001/request-history").status() == 405);
  CHECK(office.desk.get("/v1/lines/%zz").status() == 400);
  CHECK(office.desk.get("/v1/lines/").status() == 400);
  office.desk.request_sync = nullptr;
  office.desk.open();
  const auto answer = office.ask_for_history();
  CHECK(answer.status() == 409);
  CHECK(answer.what().find("access token") != std::string::npos);
  CHECK(office.requests().empty());
}

TEST_CASE("status tells of files, gaps and numbers that are not monitored, with what to do") {
  Office office;
  auto delivery = delivery_from(
      webhook("messages", R"("messages":[{"from":"5491160000002","id":"w1",)"
                          R"("timestamp":"1795521000","type":"image","image":{"id":"9"}}])"),
      office.vault.clock.now());
  delivery.foreign_lines = {{"+5491199999999", "999", 2}};
  delivery.not_monitored = 2;
  office.vault.ingest(delivery);
  vault::MediaOutcome lost{.message = Seq(1),
                           .state = vault::MediaState::lost,
                           .next = {},
                           .reason = "the provider keeps it no longer",
                           .declared = {},
                           .sniffed = {},
                           .file = {}};
  must(office.vault.run(
      [&](vault::WriteTransaction& transaction) { return transaction.media_outcome(lost); }));
  vault::UnseenPage page;
  page.found = {{Seq(1), "reply", "wX", "+5491150000001", "+5491160000002"}};
  page.next = 1;
  must(office.vault.run(
      [&](vault::WriteTransaction& transaction) { return transaction.unseen(page, 0); }));

  const auto status = office.desk.get("/v1/status").object();
  CHECK(status.at("media").as_object().at("lost").as_int64() == 1);
  CHECK(status.at("gaps").as_int64() == 1);
  const auto& seen = status.at("seen_not_monitored").as_array().at(0).as_object();
  CHECK(seen.at("number").as_string() == "+5491199999999");
  CHECK(seen.at("count").as_int64() == 2);
  std::string attention;
  for (const auto& sentence : status.at("attention").as_array())
    attention += std::string(sentence.as_string()) + "\n";
  for (const auto* words : {"the provider keeps it no longer", "sigilo show 1", "+5491199999999",
                            "phone_number_id = \"999\"", "sigilo gaps"}) {
    CAPTURE(words, attention);
    CHECK(attention.find(words) != std::string::npos);
  }
  const auto gaps = office.desk.get("/v1/gaps");
  REQUIRE(gaps.array().size() == 1);
  CHECK(gaps.array()[0].at("provider_id").as_string() == "wX");
  CHECK_FALSE(gaps.array()[0].at("filled").as_bool());
  CHECK(gaps.accesses.back().at("what").as_string() == "gaps");
}
