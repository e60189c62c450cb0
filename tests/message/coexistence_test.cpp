// SPDX-License-Identifier: Apache-2.0
// What the phone's app tells: echoes of what was sent from it, the history before the line was
// linked, its address book.
#include <catch2/catch_test_macros.hpp>

#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

const Party maria{"+5491155550101", "", ""};

Event echo(std::string_view members) {
  return only_event(change_of_line(
      fmt::format(
          R"("message_echoes":[{{"id":"wamid.E1","timestamp":"1795442400","type":"text","text":{{"body":"Hola"}},{}}}])",
          members),
      "smb_message_echoes"));
}

std::vector<Event> history(std::string_view chunk) {
  return interpret_meta(change_of_line(fmt::format(R"("history":[{}])", chunk), "history"),
                        our_lines())
      .events;
}

Event in_thread(std::string_view thread, std::string_view members) {
  const auto events = history(fmt::format(
      R"({{"threads":[{{{},"messages":[{{"id":"wamid.H1","timestamp":"1","type":"text","text":{{"body":"Hola"}},{}}}]}}]}})",
      thread, members));
  return events.size() == 1 ? events.front() : Event();
}

}  // namespace

TEST_CASE("an echo is the line's own, to the side whose number is not the line's") {
  for (const char* sides :
       {R"("from":"5491150000001","to":"5491155550101")",
        R"("from":"5491150000001","to":"+5491155550101")",
        R"("from":"+54 9 11 5000-0001","to":"541155550101")", R"("to":"+5491155550101")",
        R"("from":"5491155550101","to":"5491150000001")",
        R"("from":"525555550104","to":"5491155550101")"}) {
    INFO(sides);
    const Event event = echo(sides);
    CHECK(event.kind == RecordKind::message);
    CHECK(event.via == Via::app);
    CHECK(event.direction == Direction::out);
    CHECK(event.party == maria);
    CHECK(event.text == "Hola");
  }
}

TEST_CASE("an echo to a hidden number, to nobody or to the line itself is kept") {
  CHECK(echo(R"("from":"5491150000001","to_user_id":"AR.1")").party == Party{"", "AR.1", ""});
  CHECK(echo(R"("from":"5491150000001")").party == Party{});
  CHECK(echo(R"("from":"5491150000001","to":"5491150000001")").party.number == our_line.value());
}

TEST_CASE("an echo with an addressee that is no text or too long is kept unrecognised") {
  CHECK(echo(R"("to":5491155550101)").type == "smb_message_echoes:party");
  CHECK(echo(fmt::format(R"("to":"{}")", std::string(1000, '1'))).type ==
        "smb_message_echoes:party");
  CHECK(echo(fmt::format(R"("to_user_id":"{}")", std::string(1000, 'x'))).type ==
        "smb_message_echoes:party");
  CHECK(echo(R"("to":"5491155550101","id":"")").type == "smb_message_echoes:id");
}

TEST_CASE(
    "a thread's messages are of its party, and the sender's number says which way they went") {
  const auto direction_of = [](std::string_view members) {
    const Event event = in_thread(R"("id":"5491155550101")", members);
    CHECK(event.kind == RecordKind::message);
    CHECK(event.via == Via::history);
    CHECK(event.party == maria);
    return event.direction;
  };
  CHECK(direction_of(R"("from":"5491155550101")") == Direction::in);
  CHECK(direction_of(R"("from":"5491150000001")") == Direction::out);
  CHECK(direction_of(R"("from":"+54 9 11 5000-0001","to":"5491155550101")") == Direction::out);
  CHECK(direction_of(R"("to":"5491155550101")") == Direction::out);
  CHECK(direction_of(R"("to_user_id":"AR.1")") == Direction::out);
  CHECK(direction_of(R"("to":"5491150000001","from_user_id":"AR.1")") == Direction::in);
  CHECK(direction_of(R"("from_user_id":"AR.1")") == Direction::in);
}

TEST_CASE("a thread of a hidden number is of its user id, wherever that stands") {
  CHECK(in_thread(R"("id":"BR.1")", R"("from_user_id":"BR.1")").party == Party{"", "BR.1", ""});
  CHECK(in_thread(R"("id":"x","context":{"user_id":"BR.1","wa_id":"5491155550101"})",
                  R"("from":"5491155550101")")
            .party == Party{"+5491155550101", "BR.1", ""});
  CHECK(in_thread(R"("id":"5491155550101","context":{})", R"("from":"5491155550101")").party ==
        maria);
}

TEST_CASE("in a group's thread each message is of its sender") {
  const Event event =
      in_thread(R"("id":"GRUPO1")", R"("from":"5491155550101","group_id":"GRUPO1")");
  CHECK(event.party == maria);
  CHECK(event.details.find(R"("group_id":"GRUPO1")") != std::string::npos);
}

TEST_CASE("each part of a chunk that this version does not know keeps what it stands in") {
  const auto types_of = [](std::string_view chunk) {
    std::vector<std::string> types;
    for (const Event& event : history(chunk)) types.push_back(event.type);
    return types;
  };
  using Types = std::vector<std::string>;
  CHECK(types_of("7") == Types{"history:not-an-object"});
  CHECK(types_of("{}") == Types{"history:chunk"});
  CHECK(types_of(R"({"metadata":{"phase":0},"later":[1]})") ==
        Types{"history:progress", "history:chunk"});
  CHECK(types_of(R"({"threads":[7,{"id":"1"},{"id":5,"messages":[{}]},{"messages":[]}]})") ==
        Types{"history:thread", "history:thread", "history:thread", "history:thread"});
  CHECK(types_of(fmt::format(R"({{"threads":[{{"id":"{}","messages":[{{}}]}}]}})",
                             std::string(1000, '1'))) == Types{"history:thread"});
  CHECK(types_of(
            R"({"threads":[{"id":"5491155550101","messages":[7,{"id":"w","type":"later"}]}]})") ==
        Types{"history:not-an-object", "history:later"});
  CHECK(types_of(R"({"errors":[{"code":"2593109"}]})") == Types{"history:declined"});
  CHECK(types_of(R"({"errors":[7,{"code":1}]})") == Types{"history:errors"});
}

TEST_CASE("the same progress told by two chunks is two events, told twice by one is one") {
  const auto progress = [](std::string_view id) {
    return history(
               fmt::format(R"({{"metadata":{{"phase":0,"chunk_order":1,"progress":50}},)"
                           R"("threads":[{{"id":"5491155550101","messages":[{{"id":"{}"}}]}}]}})",
                           id))
        .front()
        .content;
  };
  CHECK(progress("a") == progress("a"));
  CHECK(progress("a") != progress("b"));
}

TEST_CASE("an address book's entry that is damaged is kept") {
  const auto sync = [](std::string_view element) {
    return only_event(
        change_of_line(fmt::format(R"("state_sync":[{}])", element), "smb_app_state_sync"));
  };
  CHECK(sync("7").type == "smb_app_state_sync:not-an-object");
  CHECK(sync("{}").type == "other:other");
  const Event odd = sync(
      R"({"type":"contact","action":"add","contact":{"phone_number":"*123#","full_name":"Banco"}})");
  CHECK(odd.party == Party{"", "*123#", "Banco"});
  CHECK(sync(R"({"type":"contact","action":"add","contact":{"full_name":""}})").party == Party{});
}
