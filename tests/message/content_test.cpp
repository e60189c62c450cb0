// SPDX-License-Identifier: Apache-2.0
// Event::content: equal for repeats of a thing, different for everything else.
#include "message/content.hpp"

#include <catch2/catch_test_macros.hpp>

#include "message/element.hpp"
#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

crypto::Digest content_of(const std::string& delivery) {
  const auto understood = interpret_meta(delivery, our_lines());
  REQUIRE_FALSE(understood.events.empty());
  return understood.events.front().content;
}

crypto::Digest content_of_message(std::string_view message) {
  return content_of(delivery_of(message));
}

}  // namespace

TEST_CASE("a message delivered again has the same content, alone or in another batch") {
  const std::string message = text_message("Hola");
  const auto alone = content_of(delivery_of(message));
  CHECK(content_of(delivery_of(message)) == alone);
  CHECK(content_of(change_of_line(
            fmt::format(R"("contacts":[{{"wa_id":"5491155550101"}}],"messages":[{},{}])", message,
                        text_message("otro", "wamid.2")))) == alone);
  CHECK(content_of("  " + delivery_of("\n" + message + " ")) == alone);
}

TEST_CASE("white space, order of members and spelling of characters do not change the content") {
  const auto content = content_of_message(
      R"({"from":"5491155550101","id":"wamid.1","timestamp":"1","text":{"body":"¿Cuánto?/"},"type":"text"})");
  CHECK(content_of_message(R"({ "type" : "text", "text":{"body":"\u00bfCu\u00e1nto?\/"},
       "timestamp":"1","id":"wamid.1","from":"5491155550101" })") == content);
}

TEST_CASE("any other text, id, type or member is another content") {
  const auto content = content_of_message(text_message("Hola"));
  CHECK(content_of_message(text_message("Hola ")) != content);
  CHECK(content_of_message(text_message("Hola", "wamid.A2")) != content);
  CHECK(content_of_message(R"({"from":"5491155550101","id":"wamid.A1","timestamp":"1795442400",)"
                           R"("unsupported":{"body":"Hola"},"type":"unsupported"})") != content);
  CHECK(content_of_message(R"({"from":"5491155550101","id":"wamid.A1","timestamp":"1795442400",)"
                           R"("text":{"body":"Hola"},"type":"text","new":null})") != content);
}

TEST_CASE("one message has one content live, as an echo and in a history, whoever is named how") {
  constexpr std::string_view said = R"("id":"wamid.A1","type":"text","text":{"body":"Hola"})";
  const auto live = content_of_message(
      fmt::format(R"({{"from":"5491155550101","timestamp":"1795442400",{}}})", said));
  CHECK(
      content_of_message(fmt::format(
          R"({{"from_user_id":"AR.1","from_parent_user_id":"AR.ENT.1","timestamp":1795442400,{}}})",
          said)) == live);
  CHECK(
      content_of(change_of_line(
          fmt::format(
              R"("message_echoes":[{{"from":"5491150000001","to":"+5491155550101","to_user_id":"AR.1",)"
              R"("timestamp":"1795442400",{}}}])",
              said),
          "smb_message_echoes")) == live);
  CHECK(
      content_of(change_of_line(
          fmt::format(
              R"("history":[{{"threads":[{{"id":"5491155550101","messages":[{{"from":"5491155550101",)"
              R"("timestamp":"1795442402","history_context":{{"status":"READ"}},{}}}]}}]}}])",
              said),
          "history")) == live);
  CHECK(content_of(change_of_line(
            fmt::format(R"("messages":[{{"from":"5491155550101","timestamp":"1795442402",{}}}])",
                        said),
            "history")) == live);
}

TEST_CASE("an edit and a revocation have one content live, as an echo and in a history") {
  for (const std::string_view said :
       {R"("id":"wamid.A2","type":"revoke","revoke":{"original_message_id":"wamid.A1"})",
        R"("id":"wamid.A2","type":"edit","edit":{"original_message_id":"wamid.A1",)"
        R"("message":{"type":"text","text":{"body":"Chau"}}})"}) {
    const auto live = content_of_message(
        fmt::format(R"({{"from":"5491150000001","timestamp":"1795442400",{}}})", said));
    CHECK(
        content_of(change_of_line(
            fmt::format(
                R"("message_echoes":[{{"from":"5491150000001","to":"5491155550101","timestamp":"1795442400",{}}}])",
                said),
            "smb_message_echoes")) == live);
    CHECK(
        content_of(change_of_line(
            fmt::format(
                R"("history":[{{"threads":[{{"id":"5491155550101","messages":[{{"from":"5491150000001",)"
                R"("timestamp":"1795442400","history_context":{{"status":"READ"}},{}}}]}}]}}])",
                said),
            "history")) == live);
  }
}

