// SPDX-License-Identifier: Apache-2.0
// Cards of contacts: nothing that a person can read on one hides from the record or the scanner.
#include "message/vcard.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

Lines lines_of(std::string_view card) {
  Lines lines;
  for (VcardLine& line : read_vcard(card)) lines.emplace_back(line.name, line.value);
  return lines;
}

Event contacts_message(std::string_view cards) {
  return only_event(
      delivery_of(fmt::format(R"({{"id":"w","type":"contacts","contacts":[{}]}})", cards)));
}

}  // namespace

TEST_CASE("a vcard gives its properties without groups, parameters and escapes") {
  CHECK(lines_of("BEGIN:VCARD\r\nVERSION:3.0\r\nN:Ejemplo;Ana;;Dra.;\r\nFN:Dra. Ana Ejemplo\r\n"
                 "item1.TEL;type=CELL;waid=5491150000002:+54 9 11 5000-0002\r\n"
                 "ORG:Estudio Ejemplo\\, Abogados;Litigios\r\nNOTE:llamar\\nmañana\r\nEND:VCARD") ==
        Lines{{"N", "Ejemplo Ana Dra."},
              {"FN", "Dra. Ana Ejemplo"},
              {"TEL", "+54 9 11 5000-0002"},
              {"ORG", "Estudio Ejemplo, Abogados Litigios"},
              {"NOTE", "llamar mañana"}});
}

TEST_CASE("a vcard's folded lines, quoted parameters and tel addresses are read") {
  CHECK(lines_of("NOTE:una\r\n  nota\n\tlarga") == Lines{{"NOTE", "una notalarga"}});
  CHECK(lines_of("tel;value=uri;type=\"a:b;c\":tel:+5491150000002") ==
        Lines{{"TEL", "+5491150000002"}});
}

TEST_CASE("what is no vcard gives no lines or readable ones, never an error") {
  CHECK(lines_of("").empty());
  CHECK(lines_of("\r\n\r\n : \n::\nTEL:\nTEL").size() == 1);  // "::" has the value ":"
  CHECK(lines_of("\\\n:\\") == Lines{{"", "\\"}});
  CHECK(lines_of(std::string(100'000, '\n')).empty());
}

TEST_CASE("a number that stands only in a shared contact's vcard is readable and listed") {
  const Event event = contacts_message(
      R"({"vcard":"BEGIN:VCARD\nFN:Perito\nTEL:+5491150000002\nTEL:+5491150000003\nEND:VCARD",)"
      R"("phones":[{"phone":"+5491150000002"}]})");
  CHECK(event.text == "+5491150000002\nPerito\n+5491150000003");
  CHECK(event.details == R"({"contacts":[{"phones":["+5491150000002","+5491150000003"]}]})");
}

TEST_CASE("a card without phones but with an account gives that number, and its addresses") {
  const Event event = contacts_message(
      R"({"name":{"first_name":"Ana","last_name":"Ejemplo"},"phones":[{"wa_id":"5491150000002"}],)"
      R"("org":{"company":"Estudio","department":"Litigios","title":"Socia"},)"
      R"("emails":[{"email":"a@estudio.example"}],"urls":[{"url":"https://estudio.example"}],)"
      R"("addresses":[{"street":"Avenida 1","city":"Rosario","country":"Argentina"}],"birthday":"1980-02-01"})");
  CHECK(event.text ==
        "Ana Ejemplo\nEstudio\nLitigios\nSocia\n5491150000002\na@estudio.example\n"
        "https://estudio.example\nAvenida 1\nRosario\nArgentina\n1980-02-01");
  CHECK(event.details == R"({"contacts":[{"name":"Ana Ejemplo","phones":["5491150000002"]}]})");
}
