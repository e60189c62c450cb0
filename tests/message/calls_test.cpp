// SPDX-License-Identifier: Apache-2.0
// Calls: that they were made, which way, and how they went.
#include <catch2/catch_test_macros.hpp>

#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

Event call(std::string_view members) {
  return only_event(change_of_line(
      fmt::format(R"("calls":[{{"id":"wacid.1","timestamp":"1795442400",{}}}])", members),
      "calls"));
}

}  // namespace

TEST_CASE("a call's direction is the provider's word, else whose number placed it") {
  constexpr std::string_view from_them = R"("from":"5491155550101","to":"5491150000001")";
  constexpr std::string_view from_us = R"("from":"5491150000001","to":"5491155550101")";
  const auto check = [](const Event& event, Direction direction) {
    CHECK(event.kind == RecordKind::message);
    CHECK(event.type == "call");
    CHECK(event.direction == direction);
    CHECK(event.party.number == "+5491155550101");
  };
  check(call(fmt::format(R"("event":"connect",{})", from_them)), Direction::in);
  check(call(fmt::format(R"("event":"connect",{})", from_us)), Direction::out);
  check(call(fmt::format(R"("event":"connect","direction":"USER_INITIATED",{})", from_us)),
        Direction::in);
  check(call(fmt::format(R"("event":"connect","direction":"BUSINESS_INITIATED",{})", from_them)),
        Direction::out);
}

TEST_CASE("what follows a call is a state of it, of any name") {
  const Event event = call(R"("event":"terminate","from":"5491155550101","duration":7)");
  CHECK(event.kind == RecordKind::status);
  CHECK(event.type == "call:terminate");
  CHECK(event.provider_id == "wacid.1");
  CHECK(event.details == R"({"call":{"duration":"7"}})");
  CHECK(call(R"("event":"teleport","from":"5491155550101")").type == "call:teleport");
}

TEST_CASE("a state of type call is a call's, in either field") {
  for (const char* field : {"calls", "messages"}) {
    const Event event = only_event(change_of_line(
        R"("statuses":[{"id":"wacid.1","timestamp":"1","type":"call","status":"RINGING","recipient_id":"5491155550101"}])",
        field));
    CHECK(event.kind == RecordKind::status);
    CHECK(event.type == "call:RINGING");
    CHECK(event.direction == Direction::out);
    CHECK(event.party.number == "+5491155550101");
  }
}

TEST_CASE("a damaged call is kept unrecognised") {
  CHECK(only_event(change_of_line(R"("calls":[7])", "calls")).type == "calls:not-an-object");
  CHECK(only_event(change_of_line(R"("statuses":[7])", "calls")).type == "calls:not-an-object");
  CHECK(call(R"("event":"")").type == "calls:event");
  CHECK(call(R"("event":"connect","from":7)").type == "calls:party");
  CHECK(call(R"("event":"connect","id":"")").type == "calls:id");
  CHECK(call(R"("event":"connect","timestamp":"soon")").type == "calls:timestamp");
  CHECK(call(fmt::format(R"("event":"connect","id":"{}")", std::string(1000, 'x'))).type ==
        "calls:id");
  CHECK(
      only_event(change_of_line(R"("statuses":[{"id":"wacid.1","type":"call"}])", "calls")).type ==
      "calls:status");
}
