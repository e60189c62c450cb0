// SPDX-License-Identifier: Apache-2.0
// Profiles of lines as the provider answers them, and lines seen that are not configured.
#include "message/line_profile.hpp"

#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"
#include "message/body.hpp"
#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

Interpretation profiles(std::string_view page) {
  auto understood = interpret_phone_numbers(page, "102290129340398", our_lines());
  for (const Event& event : understood.events) {
    const std::string body = make_body(
        event, {"meta", crypto::sha256(as_bytes(page)), Timestamp::from_seconds(1)}, page);
    const auto stored = read_body(event.kind, body);
    REQUIRE(stored);
    CHECK(stored->event == event);
  }
  return understood;
}

Event profile(std::string_view members) {
  const auto understood = profiles(fmt::format(
      R"({{"data":[{{"id":"106540352242922","display_phone_number":"+54 9 11 5000-0001",{}}}]}})",
      members));
  REQUIRE(understood.events.size() == 1);
  return understood.events.front();
}

std::string type_of(std::string_view page) {
  const auto understood = profiles(page);
  if (understood.events.size() != 1)
    return fmt::format("test: {} events", understood.events.size());
  CHECK(understood.events.front().kind == RecordKind::unrecognised);
  return understood.events.front().type;
}

std::string foreign_change(std::string_view metadata) {
  return fmt::format(
      R"({{"field":"messages","value":{{"metadata":{{{}}},"messages":[{{}},{{}}]}}}})", metadata);
}

Interpretation of_changes(std::string_view changes) {
  return interpret_meta(fmt::format(R"({{"entry":[{{"changes":[{}]}}]}})", changes), our_lines());
}

}  // namespace

TEST_CASE("a line's profile is an event of the line over its element of the page") {
  const std::string page =
      R"({"data":[ {"id":"106540352242922","status":"CONNECTED","is_on_biz_app":true} ]})";
  const auto understood = profiles(page);
  REQUIRE(understood.events.size() == 1);
  const Event& event = understood.events.front();
  CHECK(event.kind == RecordKind::line);
  CHECK(event.type == "profile");
  CHECK(event.line == our_line);
  CHECK(event.sent == Timestamp());
  CHECK(
      event.details ==
      R"({"account":"102290129340398","id":"106540352242922","is_on_biz_app":"true","status":"CONNECTED"})");
  CHECK(page.substr(event.offset, event.length) ==
        R"({"id":"106540352242922","status":"CONNECTED","is_on_biz_app":true})");
}

TEST_CASE("health, scores and members of later versions make no new profile, all others do") {
  const auto content = profile(R"("status":"CONNECTED","quality_rating":"GREEN")").content;
  for (
      const char* same :
      {R"("quality_rating":"GREEN","status":"CONNECTED")",
       R"("status":"CONNECTED","quality_rating":"GREEN","health_status":{"can_send_message":"BLOCKED"})",
       R"("status":"CONNECTED","quality_rating":"GREEN","quality_score":{"date":7},"later":[1])"}) {
    CHECK(profile(same).content == content);
  }
  for (
      const char* other :
      {R"("status":"FLAGGED","quality_rating":"GREEN")", R"("status":"CONNECTED")",
       R"("status":"CONNECTED","quality_rating":"GREEN","throughput":{"level":"HIGH"})",
       R"("status":"CONNECTED","quality_rating":"GREEN","webhook_configuration":{"phone_number":"https://x.example"})"}) {
    CHECK(profile(other).content != content);
  }
  const auto other_account =
      interpret_phone_numbers(R"({"data":[{"id":"106540352242922"}]})", "2", our_lines());
  CHECK(other_account.events.at(0).content != profile(R"("id":"106540352242922")").content);
}

TEST_CASE("a page of another shape is kept, one without lines says nothing") {
  CHECK(type_of("{") == "profile:not-json");
  CHECK(type_of("[]") == "profile:page");
  CHECK(type_of(R"({"data":{}})") == "profile:page");
  CHECK(type_of(R"({"data":[7]})") == "profile:not-an-object");
  CHECK(type_of(R"({"data":[{"status":"CONNECTED"}]})") == "profile:line");
  CHECK(type_of(R"({"data":[{"id":7}]})") == "profile:line");
  const auto none = profiles(R"({"data":[]})");
  CHECK(none.events.empty());
  CHECK(none.not_monitored == 0);
}

TEST_CASE("lines of a page that are not configured are counted by number and cut out") {
  const std::string page =
      R"({"data":[{"id":"1","display_phone_number":"+54 9 11 5000-0099"},{"id":"106540352242922"},)"
      R"({"id":"2","display_phone_number":"none"}]})";
  const auto understood = profiles(page);
  CHECK(understood.events.size() == 1);
  CHECK(understood.not_monitored == 2);
  CHECK(understood.foreign.size() == 2);
  CHECK(understood.foreign_lines ==
        std::vector<ForeignLine>{{"+5491150000099", "1", 1}, {"2", "2", 1}});
}

TEST_CASE("things of lines that are not configured are counted by line") {
  const auto understood = of_changes(fmt::format(
      "{},{},{},{}",
      foreign_change(R"("phone_number_id":"1","display_phone_number":"5491150000099")"),
      foreign_change(R"("phone_number_id":"2")"),
      foreign_change(R"("phone_number_id":"1","display_phone_number":"+54 9 11 5000-0099")"),
      foreign_change(fmt::format(R"("phone_number_id":"{}")", std::string(1000, '9')))));
  CHECK(understood.foreign_lines ==
        std::vector<ForeignLine>{{"+5491150000099", "1", 4}, {"2", "2", 2}, {"", "", 2}});
  CHECK(understood.not_monitored == 8);
}

TEST_CASE("beyond the limit of lines that are not configured the rest is counted together") {
  std::string changes;
  constexpr std::size_t count = 1000;
  for (std::size_t i = 0; i < count; ++i)
    changes += (i == 0 ? "" : ",") + foreign_change(fmt::format(R"("phone_number_id":"{}")", i));
  const auto understood = of_changes(changes);
  CHECK(understood.not_monitored == 2 * count);
  REQUIRE(understood.foreign_lines.size() == max_foreign_lines + 1);
  CHECK(understood.foreign_lines.front() == ForeignLine{"0", "0", 2});
  CHECK(understood.foreign_lines.back() == ForeignLine{"", "", 2 * (count - max_foreign_lines)});
}
