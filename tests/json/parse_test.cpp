// SPDX-License-Identifier: Apache-2.0
#include "json/parse.hpp"

#include <limits>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace sigilo;
using namespace std::string_literals;

namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  INFO(text.substr(0, 200) << ": " << (value ? "" : value.error().message()));
  REQUIRE(value);
  return std::move(*value);
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("values of every type are read as what they are") {
  const auto value =
      parsed(R"( {"a":null,"b":true,"c":-7,"d":1.5,"e":"\u00e9\n","f":[1,[]],"g":{}} )");
  const auto& object = value.get_object();
  CHECK(object.at("a").is_null());
  CHECK(json::boolean_at(object, "b") == true);
  CHECK(json::integer_at(object, "c") == -7);
  CHECK(object.at("d").get_double() == 1.5);
  CHECK(json::text_at(object, "e") == "é\n");
  CHECK(json::array_at(object, "f")->size() == 2);
  CHECK(json::object_at(object, "g")->empty());
}

TEST_CASE("a member that is absent or of another type is nothing, not an exception") {
  const auto value = parsed(
      R"({"text":"a","number":1,"large":18446744073709551615,"fraction":1.0,"list":[],"nothing":null})");
  const auto& object = value.get_object();
  for (const char* key : {"number", "list", "nothing", "absent", ""})
    CHECK_FALSE(json::text_at(object, key));
  for (const char* key : {"text", "large", "fraction", "list", "nothing", "absent"})
    CHECK_FALSE(json::integer_at(object, key));
  for (const char* key : {"text", "number", "list", "nothing", "absent"}) {
    CHECK_FALSE(json::boolean_at(object, key));
    CHECK(json::object_at(object, key) == nullptr);
  }
  for (const char* key : {"text", "number", "nothing", "absent"})
    CHECK(json::array_at(object, key) == nullptr);
}

TEST_CASE("what RFC 8259 does not allow is refused") {
  const std::string text = GENERATE(
      ""s, " "s, "{"s, "}"s, "["s, "[1,]"s, "{\"a\":1,}"s, "{\"a\"}"s, "{a:1}"s, "{'a':1}"s,
      "[1 2]"s, "01"s, "1."s, ".5"s, "+1"s, "-"s, "1e"s, "1e+"s, "0x10"s, "NaN"s, "Infinity"s,
      "-Infinity"s, "tru"s, "True"s, "nul"s, "\"a"s, "\"\\x41\""s, "\"\\u12\""s, "\"\\u12g4\""s,
      "\"a\nb\""s, "\"\t\""s, "\"\x00\""s, "\"\x1f\""s, "1 2"s, "{} {}"s, "{}x"s, "null\0"s,
      "// c\n1"s, "/**/1"s, "\xEF\xBB\xBF{}"s, "{\"a\":1 \"b\":2}"s, "[1}"s, "{\"a\":1]"s,
      "\"\\\""s, "\"\\"s, "\"\\u"s, "\"\\ud800"s, "[,1]"s, "{,}"s, "\f1"s);
  INFO(text);
  const auto value = json::parse(text);
  REQUIRE_FALSE(value);
  CHECK(value.error().code == ErrorCode::invalid_input);
  CHECK(value.error().what.find("byte") != std::string::npos);
}

TEST_CASE("bytes that are not UTF-8 are refused") {
  const std::string bytes =
      GENERATE("\x80"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x80\x80"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s,
               "\xED\xBF\xBF"s, "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s,
               "\xFF"s, "\xC3"s, "\xE2\x82"s, "\xF0\x9F\x98"s, "\xC3("s);
  CHECK_FALSE(json::parse("\"" + bytes + "\""));
  CHECK_FALSE(json::parse("{\"" + bytes + "\":1}"));
}

TEST_CASE("the error names the byte where the text stops being JSON") {
  const auto value = json::parse(R"({"a": 1, "b": x})");
  REQUIRE_FALSE(value);
  CHECK(value.error().what.find("byte 14") != std::string::npos);
}

