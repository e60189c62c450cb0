// SPDX-License-Identifier: Apache-2.0
#include "base/number.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace sigilo;

namespace {

std::string normal(std::string_view text) {
  const auto number = normalise_number(text);
  return number ? number->value() : "none";
}

}  // namespace

TEST_CASE("a number is the same with and without plus, spaces, dashes, dots and brackets") {
  for (const char* spelling : {"14155550103", "+14155550103", "+1 415-555-0103", "1 (415) 555.0103",
                               " +14155550103 ", "whatsapp:+14155550103", "whatsapp:14155550103"}) {
    INFO(spelling);
    CHECK(normal(spelling) == "+14155550103");
  }
}

TEST_CASE("Brazil's mobiles are one number with and without the ninth digit") {
  CHECK(normal("551185550102") == "+5511985550102");
  CHECK(normal("5511985550102") == "+5511985550102");
  CHECK(normal("55 11 6555-0102") == "+5511965550102");
  CHECK(normal("551145550102") == "+551145550102");      // a landline begins with 2 to 5
  CHECK(normal("55118555010") == "+55118555010");        // too short to be one
  CHECK(normal("55119855501021") == "+55119855501021");  // too long
}

TEST_CASE("Argentina's mobiles are one number with and without the mobile 9") {
  CHECK(normal("541155550101") == "+5491155550101");
  CHECK(normal("5491155550101") == "+5491155550101");
  CHECK(normal("+54 9 11 5555-0101") == "+5491155550101");
  CHECK(normal("+54 2972 555555") == "+5492972555555");
}

TEST_CASE("Mexico's mobiles are one number with and without the 1 of before 2019") {
  CHECK(normal("5215555550104") == "+525555550104");
  CHECK(normal("525555550104") == "+525555550104");
  CHECK(normal("521555555010") == "+521555555010");
}

TEST_CASE("normalising twice changes nothing") {
  for (const char* number :
       {"551185550102", "541155550101", "5215555550104", "14155550103", "5511955550102"}) {
    CHECK(normal(normal(number)) == normal(number));
  }
}

TEST_CASE("what has not 7 to 15 digits is no number") {
  CHECK(normal("1234567") == "+1234567");
  CHECK(normal("123456") == "none");
  CHECK(normal("123456789012345") == "+123456789012345");
  CHECK(normal("1234567890123456") == "none");
  CHECK(normal(std::string(1'000'000, '1')) == "none");
  CHECK(normal("") == "none");
  CHECK(normal("+") == "none");
  CHECK(normal("whatsapp:") == "none");
}

TEST_CASE("what holds anything but digits and their punctuation is no number") {
  for (const std::string_view text :
       {"1415555010a", "14155550103;ext=1", "1415+5550103", "++14155550103", "AR.14155550103",
        "14155550103\n", "\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7\xd9\xa8",
        "tel:+14155550103", "WhatsApp:14155550103"}) {
    INFO(text);
    CHECK(normal(text) == "none");
  }
  CHECK(normal(std::string_view("14155550103\0", 12)) == "none");
}

TEST_CASE("no country's code begins with zero") {
  CHECK(normal("01155550101") == "none");
  CHECK(normal("+0 11 5555-0101") == "none");
}
