// SPDX-License-Identifier: Apache-2.0
// The envelope: whose line, which slice, what is counted instead of kept.
#include "message/interpret.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

std::string_view slice_of(const std::string& body, const Event& event) {
  return std::string_view(body).substr(event.offset, event.length);
}

/// A delivery of account events: changes as JSON text.
std::string account_delivery(std::string_view changes, std::string_view time = "1776700000") {
  return fmt::format(
      R"({{"object":"whatsapp_business_account","entry":[{{"id":"1","time":{},"changes":[{}]}}]}})",
      time, changes);
}

}  // namespace

TEST_CASE("a message keeps exactly its own bytes of the delivery") {
  const std::string message = text_message("Hola");
  const std::string body = "\n " + delivery_of(" " + message + "\t") + "\n";
  const Event event = only_event(body);
  CHECK(event.kind == RecordKind::message);
  CHECK(slice_of(body, event) == message);
}

TEST_CASE("several messages, states and errors of one value come in order, each with its slice") {
  const std::string body = change_of_line(fmt::format(
      R"("statuses":[{}],"contacts":[],"errors":[{{"code":1}}],"messages":[{},{}])",
      R"({"id":"wamid.S","status":"read","timestamp":1795442400,"recipient_id":"5491155550101"})",
      text_message("uno", "wamid.1"), text_message("dos", "wamid.2")));
  const auto understood = interpret_meta(body, our_lines());
  REQUIRE(understood.events.size() == 4);
  CHECK(understood.events[0].text == "uno");
  CHECK(understood.events[1].text == "dos");
  CHECK(slice_of(body, understood.events[1]) == text_message("dos", "wamid.2"));
  CHECK(understood.events[2].kind == RecordKind::status);
  CHECK(understood.events[3].kind == RecordKind::line);
  CHECK(understood.events[3].type == "messages:errors");
  CHECK(slice_of(body, understood.events[3]) == R"({"code":1})");
  for (const Event& event : understood.events) CHECK(event.line == our_line);
  CHECK(understood.not_monitored == 0);
  CHECK(understood.foreign.empty());
}

TEST_CASE("the line is found by its number where the provider's id is unknown") {
  for (const char* metadata :
       {R"({"display_phone_number":"+54 9 11 5000-0001","phone_number_id":"77"})",
        R"({"display_phone_number":"541150000001"})", R"({"phone_number_id":"106540352242922"})"}) {
    const std::string body = fmt::format(
        R"({{"entry":[{{"changes":[{{"field":"messages","value":{{"messages":[{}],"metadata":{}}}}}]}}]}})",
        text_message("Hola"), metadata);
    const Event event = only_event(body);
    CHECK(event.kind == RecordKind::message);
    CHECK(event.line == our_line);
  }
}

TEST_CASE("what concerns other lines is counted, cut out and never in an event") {
  const auto foreign = interpret_meta(fixture("foreign-line"), our_lines());
  CHECK(foreign.events.empty());
  CHECK(foreign.not_monitored == 1);
  CHECK(foreign.foreign.size() == 1);

  const std::string mixed = fixture("mixed-lines");
  const auto understood = interpret_meta(mixed, our_lines());
  REQUIRE(understood.events.size() == 1);
  CHECK(understood.events[0].text == "Este sí: es de la línea del estudio.");
  CHECK(understood.not_monitored == 1);
  REQUIRE(understood.foreign.size() == 1);
  std::string kept = mixed;
  kept.erase(understood.foreign[0].first, understood.foreign[0].second);
  CHECK(kept.find("Tampoco") == std::string::npos);
  CHECK(kept.find("Pedro") == std::string::npos);
  CHECK(kept.find("5491150000099") == std::string::npos);
  CHECK(kept.find("Este sí") != std::string::npos);
}

TEST_CASE("each message, state and other element of a foreign line counts") {
  const auto count = [](const std::string& body) {
    return interpret_meta(body, LineBook({})).not_monitored;
  };
  CHECK(count(change_of_line(
            R"("contacts":[1,2,3],"messages":[1,2],"statuses":[3],"errors":[4])")) == 4);
  CHECK(count(change_of_line(R"("message_echoes":[{},{}])", "smb_message_echoes")) == 2);
  CHECK(count(change_of_line(R"("messages":[])")) == 1);
  CHECK(count(change_of_line(R"("event":"X")", "account_update")) == 1);
}

TEST_CASE("fields of a later version are kept whole, with the line they name") {
  for (const char* field : {"message_echoes", "smb_message_edits", "voicemail"}) {
    const std::string body = change_of_line(R"("messages":[{"id":"wamid.1"}])", field);
    const Event event = only_event(body);
    CHECK(event.kind == RecordKind::unrecognised);
    CHECK(event.type == field);
    CHECK(event.line == our_line);
    CHECK(slice_of(body, event).starts_with(R"({"value":)"));
    CHECK(slice_of(body, event).ends_with(fmt::format(R"("field":"{}"}})", field)));
  }
  CHECK(only_event(change_of_line(R"("a":1)", "<script>")).type == "other");
}

