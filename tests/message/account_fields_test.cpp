// SPDX-License-Identifier: Apache-2.0
// Fields about lines, accounts, templates and groups, which are rows of one table.
#include <catch2/catch_test_macros.hpp>

#include "message/identities.hpp"
#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

Event account_event(std::string_view field, std::string_view value, std::string_view time = "1") {
  return only_event(
      fmt::format(R"({{"entry":[{{"id":"1","time":{},"changes":[{{"field":"{}","value":{}}}]}}]}})",
                  time, field, value));
}

}  // namespace

TEST_CASE(
    "ids of templates keep all their digits, over 2^32 and over 2^53, and tell events apart") {
  const auto rejected = [](std::string_view id) {
    return account_event("message_template_status_update",
                         fmt::format(R"({{"event":"REJECTED","message_template_id":{}}})", id));
  };
  for (const char* id : {"4294967297", "9007199254740993", "18446744073709551615"}) {
    CHECK(rejected(id).details == fmt::format(R"({{"message_template_id":"{}"}})", id));
  }
  CHECK(rejected("9007199254740992").content != rejected("9007199254740993").content);
}

TEST_CASE("an event or reason of a later version is kept under its name, a hostile one as other") {
  CHECK(account_event("account_update", R"({"event":"MOON_UPDATE"})").type ==
        "account_update:MOON_UPDATE");
  CHECK(account_event("account_update", R"({"event":"<b>"})").type == "account_update:other");
  CHECK(account_event("account_update", R"({"event":7})").type == "account_update");
  const Event removed = account_event(
      "account_update",
      R"({"event":"PARTNER_REMOVED","disconnection_info":{"reason":"LATER","initiated_by":"X","y":{}}})");
  CHECK(removed.details == R"({"disconnection_info":{"initiated_by":"X","reason":"LATER"}})");
}

TEST_CASE("members of another shape than the table's are left to the payload") {
  const Event event = account_event(
      "account_update",
      R"({"":"5491155550101","event":"E","country":{"a":1},"ban_info":"b","restriction_info":[7,{}]})");
  CHECK(event.kind == RecordKind::line);
  CHECK(event.details == R"({"restriction_info":[{}]})");
  CHECK(event.party == Party{});
}

TEST_CASE("the time of an account event is its own, else its entry's, as text or as a number") {
  const auto sent = [](std::string_view value, std::string_view time) {
    return account_event("security", value, time).sent;
  };
  CHECK(sent("{}", "1795442400") == Timestamp::from_seconds(1'795'442'400));
  CHECK(sent("{}", R"("1795442400")") == Timestamp::from_seconds(1'795'442'400));
  CHECK(sent(R"({"timestamp":"7"})", "1795442400") == Timestamp::from_seconds(7));
  CHECK(sent(R"({"timestamp":"soon"})", "1795442400") == Timestamp::from_seconds(1'795'442'400));
  CHECK(sent("{}", R"("soon")") == Timestamp());
}

TEST_CASE("a preference has its own time, an integer in the provider's samples") {
  const auto preference = [](std::string_view time) {
    return only_event(change_of_line(
        fmt::format(
            R"("user_preferences":[{{"wa_id":"5491155550101","value":"stop","timestamp":{}}}])",
            time),
        "user_preferences"));
  };
  CHECK(preference("1795442400").sent == Timestamp::from_seconds(1'795'442'400));
  CHECK(preference(R"("1795442400")").sent == Timestamp::from_seconds(1'795'442'400));
  CHECK(preference("1").type == "user_preferences:stop");
  CHECK(preference("1").party.number == "+5491155550101");
}

TEST_CASE("lists of another shape keep the whole change") {
  CHECK(only_event(change_of_line(R"("groups":{})", "group_lifecycle_update")).type ==
        "group_lifecycle_update");
  CHECK(only_event(change_of_line(R"("groups":[])", "group_lifecycle_update")).type ==
        "group_lifecycle_update");
  CHECK(only_event(change_of_line(R"("groups":[7])", "group_lifecycle_update")).type ==
        "group_lifecycle_update:not-an-object");
  const auto more = interpret_meta(
      change_of_line(R"("groups":[{"type":"a"}],"later":[1])", "group_lifecycle_update"),
      our_lines());
  REQUIRE(more.events.size() == 2);
  CHECK(more.events[1].kind == RecordKind::unrecognised);
}

TEST_CASE("what names one party is found: number and user id, the former and the new one") {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const auto system = [](std::string_view members, std::string_view contacts = "") {
    return identities_of(only_event(change_of_line(fmt::format(
        R"({}"messages":[{{"id":"w","timestamp":"1","type":"system",{}}}])", contacts, members))));
  };
  CHECK(
      system(
          R"("from":"5491155550101","system":{"type":"user_changed_number","wa_id":"5491155550107"})") ==
      Pairs{{"+5491155550101", "+5491155550107"}});
  CHECK(
      system(
          R"("from":"5491155550101","system":{"type":"user_changed_number","new_wa_id":"5491155550107"})") ==
      Pairs{{"+5491155550101", "+5491155550107"}});
  CHECK(
      system(
          R"("system":{"type":"user_changed_user_id","previous_user_id":"BR.1","user_id":"BR.2"})") ==
      Pairs{{"BR.1", "BR.2"}});
  CHECK(system(
            R"("from_user_id":"BR.1","system":{"type":"user_changed_user_id","user_id":"BR.2"})") ==
        Pairs{{"BR.1", "BR.2"}});
  CHECK(
      system(
          R"("from":"5491155550101","system":{"type":"customer_identity_changed","wa_id":"5491155550101"})")
          .empty());
  CHECK(system(R"("from":"5491155550101","system":{"wa_id":"unreadable"})").empty());
  CHECK(identities_of(only_event(fixture("messages-text"))).empty());
  CHECK(identities_of(only_event(fixture("user-id-update"))) ==
        Pairs{{"+5511955550102", "BR.11111111111111111109"},
              {"BR.11111111111111111102", "BR.11111111111111111109"}});
}
