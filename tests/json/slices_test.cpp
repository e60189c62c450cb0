// SPDX-License-Identifier: Apache-2.0
#include "json/slices.hpp"

#include <memory>
#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"
#include "json/parse.hpp"

using namespace sigilo;

namespace {

std::string_view member_of(std::string_view text, std::string_view key) {
  return json::member(text, json::whole(text), key).of(text);
}

/// Compares the slices of a text with its parsed value, all the way down.
void check_same(std::string_view text, json::Slice slice, const json::Value& value) {
  const auto again = json::parse(slice.of(text));
  REQUIRE(again);
  CHECK(*again == value);
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object)
      check_same(text, json::member(text, slice, member.key()), member.value());
  } else if (const auto* array = value.if_array()) {
    const auto slices = json::elements(text, slice);
    REQUIRE(slices.size() == array->size());
    for (std::size_t i = 0; i < slices.size(); ++i) check_same(text, slices[i], (*array)[i]);
  }
}

/// A copy in memory of exactly its size, so that a sanitizer sees a step beyond.
struct Exact {
  explicit Exact(std::string_view text) : bytes(new char[text.size()]), size(text.size()) {
    text.copy(bytes.get(), size);
  }
  [[nodiscard]] std::string_view view() const { return {bytes.get(), size}; }
  std::unique_ptr<char[]> bytes;
  std::size_t size;
};

void walk_everything(std::string_view text) {
  const json::Slice all = json::whole(text);
  REQUIRE(all.offset + all.length <= text.size());
  for (const json::Slice part : {all, json::Slice{0, text.size()}, json::Slice{1, text.size()},
                                 json::Slice{text.size() + 1, 5}}) {
    const json::Slice found = json::member(text, part, "a");
    REQUIRE(found.offset + found.length <= text.size());
    for (const json::Slice element : json::elements(text, part))
      REQUIRE(element.offset + element.length <= text.size());
  }
}

}  // namespace

TEST_CASE("a member's slice is the bytes of its value, without the white space around it") {
  const std::string_view text =
      " \n{ \"a\" : { \"b\" : [ 1 , 2 ] } , \"c\" : \"x,}\" , \"d\":-1.5e3, \"e\":null }\t";
  CHECK(json::whole(text).of(text).front() == '{');
  CHECK(json::whole(text).of(text).back() == '}');
  CHECK(member_of(text, "a") == "{ \"b\" : [ 1 , 2 ] }");
  CHECK(member_of(text, "c") == "\"x,}\"");
  CHECK(member_of(text, "d") == "-1.5e3");
  CHECK(member_of(text, "e") == "null");
}

TEST_CASE("a member that is not there, or inside another object only, has no slice") {
  CHECK(json::member(R"({"a":{"b":1}})", {0, 13}, "b") == json::Slice{});
  CHECK(json::member(R"({})", {0, 2}, "a") == json::Slice{});
  CHECK(json::member(R"(["a",1])", {0, 7}, "a") == json::Slice{});
  CHECK(json::member(R"("a")", {0, 3}, "a") == json::Slice{});
  CHECK(json::member("", {0, 0}, "a") == json::Slice{});
  CHECK(json::member(R"({"b":"a"})", {0, 9}, "a") == json::Slice{});
}

TEST_CASE("of a repeated member the last one's slice is given, as the parser keeps the last") {
  CHECK(member_of(R"({"a":1,"b":2,"a":3})", "a") == "3");
  CHECK(member_of(R"({"a":1,"\u0061":{"x":2}})", "a") == R"({"x":2})");
}

TEST_CASE("keys are compared after unescaping") {
  CHECK(member_of(R"({"\u0061\u00e9\u20AC\ud83d\ude00":1})", "aé€😀") == "1");
  CHECK(member_of(R"({"\"\\\/\b\f\n\r\t":1})", "\"\\/\b\f\n\r\t") == "1");
  CHECK(member_of(R"({"\ud83dx":1})", "\uFFFDx") == "1");
  CHECK(member_of(R"({"\ude00\ud83d":1})", "\uFFFD\uFFFD") == "1");
  CHECK(member_of(R"({"\ud83d\ud83d\ude00":1})", "\uFFFD😀") == "1");
  CHECK(member_of(R"({"a\u0000b":1})", std::string_view("a\0b", 3)) == "1");
  CHECK(member_of(R"({"a\u0062":1})", "a").empty());
  CHECK(member_of(R"({"\u0061":1})", "ab").empty());
  CHECK(member_of(R"({"":1})", "") == "1");
}

TEST_CASE("elements are sliced in order whatever stands inside them") {
  const std::string_view text = R"([ 1, "a,]\"[" , [ ] , [1,[2]], {"a":[",",{}]} ,null ])";
  std::vector<std::string> found;
  for (const auto slice : json::elements(text, json::whole(text)))
    found.emplace_back(slice.of(text));
  CHECK(found == std::vector<std::string>{"1", R"("a,]\"[")", "[ ]", "[1,[2]]", R"({"a":[",",{}]})",
                                          "null"});
  CHECK(json::elements("[]", {0, 2}).empty());
  CHECK(json::elements(" [ ] ", {0, 5}).empty());
  CHECK(json::elements("{}", {0, 2}).empty());
}

TEST_CASE("a slice of a slice stands in the whole text's positions") {
  const std::string_view text = R"({"entry":[{"id":"1"},{"id":"2","changes":[{"value":7}]}]})";
  const auto entries = json::elements(text, json::member(text, json::whole(text), "entry"));
  REQUIRE(entries.size() == 2);
  const auto changes = json::elements(text, json::member(text, entries[1], "changes"));
  REQUIRE(changes.size() == 1);
  const auto value = json::member(text, changes[0], "value");
  CHECK(value.of(text) == "7");
  CHECK(value.offset == text.find('7'));
}

TEST_CASE("slices agree with the parser on every part of a text") {
  const std::string_view text =
      R"( {"a":[{"b":"\\"},{"b":"\"}{"},[[],[{}]],"\\\""],"c\n":{"d":{"e":[1e5,-0,true,false,null]}},
      "é":"\ud83d\ude00","":{"":[[[""]]]},"z":"a\\"}  )";
  const auto value = json::parse(text);
  REQUIRE(value);
  check_same(text, json::whole(text), *value);
}

TEST_CASE("hostile text is never read out of bounds and always comes to an end") {
  const std::string_view seed = R"({"a":[1,{"\u0061\ud83d":"\\"},"x"],"a":{"b":[[]]},"c":"\""})";
  for (std::size_t length = 0; length <= seed.size(); ++length)
    walk_everything(Exact(seed.substr(0, length)).view());
  std::mt19937 random(1);
  constexpr std::string_view alphabet = "{}[],:\"\\ua \n1d8";
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 40, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    if (i % 2 == 0) text.insert(0, "{\"");
    walk_everything(Exact(text).view());
  }
  walk_everything(std::string(1'000'000, '['));
}
