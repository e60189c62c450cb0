// SPDX-License-Identifier: Apache-2.0
#include "api/safe_json.hpp"

#include <catch2/catch_test_macros.hpp>

#include "json/parse.hpp"

using namespace sigilo;
using api::safe_json;

TEST_CASE("text that people can read stays as it is") {
  CHECK(safe_json("Buen día, ñandú, 日本, 👍") == "\"Buen día, ñandú, 日本, 👍\"");
  CHECK(safe_json(json::Object{{"b", 1}, {"a", nullptr}}) == R"({"a":null,"b":1})");
}

TEST_CASE("what could act on a terminal is written in escapes, and read back as it was") {
  const std::string acting = "\x01\x1b\x7f\u009b\u061c\u200d\u202e\u2066\u2028\ufeff\U000e0041";
  const auto written = safe_json(json::Object{{acting, json::Array{acting}}});
  for (const char c : written) CHECK((c >= 0x20 && c < 0x7f));
  CHECK(written.find("\\udb40\\udc41") != std::string::npos);
  const auto read = json::parse(written);
  REQUIRE(read);
  CHECK(read->as_object().at(acting).as_array().at(0).as_string() == acting);
}

TEST_CASE("text that is not UTF-8 gets a replacement character, at any depth") {
  CHECK(safe_json(json::Object{{"a", json::Array{json::Object{{"b", "x\xff\xc3"}}}}}) ==
        "{\"a\":[{\"b\":\"x\uFFFD\uFFFD\"}]}");
}