TEST_CASE("nesting is read up to its limit and refused beyond it") {
  CHECK(json::parse(nested(json::max_depth)));
  CHECK_FALSE(json::parse(nested(json::max_depth + 1)));
  CHECK_FALSE(json::parse(std::string(1'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 1000; ++i) objects += "{\"a\":";
  CHECK_FALSE(json::parse(objects));
}

TEST_CASE("of a repeated member the last one counts, in small and large objects") {
  CHECK(json::integer_at(parsed(R"({"a":1,"b":2,"a":3})").get_object(), "a") == 3);
  CHECK(json::integer_at(parsed(R"({"a":1,"\u0061":4})").get_object(), "a") == 4);
  std::string large = "{\"a\":1";
  for (int i = 0; i < 1000; ++i) large += ",\"k" + std::to_string(i) + "\":0";
  const auto value = parsed(large + ",\"k500\":5,\"a\":2}");
  CHECK(value.get_object().size() == 1001);
  CHECK(json::integer_at(value.get_object(), "a") == 2);
  CHECK(json::integer_at(value.get_object(), "k500") == 5);
}

TEST_CASE("integers keep every digit as far as 64 bits go") {
  CHECK(parsed("9223372036854775807").get_int64() == std::numeric_limits<std::int64_t>::max());
  CHECK(parsed("-9223372036854775808").get_int64() == std::numeric_limits<std::int64_t>::min());
  CHECK(parsed("18446744073709551615").get_uint64() == std::numeric_limits<std::uint64_t>::max());
  CHECK(parsed("18446744073709551616").get_double() == 18446744073709551616.0);
  CHECK(parsed("-9223372036854775809").get_double() == -9223372036854775808.0);
  CHECK(parsed("-0").to_number<double>() == 0.0);
}

TEST_CASE("fractions are read with correct rounding") {
  CHECK(parsed("-34.6037").get_double() == -34.6037);
  CHECK(parsed("0.1").get_double() == 0.1);
  CHECK(parsed("[-58.3816,2]").get_array()[0].get_double() == -58.3816);
  CHECK(parsed("1.7976931348623157e308").get_double() == std::numeric_limits<double>::max());
  CHECK(parsed("2.2250738585072011e-308").get_double() == 2.2250738585072011e-308);
  CHECK(parsed("5e-324").get_double() == 5e-324);
  CHECK(parsed("9007199254740993.0").get_double() == 9007199254740992.0);
  CHECK(parsed("1E23").get_double() == 1e23);
  CHECK(parsed("1e+0").get_double() == 1.0);
  CHECK(parsed("0." + std::string(5000, '1')).get_double() == 0.1111111111111111111111);
}

TEST_CASE("a number too large for any double is refused, one too small is zero") {
  CHECK_FALSE(json::parse("1e309"));
  CHECK_FALSE(json::parse("-1e400"));
  CHECK_FALSE(json::parse("[1e99999999999999999999]"));
  CHECK_FALSE(json::parse("1" + std::string(400, '0')));
  CHECK_FALSE(json::parse(std::string(100'000, '9')));
  CHECK(parsed("1e-400").get_double() == 0.0);
  CHECK(parsed("-1e-400").get_double() == 0.0);
  CHECK(parsed("0." + std::string(1000, '0') + "1").get_double() == 0.0);
  CHECK(parsed("0e999").get_double() == 0.0);
}

TEST_CASE("a lone surrogate is read as U+FFFD instead of hiding the message") {
  CHECK(parsed(R"("coima \ud83d")").get_string() == "coima \uFFFD");
  CHECK(parsed(R"("\ude00 coima")").get_string() == "\uFFFD coima");
  CHECK(parsed(R"("\ud83d\ud83d\ude00")").get_string() == "\uFFFD😀");
  CHECK(parsed(R"("\ud83d\n")").get_string() == "\uFFFD\n");
  CHECK(parsed(R"("\ud83d\u0041")").get_string() == "\uFFFDA");
  CHECK(parsed(R"("\uD83Dx\uDE00")").get_string() == "\uFFFDx\uFFFD");
  CHECK(json::text_at(parsed(R"({"\udfff":"a"})").get_object(), "\uFFFD") == "a");
  CHECK(parsed(R"("\ud83d\ude00")").get_string() == "😀");
}

TEST_CASE("overwriting lone surrogates keeps every position and everything else") {
  CHECK_FALSE(json::without_lone_surrogates(R"({"a":"\ud83d\ude00 \\ud83d \u0041 \\"})"));
  CHECK_FALSE(json::without_lone_surrogates(""));
  CHECK(json::without_lone_surrogates(R"("\\\ud83d\\")") == R"("\\\ufffd\\")");
  CHECK(json::without_lone_surrogates(R"("\udbff\udfff\udc00")") == R"("\udbff\udfff\ufffd")");
  CHECK(json::without_lone_surrogates(R"("\ud800\ud800\ud800")") == R"("\ufffd\ufffd\ufffd")");
}

TEST_CASE("texts that end inside an escape are read no further than their end") {
  for (const std::string text : {"\\", "\"\\", "\"\\u", "\"\\ud", "\"\\ud83", "\"\\ud83d",
                                 "\"\\ud83d\\", "\"\\ud83d\\u", "\"\\ud83d\\ude0"}) {
    const std::string exact(text);  // so that a sanitizer sees a step beyond
    CHECK_FALSE(json::parse(exact));
    if (const auto clean = json::without_lone_surrogates(exact))
      CHECK(clean->size() == exact.size());
  }
}

TEST_CASE("values in an arena are the same, however large the text is") {
  std::string text = R"([{"a":"\ud800","b":[1,2.5,null,true],"a":"last"})";
  for (int i = 0; i < 3'000; ++i) text += R"(,{"key of more than a few letters":"and a text"})";
  text += "]";
  json::Arena arena;
  const auto there = json::parse(text, arena);
  REQUIRE(there.has_value());
  CHECK(*there == *json::parse(text));
  CHECK_FALSE(json::parse("[1,", arena).has_value());
}