TEST_CASE("states of one message differ by their time and by whom they concern") {
  const auto state = [](std::string_view time, std::string_view recipient) {
    return content_of(change_of_line(fmt::format(
        R"("statuses":[{{"id":"wamid.1","status":"read","timestamp":"{}","recipient_id":"{}"}}])",
        time, recipient)));
  };
  CHECK(state("1", "5491155550101") == state("1", "5491155550101"));
  CHECK(state("1", "5491155550101") != state("2", "5491155550101"));
  CHECK(state("1", "5491155550101") != state("1", "5491155550102"));
}

TEST_CASE(
    "a notice of an unavailable message and the message itself are two contents under one id") {
  const auto notice = only_event(fixture("messages-unavailable"));
  const auto message = only_event(fixture("messages-unavailable-redelivered"));
  CHECK(notice.provider_id == message.provider_id);
  CHECK(notice.kind == RecordKind::message);
  CHECK(notice.content != message.content);
}

TEST_CASE("a media object's short-lived url does not change the content, another file does") {
  const auto image = [](std::string_view url, std::string_view id) {
    return content_of_message(fmt::format(
        R"({{"id":"wamid.1","type":"image","image":{{"id":"{}","mime_type":"image/jpeg"{}}}}})", id,
        url));
  };
  const auto content = image("", "9");
  CHECK(image(R"(,"url":"https://x.example/?hash=1")", "9") == content);
  CHECK(image(R"(,"url":"https://x.example/?hash=2")", "9") == content);
  CHECK(image(R"(,"url":"https://x.example/?hash=1")", "8") != content);
  const auto edit = [](std::string_view url) {
    return content_of_message(fmt::format(
        R"({{"id":"wamid.1","type":"edit","edit":{{"message":{{"image":{{"mime_type":"image/jpeg","url":"{}"}}}}}}}})",
        url));
  };
  CHECK(edit("https://x.example/1") == edit("https://x.example/2"));
}

TEST_CASE("a url that is part of what was said is content") {
  const auto location = [](std::string_view url) {
    return content_of_message(fmt::format(
        R"({{"id":"wamid.1","type":"location","location":{{"latitude":1,"url":"{}"}}}})", url));
  };
  CHECK(location("https://maps.example/1") != location("https://maps.example/2"));
}

TEST_CASE("integers that one double cannot tell apart are different contents") {
  const auto numbered = [](std::string_view number) {
    return content_of_message(
        fmt::format(R"({{"id":"wamid.1","type":"new","n":[{{"n":{}}}]}})", number));
  };
  CHECK(numbered("9007199254740992") != numbered("9007199254740993"));
  CHECK(numbered("-9007199254740992") != numbered("-9007199254740993"));
  CHECK(numbered("18446744073709551614") != numbered("18446744073709551615"));
}

TEST_CASE("the same message on another line is another content") {
  const LineBook both(
      {{our_line, PhoneNumberId("106540352242922")}, {E164("+5491150000002"), PhoneNumberId("2")}});
  const auto on = [&](std::string_view id) {
    return interpret_meta(
               fmt::format(
                   R"({{"entry":[{{"changes":[{{"field":"messages","value":{{"metadata":{{"phone_number_id":"{}"}},)"
                   R"("messages":[{}]}}}}]}}]}})",
                   id, text_message("Hola")),
               both)
        .events.at(0)
        .content;
  };
  CHECK(on("106540352242922") != on("2"));
}

TEST_CASE("bytes cannot move from one field of the content into the next") {
  Event a;
  a.line = E164("+5491");
  a.provider_id = "1wamid";
  Event b = a;
  b.line = E164("+54911");
  b.provider_id = "wamid";
  CHECK(content_digest(a, json::Value("x")) != content_digest(b, json::Value("x")));
  CHECK(content_digest(a, json::Value("x"), "y") != content_digest(a, json::Value("x")));
  b = a;
  b.kind = RecordKind::message;
  CHECK(content_digest(a, json::Value("x")) != content_digest(b, json::Value("x")));
}

TEST_CASE("bodies that are no JSON differ by every byte") {
  CHECK(content_of("{") == content_of("{"));
  CHECK(content_of("{") != content_of("{ "));
  CHECK(content_of("") != content_of(" "));
}

TEST_CASE("a line's error that comes again on another day is another, on the same day a repeat") {
  const auto errors =
      change_of_line(R"("errors":[{"code":131000,"title":"Something went wrong"}])");
  const auto received = [&](std::int64_t seconds) {
    auto event = interpret_meta(errors, our_lines()).events.at(0);
    tell_apart_by_day(event, Timestamp::from_seconds(seconds));
    return event.content;
  };
  constexpr std::int64_t noon = 1'795'521'600;
  CHECK(received(noon) == received(noon + 3600));
  CHECK_FALSE(received(noon) == received(noon + 86'400));

  for (const auto& dated :
       {delivery_of(text_message("Hola")),
        change_of_line(R"("statuses":[{"id":"w","status":"read","timestamp":"1"}])")}) {
    auto event = interpret_meta(dated, our_lines()).events.at(0);
    const auto before = event.content;
    tell_apart_by_day(event, Timestamp::from_seconds(noon));
    CHECK(event.content == before);
  }
}
