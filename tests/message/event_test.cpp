// SPDX-License-Identifier: Apache-2.0
#include "message/event.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sigilo;
using namespace sigilo::message;

namespace {

const E164 argentina{"+5491150000001"};
const E164 brazil{"+5511950000002"};
const E164 mexico{"+525550000003"};

LineBook three_lines() {
  return LineBook({{argentina, PhoneNumberId("106540352242922")},
                   {brazil, PhoneNumberId("")},
                   {mexico, PhoneNumberId("106540352242924")}});
}

}  // namespace

TEST_CASE("a line is found by the provider's id whatever number stands beside it") {
  const LineBook lines = three_lines();
  CHECK(lines.find("106540352242922", "") == argentina);
  CHECK(lines.find("106540352242922", "+5511950000002") == argentina);
  CHECK(lines.find("106540352242922", "no number") == argentina);
}

TEST_CASE("a line is found by every spelling of its number") {
  const LineBook lines = three_lines();
  for (const char* spelling : {"5491150000001", "+5491150000001", "+54 9 11 5000-0001",
                               "541150000001", "whatsapp:+5491150000001", "(54) 11.5000.0001"}) {
    INFO(spelling);
    CHECK(lines.find("", spelling) == argentina);
    CHECK(lines.find("an id that moved", spelling) == argentina);
  }
  CHECK(lines.find("", "551195000-0002") == brazil);
  CHECK(lines.find("", "5215550000003") == mexico);
}

TEST_CASE("another line is not found") {
  const LineBook lines = three_lines();
  CHECK_FALSE(lines.find("", ""));
  CHECK_FALSE(lines.find("106540352242923", ""));
  CHECK_FALSE(lines.find("10654035224292", "5491150000009"));
  CHECK_FALSE(lines.find("5491150000001", ""));
  CHECK_FALSE(lines.find("", "106540352242922"));
  CHECK_FALSE(LineBook({}).find("106540352242922", "5491150000001"));
}

TEST_CASE("a line without the provider's id is not found by an empty one") {
  const LineBook lines({{brazil, PhoneNumberId("")}});
  CHECK_FALSE(lines.find("", ""));
  CHECK_FALSE(lines.find("", "5491150000001"));
}

TEST_CASE("a party is known by its number, else by its user id") {
  CHECK(Party{.number = "+5491155550101", .user_id = "AR.1", .name = "A"}.key() ==
        "+5491155550101");
  CHECK(Party{.number = "", .user_id = "AR.1", .name = "A"}.key() == "AR.1");
  CHECK(Party{.number = "", .user_id = "", .name = "A"}.key().empty());
}

TEST_CASE("a way a message came has one text form") {
  for (const Via via : {Via::api, Via::app, Via::history}) CHECK(parse_via(to_string(via)) == via);
  CHECK(parse_via("") == std::nullopt);
  CHECK(parse_via("phone") == std::nullopt);
}
