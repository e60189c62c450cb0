// SPDX-License-Identifier: Apache-2.0
#include "graph/answers.hpp"

#include <catch2/catch_test_macros.hpp>

#include "graph/usage.hpp"

namespace sigilo::graph {
namespace {

const std::string hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

TEST_CASE("a media answer is read in each spelling that is documented or seen") {
  const auto read = [](const std::string& members) {
    return read_media(R"({"url":"https://lookaside.fbsbx.com/x?mid=1","mime_type":"image/jpeg",)" +
                      members + R"("id":"1","messaging_product":"whatsapp"})")
        .value();
  };
  const auto info = read(R"("sha256":")" + hex + R"(","file_size":303833,)");
  CHECK(info.url == "https://lookaside.fbsbx.com/x?mid=1");
  CHECK(info.mime_type == "image/jpeg");
  CHECK(info.sha256 == hex);
  CHECK(info.size == 303833);
  CHECK(read(R"("sha256":"n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=","file_size":"303833",)")
            .sha256 == hex);
  CHECK(read(R"("file_size":"303833",)").size == 303833);
  for (const char* odd : {R"("file_size":"<FILE_SIZE>",)", R"("file_size":-1,)",
                          R"("file_size":"-1",)", R"("file_size":"1 ",)", R"("file_size":1.5,)",
                          R"("file_size":null,)", "", R"("file_size":"99999999999999999999",)"}) {
    INFO(odd);
    CHECK(read(odd).size == 0);
  }
  for (const char* odd : {R"("sha256":"<HASH>",)", R"("sha256":"",)", R"("sha256":1,)", ""}) {
    INFO(odd);
    CHECK(read(odd).sha256.empty());
  }
}

TEST_CASE("an answer that names no file's address is none") {
  for (const char* body : {"", "null", "[]", "{}", R"({"url":""})", R"({"url":1})",
                           R"({"url":"https://a)", "<html>", "\xff"}) {
    INFO(body);
    CHECK_FALSE(read_media(body));
  }
}

TEST_CASE("the next page is known by its cursor, wherever it stands") {
  const auto next = [](const std::string& paging) {
    return read_next_cursor(R"({"data":[],"paging":)" + paging + "}");
  };
  CHECK(next(R"({"cursors":{"after":"QVFI"},"next":"https://x/?after=other"})").value() == "QVFI");
  CHECK(next(R"({"next":"https://x/y?access_token=t&after=QV%3D%3D"})").value() == "QV==");
  CHECK(next(R"({"cursors":{"before":"a","after":"b"}})").value() == std::nullopt);
  CHECK(next("{}").value() == std::nullopt);
  CHECK(next("null").value() == std::nullopt);
  CHECK(read_next_cursor("{}").value() == std::nullopt);
  CHECK_FALSE(next(R"({"next":"https://x/"})"));
  CHECK_FALSE(next(R"({"next":"https://x/?after="})"));
  CHECK_FALSE(next(R"({"next":"x","cursors":{"after":")" + std::string(1025, 'a') + "\"}}"));
  CHECK_FALSE(read_next_cursor("[]"));
}

TEST_CASE("a request for a phone's data is taken, with or without an id") {
  CHECK(read_request_id(R"({"messaging_product":"whatsapp","request_id":"abc"})").value() == "abc");
  CHECK(read_request_id(R"({"success":true})").value().empty());
  CHECK(read_request_id(R"({"request_id":")" + std::string(1000, 'x') + "\"}").value().size() ==
        256);
  CHECK_FALSE(read_request_id("true"));
}

TEST_CASE("headers say how long to pause") {
  using std::chrono::minutes;
  using std::chrono::seconds;
  const auto pause = [](const std::string& name, const std::string& value) {
    net::Response answer;
    answer.headers.emplace_back(name, value);
    return pause_asked_by(answer);
  };
  const std::string business = "x-business-use-case-usage";
  CHECK(pause("Retry-After", "120") == seconds(120));
  CHECK(pause(business, R"({"1":[{"call_count":100,"estimated_time_to_regain_access":19}]})") ==
        minutes(19));
  CHECK(pause(business, R"({"1":[{"call_count":1,"estimated_time_to_regain_access":2}],)"
                        R"("2":[{"estimated_time_to_regain_access":3},{"call_count":99}]})") ==
        pause_when_used_up);
  CHECK(pause(business, R"({"1":[{"total_time":95}]})") == pause_when_used_up);
  CHECK(pause(business, R"({"1":[{"total_time":94,"call_count":94.9,"total_cputime":0}]})") ==
        Duration{});
  CHECK(pause("X-App-Usage", R"({"call_count":95,"total_time":1})") == pause_when_used_up);
  CHECK(pause("X-App-Usage", R"({"call_count":28,"total_time":25})") == Duration{});
  CHECK(pause_asked_by({}) == Duration{});
  net::Response both;
  both.headers = {{"Retry-After", "30"}, {"X-App-Usage", R"({"call_count":100})"}};
  CHECK(pause_asked_by(both) == pause_when_used_up);
}

TEST_CASE("headers that hold nonsense never close the gate for ever, and mostly not at all") {
  const auto pause = [](const std::string& name, const std::string& value) {
    net::Response answer;
    answer.headers.emplace_back(name, value);
    return pause_asked_by(answer);
  };
  CHECK(pause("Retry-After", "4294967295") == longest_pause);
  CHECK(pause("X-App-Usage", R"({"estimated_time_to_regain_access":1e300})") == longest_pause);
  for (const char* odd : {"", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999", "0"}) {
    INFO(odd);
    CHECK(pause("Retry-After", odd) == Duration{});
  }
  for (const char* odd :
       {"", "{", "[]", "1", R"({"1":{}})", R"({"1":[1,null,[]]})",
        R"({"1":[{"call_count":"100"}]})", R"({"estimated_time_to_regain_access":-5})"}) {
    INFO(odd);
    CHECK(pause("X-Business-Use-Case-Usage", odd) == Duration{});
    CHECK(pause("X-App-Usage", odd) == Duration{});
  }
}

}  // namespace
}  // namespace sigilo::graph
