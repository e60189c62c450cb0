// SPDX-License-Identifier: Apache-2.0
// What each type of message gives: text that a person can read, and details.
#include "message/message_types.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"
#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

/// A message with these members besides the common ones.
Event message_with(std::string_view members) {
  const Event event = only_event(delivery_of(fmt::format(
      R"({{"from":"5491155550101","id":"wamid.A1","timestamp":"1795442400",{}}})", members)));
  CHECK(json::is_canonical(event.details));
  return event;
}

void check_message(const Event& event, std::string_view type, std::string_view text,
                   std::string_view details) {
  CHECK(event.kind == RecordKind::message);
  CHECK(event.type == type);
  CHECK(event.text == text);
  CHECK(event.details == details);
  CHECK(event.provider_id == "wamid.A1");
  CHECK(event.party.number == "+5491155550101");
  CHECK(event.sent == Timestamp::from_seconds(1'795'442'400));
  CHECK(event.direction == Direction::in);
}

void check_unrecognised(const Event& event, std::string_view type) {
  CHECK(event.kind == RecordKind::unrecognised);
  CHECK(event.type == type);
  CHECK(event.line == our_line);
  CHECK(event.text.empty());
  CHECK(event.reply_to.empty());
  CHECK(event.details == "{}");
  CHECK(event.provider_id == "wamid.A1");
}

}  // namespace

TEST_CASE("a text message gives its body") {
  check_message(message_with(R"("type":"text","text":{"body":"Hola"})"), "text", "Hola", "{}");
  check_message(message_with(R"("text":{"body":""},"type":"text")"), "text", "", "{}");
  check_unrecognised(message_with(R"("type":"text","text":{})"), "messages:text");
  check_unrecognised(message_with(R"("type":"text","text":{"body":5})"), "messages:text");
}

TEST_CASE("media give caption and file name as text, and what finds and proves the file") {
  check_message(
      message_with(
          R"("type":"document","document":{"id":"9","mime_type":"application/pdf","sha256":"mu=",)"
          R"("filename":"contrato.pdf","caption":"Firmado","url":"https://x.example"})"),
      "document", "Firmado\ncontrato.pdf",
      R"({"media":{"filename":"contrato.pdf","id":"9","mime_type":"application/pdf","sha256":"mu="}})");
  check_message(
      message_with(R"("type":"audio","audio":{"id":"9","mime_type":"audio/ogg","voice":true})"),
      "audio", "", R"({"media":{"id":"9","mime_type":"audio/ogg","voice":"true"}})");
  check_message(
      message_with(R"("type":"sticker","sticker":{"id":9007199254740993,"animated":false})"),
      "sticker", "", R"({"media":{"animated":"false","id":"9007199254740993"}})");
  for (const char* type : {"image", "video", "audio", "document", "sticker"}) {
    const auto event =
        message_with(fmt::format(R"("type":"{0}","{0}":{{"caption":"foto"}})", type));
    check_message(event, type, "foto", R"({"media":{}})");
    check_unrecognised(message_with(fmt::format(R"("type":"{0}","{0}":[])", type)),
                       fmt::format("messages:{}", type));
  }
}

TEST_CASE("a location keeps the digits of its coordinates as they were sent") {
  check_message(
      message_with(
          R"("type":"location","location":{"latitude":-34.60370,"longitude":1.0E+2,"name":"Café",)"
          R"("address":"Calle 1","url":"https://maps.example/1"})"),
      "location", "Café\nCalle 1",
      R"({"location":{"address":"Calle 1","latitude":"-34.60370","longitude":"1.0E+2","name":"Café",)"
      R"("url":"https://maps.example/1"}})");
  check_message(
      message_with(R"("type":"location","location":{"latitude":"-34.6","longitude":-58})"),
      "location", "", R"({"location":{"latitude":"-34.6","longitude":"-58"}})");
}

TEST_CASE("a message whose type is missing is known by its object") {
  check_message(message_with(R"("location":{"latitude":1,"longitude":2})"), "location", "",
                R"({"location":{"latitude":"1","longitude":"2"}})");
  check_unrecognised(message_with(R"("novelty":{})"), "messages:other");
  check_unrecognised(message_with(R"("type":7,"text":{"body":"a"})"), "messages:other");
  check_unrecognised(message_with(R"("type":null,"text":{"body":"a"})"), "messages:other");
}

TEST_CASE("shared contacts give names, firms, phones, addresses and links") {
  check_message(
      message_with(
          R"("type":"contacts","contacts":[{"name":{"formatted_name":"Ana Perito","first_name":"Ana"},)"
          R"("org":{"company":"Pericias"},"phones":[{"phone":"+54 9 11 5555-0105"},{"phone":"2"}],)"
          R"("emails":[{"email":"a@x.example"}],"urls":[{"url":"https://x.example"}]},)"
          R"({"name":{"last_name":"Gómez","first_name":"Luz"}},null,{"phones":[3]}])"),
      "contacts",
      "Ana Perito\nPericias\n+54 9 11 5555-0105\n2\na@x.example\nhttps://x.example\nLuz Gómez",
      R"({"contacts":[{"name":"Ana Perito","phones":["+54 9 11 5555-0105","2"]},{"name":"Luz Gómez"},{}]})");
  check_unrecognised(message_with(R"("type":"contacts","contacts":{})"), "messages:contacts");
}

TEST_CASE("a reaction names its message, and one without emoji takes it back") {
  check_message(
      message_with(R"("type":"reaction","reaction":{"message_id":"wamid.0","emoji":"👍"})"),
      "reaction", "👍", R"({"reaction":{"emoji":"👍","message_id":"wamid.0"}})");
  check_message(message_with(R"("type":"reaction","reaction":{"message_id":"wamid.0"})"),
                "reaction", "", R"({"reaction":{"message_id":"wamid.0"}})");
  check_message(message_with(R"("type":"reaction","reaction":{"message_id":"wamid.0","emoji":""})"),
                "reaction", "", R"({"reaction":{"emoji":"","message_id":"wamid.0"}})");
  check_unrecognised(message_with(R"("type":"reaction","reaction":{"emoji":"👍"})"),
                     "messages:reaction");
}

TEST_CASE("interactive answers give what was chosen or written") {
  check_message(message_with(R"("type":"interactive","interactive":{"type":"button_reply",)"
                             R"("button_reply":{"id":"b1","title":"Sí"}})"),
                "interactive", "Sí", R"({"interactive":{"id":"b1","type":"button_reply"}})");
  check_message(message_with(R"("type":"interactive","interactive":{"type":"list_reply",)"
                             R"("list_reply":{"id":"l1","title":"Jueves","description":"15 h"}})"),
                "interactive", "Jueves\n15 h",
                R"({"interactive":{"id":"l1","type":"list_reply"}})");
  check_message(
      message_with(
          R"("type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow",)"
          R"("body":"Sent","response_json":"{\"flow_token\":\"t\",\"a\":{\"b\":[\"uno\",2]},)"
          R"(\"c\":\"dos\"}"}})"),
      "interactive", "Sent\nuno\ndos", R"({"interactive":{"name":"flow","type":"nfm_reply"}})");
  check_message(
      message_with(R"("type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":)"
                   R"({"response_json":"no {json"}})"),
      "interactive", "no {json", R"({"interactive":{"type":"nfm_reply"}})");
  check_unrecognised(message_with(R"("type":"interactive")"), "messages:interactive");
  check_unrecognised(
      message_with(R"("type":"interactive","interactive":{"type":"new_reply","new_reply":{}})"),
      "messages:interactive");
  check_unrecognised(message_with(R"("type":"interactive","interactive":{"type":"list_reply"})"),
                     "messages:interactive");
}

TEST_CASE("a template's button gives its text, an order its note, a system message its body") {
  check_message(message_with(R"("type":"button","button":{"payload":"OK-1","text":"Acepto"})"),
                "button", "Acepto", R"({"button":{"payload":"OK-1"}})");
  check_message(
      message_with(
          R"("type":"order","order":{"catalog_id":"3","text":"urgente","product_items":)"
          R"([{"product_retailer_id":"C","quantity":2,"item_price":12.50,"currency":"USD"},[]]})"),
      "order", "urgente",
      R"({"order":{"catalog_id":"3","items":[{"currency":"USD","item_price":"12.50",)"
      R"("product_retailer_id":"C","quantity":"2"}]}})");
  check_message(
      message_with(
          R"("type":"system","system":{"type":"user_changed_number","body":"A cambió","wa_id":"5"})"),
      "system", "A cambió", R"({"system":{"type":"user_changed_number","wa_id":"5"}})");
}

TEST_CASE("an unsupported message says why it is unsupported and what it was") {
  check_message(
      message_with(R"("type":"unsupported","unsupported":{"type":"poll"},"errors":[{"code":131051,)"
                   R"("title":"T","message":"M","error_data":{"details":"D"},"href":"H"},7])"),
      "unsupported", "",
      R"({"errors":[{"code":"131051","details":"D","href":"H","message":"M","title":"T"}],)"
      R"("unsupported":{"type":"poll"}})");
  check_message(message_with(R"("type":"unsupported")"), "unsupported", "", "{}");
}

TEST_CASE("group, quote, forwarding and advertisement are kept with any type") {
  const Event event = message_with(
      R"("type":"text","text":{"body":"a"},"group_id":"G1","context":{"id":"wamid.0","forwarded":true,)"
      R"("frequently_forwarded":false},"referral":{"source_url":"U","headline":"H","body":"B","ctwa_clid":"x"})");
  check_message(event, "text", "a",
                R"({"forwarded":"true","frequently_forwarded":"false","group_id":"G1",)"
                R"("referral":{"body":"B","ctwa_clid":"x","headline":"H","source_url":"U"}})");
  CHECK(event.reply_to == "wamid.0");
}

TEST_CASE("a change of user id is kept under the id before it") {
  const Event event = only_event(delivery_of(
      R"({"id":"wamid.A1","timestamp":"1","type":"system","system":{"type":"user_changed_user_id",)"
      R"("previous_user_id":"BR.1","user_id":"BR.2"}})"));
  CHECK(event.kind == RecordKind::message);
  CHECK(event.party == Party{"", "BR.1", ""});
}

TEST_CASE("types of a later version are kept under their name") {
  check_unrecognised(message_with(R"("type":"edit","edit":{"original_message_id":"wamid.0"})"),
                     "messages:edit");
  check_unrecognised(message_with(R"("type":"poll_creation","poll_creation":{})"),
                     "messages:poll_creation");
  check_unrecognised(message_with(R"("type":"<b>\n","text":{"body":"a"})"), "messages:other");
  check_unrecognised(message_with(fmt::format(R"("type":"{}")", std::string(65, 'a'))),
                     "messages:other");
}