TEST_CASE("an account event belongs to the line whose number it gives") {
  for (const char* value :
       {R"({"phone_number":"5491150000001"})", R"({"display_phone_number":"+54 9 11 5000-0001"})",
        R"({"phone_number_settings":{"phone_number_id":"106540352242922"}})"}) {
    const Event event = only_event(
        account_delivery(fmt::format(R"({{"field":"account_update","value":{}}})", value)));
    CHECK(event.kind == RecordKind::line);
    CHECK(event.type == "account_update");
    CHECK(event.line == our_line);
    CHECK(event.sent == Timestamp::from_seconds(1'776'700'000));
  }
}

TEST_CASE("an account event that names another line is not kept") {
  for (const char* value :
       {R"({"phone_number":"5491150000099"})", R"({"display_phone_number":"15550783881"})",
        R"({"phone_number_settings":{"phone_number_id":"106540352242999"}})",
        R"({"phone_number":"unreadable"})"}) {
    const std::string body =
        account_delivery(fmt::format(R"({{"field":"account_update","value":{}}})", value));
    const auto understood = interpret_meta(body, our_lines());
    CHECK(understood.events.empty());
    CHECK(understood.not_monitored == 1);
    CHECK(understood.foreign.size() == 1);
  }
}

TEST_CASE("an account event that names no line concerns the whole account") {
  const Event event = only_event(
      account_delivery(R"({"field":"account_update","value":{"event":"ACCOUNT_VIOLATION"}})"));
  CHECK(event.kind == RecordKind::line);
  CHECK(event.type == "account_update:ACCOUNT_VIOLATION");
  CHECK(event.line.value().empty());
  CHECK(event.sent == Timestamp::from_seconds(1'776'700'000));
}

TEST_CASE("the same account event at another time is another event") {
  const char* change = R"({"field":"account_update","value":{"event":"ACCOUNT_VIOLATION"}})";
  const auto at = [&](const char* time) {
    return only_event(account_delivery(change, time)).content;
  };
  CHECK(at("1776700000") == at("1776700000"));
  CHECK(at("1776700000") == at(R"("1776700000")"));
  CHECK(at("1776700000") != at("1776700001"));
}

TEST_CASE("a messages change without a line is kept but not taken apart") {
  const std::string body = fmt::format(
      R"({{"entry":[{{"changes":[{{"field":"messages","value":{{"messages":[{}]}}}}]}}]}})",
      text_message("Hola"));
  const Event event = only_event(body);
  CHECK(event.kind == RecordKind::unrecognised);
  CHECK(event.type == "messages");
  CHECK(event.line.value().empty());
}

TEST_CASE("parts of a messages value that this version does not know keep the whole change") {
  CHECK(only_event(change_of_line(R"("messages":[])")).type == "messages");
  CHECK(only_event(change_of_line(R"("messages":{"id":"a"})")).type == "messages");
  CHECK(only_event(change_of_line(R"("reports":[{"id":"a"}])")).type == "messages");
  const auto both =
      interpret_meta(change_of_line(fmt::format(R"("reports":[{{"id":"a"}}],"messages":[{}])",
                                                text_message("Hola"))),
                     our_lines());
  REQUIRE(both.events.size() == 2);
  CHECK(both.events[0].kind == RecordKind::message);
  CHECK(both.events[1].type == "messages");
  const auto scalar =
      interpret_meta(change_of_line(fmt::format(R"("new_member":{{"a":1}},"messages":[{}])",
                                                text_message("Hola"))),
                     our_lines());
  CHECK(scalar.events.size() == 1);
}

TEST_CASE("every shape that is no envelope becomes one unrecognised event over the whole body") {
  for (const char* shape : {"null", "true", "7", "\"text\"", "[]", "{}", R"({"entry":{}})",
                            R"({"entry":[]})", R"({"object":"page"})", R"([{"entry":[]}])"}) {
    const std::string body = fmt::format(" {} ", shape);
    const Event event = only_event(body);
    CHECK(event.kind == RecordKind::unrecognised);
    CHECK(event.type == "no-envelope");
    CHECK(slice_of(body, event) == shape);
  }
}

TEST_CASE("entries and changes of another shape are kept one by one") {
  const std::string body =
      R"({"entry":[null,{"changes":[]},{"changes":[5,{"field":"messages"},{"value":{}}]}]})";
  const auto understood = interpret_meta(body, our_lines());
  std::vector<std::string> types;
  std::vector<std::string_view> slices;
  for (const Event& event : understood.events) {
    types.push_back(event.type);
    slices.push_back(slice_of(body, event));
    CHECK(event.kind == RecordKind::unrecognised);
  }
  CHECK(types == std::vector<std::string>{"entry", "entry", "change", "messages", "change"});
  CHECK(slices == std::vector<std::string_view>{"null", R"({"changes":[]})", "5",
                                                R"({"field":"messages"})", R"({"value":{}})"});
}

TEST_CASE("a body of an unknown shape that names only other lines is not kept") {
  for (
      const char* body :
      {R"({"data":{"metadata":{"phone_number_id":"106540352242999"},"messages":[{"text":"x"}]}})",
       R"({"entry":{"changes":[{"value":{"metadata":{"display_phone_number":"15550783881"}}}]}})",
       R"({"entry":[{"changes":{"value":{"metadata":{"display_phone_number":"15550783881"}}}}]})"}) {
    const auto understood = interpret_meta(body, our_lines());
    CHECK(understood.events.empty());
    CHECK(understood.not_monitored == 1);
    CHECK(understood.foreign.size() == 1);
  }
  const Event ours = only_event(
      R"({"field":"messages","value":{"metadata":{"phone_number_id":"106540352242922"}}})");
  CHECK(ours.line == our_line);
}

TEST_CASE("a member that stands twice counts once, the last one, as the JSON reader says") {
  const std::string message =
      R"({"from":"5491155550101","id":"wamid.1","id":"wamid.2","timestamp":"1","text":{"body":"a"},)"
      R"("text":{"body":"b"},"type":"text"})";
  const std::string body = delivery_of(message);
  const Event event = only_event(body);
  CHECK(event.provider_id == "wamid.2");
  CHECK(event.text == "b");
  CHECK(slice_of(body, event) == message);
}

TEST_CASE("a delivery of thousands of changes is taken apart") {
  std::string changes;
  for (int i = 0; i < 2000; ++i) {
    if (i > 0) changes += ',';
    const bool ours = i % 2 == 0;
    changes += fmt::format(
        R"({{"field":"messages","value":{{"metadata":{{"phone_number_id":"{}"}},"messages":[{}]}}}})",
        ours ? our_line_id : "106540352242999",
        text_message(fmt::format("texto {}", i), fmt::format("wamid.{}", i)));
  }
  const std::string body = account_delivery(changes);
  const auto understood = interpret_meta(body, our_lines());
  CHECK(understood.not_monitored == 1000);
  CHECK(understood.foreign.size() == 1000);
  REQUIRE(understood.events.size() == 1000);
  CHECK(understood.events[999].text == "texto 1998");
}

TEST_CASE("a hundred thousand messages in one body are each an event") {
  std::string messages;
  constexpr int count = 100'000;
  for (int i = 0; i < count; ++i) messages += fmt::format(R"(,{{"id":"{}","type":"sticker"}})", i);
  const std::string body = change_of_line(fmt::format(R"("messages":[{}])", messages.substr(1)));
  const auto understood = interpret_meta(body, our_lines());
  REQUIRE(understood.events.size() == count);
  std::set<crypto::Digest> contents;
  for (const Event& event : understood.events) contents.insert(event.content);
  CHECK(contents.size() == count);
  CHECK(slice_of(body, understood.events.back()) == R"({"id":"99999","type":"sticker"})");
}

TEST_CASE("many contacts beside many messages are matched without comparing all with all") {
  std::string contacts;
  std::string messages;
  constexpr int count = 20'000;  // 4 * 10^8 comparisons would run into the test's time limit
  for (int i = 0; i < count; ++i) {
    contacts += fmt::format(R"(,{{"wa_id":"54911{:08}","profile":{{"name":"P{}"}}}})", i, i);
    messages += fmt::format(R"(,{{"from":"54911{:08}","id":"w{}","type":"unsupported"}})",
                            count - 1 - i, i);
  }
  const auto understood =
      interpret_meta(change_of_line(fmt::format(R"("contacts":[{}],"messages":[{}])",
                                                contacts.substr(1), messages.substr(1))),
                     our_lines());
  REQUIRE(understood.events.size() == count);
  CHECK(understood.events.front().party.name == "P19999");
  CHECK(understood.events.back().party.name == "P0");
}

TEST_CASE("a delivery of more things than any real one has is kept whole") {
  std::string elements(2 * max_events, '0');
  for (std::size_t i = 1; i < elements.size(); i += 2) elements[i] = ',';
  elements.pop_back();
  for (const std::string& body :
       {change_of_line(fmt::format(R"("messages":[{}])", elements)), account_delivery(elements),
        fmt::format(R"({{"entry":[{},0]}})", elements)}) {
    const auto understood = interpret_meta(body, our_lines());
    REQUIRE(understood.events.size() == 1);
    CHECK(understood.events[0].type == "too-many");
    CHECK(understood.events[0].length == body.size());
  }
}
