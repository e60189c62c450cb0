// SPDX-License-Identifier: Apache-2.0
// Deliveries that are damaged, hostile or odd: all of them signed by the provider, so all of them
// are kept.
#include <array>

#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"
#include "message/body.hpp"
#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

const Provenance from_meta{"meta", crypto::sha256(as_bytes("delivery")),
                           Timestamp::from_micros(1'795'442'401'000'001)};

/// The event survives being written and read, and its body is canonical.
void check_round_trip(const Event& event, std::string_view delivery) {
  const std::string body = make_body(event, from_meta, delivery);
  CHECK(json::is_canonical(body));
  const auto stored = read_body(event.kind, body);
  REQUIRE(stored);
  CHECK(stored->event == event);
  CHECK(stored->payload == delivery.substr(event.offset, event.length));
}

void check_kept_whole(const std::string& body) {
  const Event event = only_event(body);
  CHECK(event.kind == RecordKind::unrecognised);
  CHECK(event.type == "not-json");
  CHECK(event.line.value().empty());
  CHECK(event.offset == 0);
  CHECK(event.length == body.size());
  check_round_trip(event, body);
}

/// A text message with `body` as JSON text gives `expected` as text.
void check_text(std::string_view body, std::string_view expected) {
  const std::string delivery = delivery_of(text_message(body));
  const Event event = only_event(delivery);
  CHECK(event.kind == RecordKind::message);
  CHECK(event.text == expected);
  check_round_trip(event, delivery);
}

}  // namespace

TEST_CASE("a delivery truncated at any byte is kept whole") {
  const std::string whole = delivery_of(text_message("Hola"));
  for (std::size_t length = 0; length < whole.size(); ++length)
    check_kept_whole(whole.substr(0, length));
}

TEST_CASE("a deeply nested body is kept whole") {
  for (const std::size_t depth : {65UL, 1000UL, 1'500'000UL}) {
    check_kept_whole(std::string(depth, '[') + std::string(depth, ']'));
    check_kept_whole(delivery_of(std::string(depth, '[')));
  }
  std::string objects;
  for (int i = 0; i < 200'000; ++i) objects += R"({"a":)";
  check_kept_whole(objects);
}

TEST_CASE("a body that is not UTF-8 is kept whole, in base64") {
  for (const std::string_view bytes : {"\xff", "\xc3(", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    check_kept_whole(delivery_of(text_message(bytes)));
  }
  check_kept_whole("\xef\xbb\xbf" + delivery_of(text_message("a byte order mark before it")));
  check_kept_whole(std::string("\0\0\0", 3));
}

TEST_CASE("a delivery with something after it is kept whole") {
  check_kept_whole(delivery_of(text_message("Hola")) + "x");
  check_kept_whole(delivery_of(text_message("Hola")) + std::string(1, '\0'));
}

TEST_CASE("a text with NUL survives") {
  check_text(R"(antes\u0000despu\u00e9s)", std::string_view("antes\0después", 14));
  check_text(R"(\u0000)", std::string_view("\0", 1));
}

TEST_CASE("lone surrogates are read as the replacement character and kept as they were sent") {
  check_text(R"(a\ud800b)", "a\uFFFDb");
  check_text(R"(a\udc00)", "a\uFFFD");
  check_text(R"(\ud83d\ud83d\ude00)", "\uFFFD😀");
  check_text(R"(\\ud800 \ud83d\ude00)", "\\ud800 😀");
}

TEST_CASE("a text of 65,536 characters is kept whole") {
  const std::string plain(65'536, 'a');
  check_text(plain, plain);
  std::string wide;
  for (int i = 0; i < 65'536; ++i) wide += "\U0001F600";
  check_text(wide, wide);
}

TEST_CASE("right-to-left marks, controls and line separators stay in the text") {
  const std::string marks = "a\u202Eb\u200F\u2066c\u2028\u2029\uFEFF\xc2\x85";
  check_text(marks, marks);
  check_text(R"(\r\n\t\u001b[31m\u007f)", "\r\n\t\x1b[31m\x7f");
}

TEST_CASE("a name with line breaks or markup is only text") {
  const std::string delivery = change_of_line(fmt::format(
      R"("contacts":[{{"wa_id":"5491155550101","profile":{{"name":"A\r\nBcc: x@y.example<script>"}}}}],"messages":[{}])",
      text_message("Hola")));
  const Event event = only_event(delivery);
  CHECK(event.party.name == "A\r\nBcc: x@y.example<script>");
  check_round_trip(event, delivery);
}

TEST_CASE("numbers with and without + and with or without the mobile digit are the same party") {
  const auto party_of = [](std::string_view from) {
    return only_event(
               delivery_of(fmt::format(R"({{"id":"w","type":"unsupported","from":"{}"}})", from)))
        .party.number;
  };
  for (const char* argentina :
       {"5491155550101", "+5491155550101", "541155550101", "+541155550101"}) {
    CHECK(party_of(argentina) == "+5491155550101");
  }
  for (const char* brazil : {"5511985550102", "+5511985550102", "551185550102", "+551185550102"}) {
    CHECK(party_of(brazil) == "+5511985550102");
  }
  for (const char* mexico : {"525555550104", "+525555550104", "5215555550104", "+5215555550104"}) {
    CHECK(party_of(mexico) == "+525555550104");
  }
}

TEST_CASE("a message without from and without contact is kept as a message of nobody") {
  const std::string delivery =
      delivery_of(R"({"id":"wamid.1","timestamp":"1","text":{"body":"Hola"},"type":"text"})");
  const Event event = only_event(delivery);
  CHECK(event.kind == RecordKind::message);
  CHECK(event.party == Party{});
  CHECK(event.text == "Hola");
  check_round_trip(event, delivery);
}

TEST_CASE("a user id stands for a person without number") {
  const Event event = only_event(fixture("messages-text-user-id-only"));
  CHECK(event.kind == RecordKind::message);
  CHECK(event.party == Party{"", "BR.11111111111111111102", "João Cliente"});
}

TEST_CASE("a missing, empty, odd or too long id makes a message unrecognised") {
  const auto with_id = [](std::string_view member) {
    const std::string delivery = delivery_of(fmt::format(
        R"({{{}"from":"5491155550101","timestamp":"1","text":{{"body":"Hola"}},"type":"text"}})",
        member));
    const Event event = only_event(delivery);
    check_round_trip(event, delivery);
    CHECK(event.party.number == "+5491155550101");
    return event;
  };
  for (const std::string& member :
       {std::string(), std::string(R"("id":"",)"), std::string(R"("id":null,)"),
        std::string(R"("id":17,)"), fmt::format(R"("id":"{}",)", std::string(1000, 'x'))}) {
    const Event event = with_id(member);
    CHECK(event.kind == RecordKind::unrecognised);
    CHECK(event.type == "messages:id");
    CHECK(event.provider_id.empty());
    CHECK(event.text.empty());
  }
  const std::string longest(max_id_length, 'x');
  CHECK(with_id(fmt::format(R"("id":"{}",)", longest)).provider_id == longest);
}

TEST_CASE("other ids that are too long or odd make a message unrecognised") {
  const std::string id(1000, 'x');
  const auto type_with = [](std::string_view member) {
    const std::string delivery = delivery_of(fmt::format(
        R"({{{},"id":"wamid.1","timestamp":"1","text":{{"body":"Hola"}},"type":"text"}})", member));
    const Event event = only_event(delivery);
    CHECK(event.kind == RecordKind::unrecognised);
    CHECK(event.reply_to.empty());
    check_round_trip(event, delivery);
    return event.type;
  };
  CHECK(type_with(fmt::format(R"("from":"{}")", id)) == "messages:party");
  CHECK(type_with(R"("from":5491155550101)") == "messages:party");
  CHECK(type_with(fmt::format(R"("from_user_id":"{}")", id)) == "messages:party");
  CHECK(type_with(fmt::format(R"("context":{{"id":"{}"}})", id)) == "messages:id");
  CHECK(type_with(fmt::format(R"("group_id":"{}")", id)) == "messages:id");
  for (const std::string_view about : {R"("type":"revoke","revoke")", R"("type":"edit","edit")"}) {
    const auto named = [&](std::string_view original) {
      return only_event(delivery_of(fmt::format(
          R"({{"id":"w","timestamp":"1",{}:{{{}"message":{{"type":"text","text":{{"body":"a"}}}}}}}})",
          about, original)));
    };
    CHECK(named(R"("original_message_id":"wamid.0",)").about == "wamid.0");
    for (const std::string& original : {std::string(), std::string(R"("original_message_id":"",)"),
                                        std::string(R"("original_message_id":7,)"),
                                        fmt::format(R"("original_message_id":"{}",)", id)}) {
      CHECK(named(original).kind == RecordKind::unrecognised);
      CHECK(named(original).about.empty());
    }
  }
}

TEST_CASE("a time may be a string or an integer; what is no time makes the message unrecognised") {
  const auto with_time = [](std::string_view time) {
    return only_event(delivery_of(fmt::format(
        R"({{"id":"w","timestamp":{},"text":{{"body":"Hola"}},"type":"text"}})", time)));
  };
  CHECK(with_time("1795442400").sent == Timestamp::from_seconds(1'795'442'400));
  CHECK(with_time(R"("1795442400")").sent == Timestamp::from_seconds(1'795'442'400));
  CHECK(with_time(R"("253402300799")").sent == Timestamp::from_seconds(253'402'300'799));
  CHECK(with_time("null").sent == Timestamp());
  CHECK(with_time("null").kind == RecordKind::message);
  for (const char* time :
       {R"("253402300800")", "253402300800", R"("-1")", "-1", R"("")", R"("soon")",
        R"("1795442400.5")", R"(" 1")", R"("+1")", R"("0x10")", "1795442400.5", "1e3",
        R"("1795442400000")", R"("99999999999999999999")", "18446744073709551615", "[]", "true"}) {
    INFO(time);
    const Event event = with_time(time);
    CHECK(event.kind == RecordKind::unrecognised);
    CHECK(event.type == "messages:timestamp");
    CHECK(event.sent == Timestamp());
    CHECK(event.provider_id == "w");
  }
}

TEST_CASE("elements of messages that are no objects are kept one by one") {
  constexpr std::array<std::string_view, 6> elements{"null",    "true", "-1.5e3",
                                                     R"("a]")", "[{}]", R"([",{"])"};
  std::string list;
  for (const auto element : elements)
    list += fmt::format("{}{}", list.empty() ? "" : " , ", element);
  const std::string delivery = change_of_line(fmt::format(R"("messages":[{}])", list));
  const auto understood = interpret_meta(delivery, our_lines());
  REQUIRE(understood.events.size() == elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Event& event = understood.events[i];
    CHECK(event.type == "messages:not-an-object");
    CHECK(event.line == our_line);
    CHECK(std::string_view(delivery).substr(event.offset, event.length) == elements[i]);
    check_round_trip(event, delivery);
  }
}
