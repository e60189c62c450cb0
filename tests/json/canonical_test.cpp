// SPDX-License-Identifier: Apache-2.0
#include "json/canonical.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "json/parse.hpp"
#include "support/process.hpp"

using namespace sigilo;
using namespace std::string_literals;

namespace {

std::string canonical_of(std::string_view text) {
  const auto value = json::parse(text);
  INFO(text);
  REQUIRE(value);
  return json::canonical(*value);
}

std::string canonical_of_bits(std::uint64_t bits) {
  return json::canonical(std::bit_cast<double>(bits));
}

}  // namespace

TEST_CASE("numbers come out as the table of RFC 8785, appendix B, says") {
  const std::pair<std::uint64_t, std::string> table[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& [bits, text] : table) CHECK(canonical_of_bits(bits) == text);
}

TEST_CASE("the example of RFC 8785, section 3.2.2, comes out as printed there") {
  CHECK(
      canonical_of(R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  })") ==
      R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"})");
}

TEST_CASE("members are sorted by UTF-16 code units, as in RFC 8785, section 3.2.3") {
  CHECK(
      canonical_of(
          R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
                        "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})") ==
      "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small "
      "Letter O With Diaeresis\","
      "\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With "
      "Dagesh\"}");
}

TEST_CASE("a shorter key comes before its continuation, and sorting goes into nested objects") {
  CHECK(canonical_of(R"({"ab":1,"a":{"z":1,"":2},"":3,"a\u0000":4})") ==
        R"({"":3,"a":{"":2,"z":1},"a\u0000":4,"ab":1})");
}

TEST_CASE("empty things and white space") {
  CHECK(canonical_of(" [ ] ") == "[]");
  CHECK(canonical_of(" { } ") == "{}");
  CHECK(canonical_of(R"( "" )") == R"("")");
  CHECK(canonical_of("[ [ ] , { } , \"\" , null ]") == R"([[],{},"",null])");
}

TEST_CASE("every control character has its one escape and DEL has none") {
  std::string raw;
  for (char c = 0; c < 0x20; ++c) raw += c;
  raw += "\x7f\"\\/";
  CHECK(
      json::canonical(json::Value(raw)) ==
      R"("\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017)"
      R"(\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f)"
      "\x7f\\\"\\\\/\"");
}

TEST_CASE("an integer is exact up to 2^53 and beyond it is the double that it stands for") {
  CHECK(canonical_of("9007199254740992") == "9007199254740992");
  CHECK(canonical_of("-9007199254740991") == "-9007199254740991");
  CHECK(canonical_of("9007199254740993") == "9007199254740992");
  CHECK(canonical_of("9223372036854775807") == "9223372036854776000");
  CHECK(canonical_of("-9223372036854775808") == "-9223372036854776000");
  CHECK(canonical_of("18446744073709551615") == "18446744073709552000");
  CHECK(json::canonical(json::Value(std::uint64_t{7})) == "7");
  CHECK(canonical_of("[-0,-0.0,0e5]") == "[0,0,0]");
  CHECK(canonical_of("[1.0,1e2,100e-2,123456789012345678901234567890]") ==
        "[1,100,1,1.2345678901234568e+29]");
}

TEST_CASE("a large object is sorted whole") {
  json::Object object;
  for (int i = 999; i >= 0; --i) object[fmt::format("{:03}", i)] = i;
  std::string expected = "{";
  for (int i = 0; i < 1000; ++i) expected += fmt::format("{}\"{:03}\":{}", i == 0 ? "" : ",", i, i);
  CHECK(json::canonical(object) == expected + "}");
}

TEST_CASE("only the canonical form of a text is canonical") {
  CHECK(json::is_canonical(R"({"a":[1,0.5,"é"],"b":null})"));
  for (const char* text : {R"({"b":1,"a":2})", R"({ "a":1})", R"({"a":1.0})", R"(["\u0041"])",
                           R"(["\/"])", R"(["\u000A"])", R"({"a":1,"a":2})", "{\"a\":1}\n", "", "{",
                           "1e2", "-0", R"("\ud800")", "9007199254740993"}) {
    INFO(text);
    CHECK_FALSE(json::is_canonical(text));
  }
}

TEST_CASE("what no canonical JSON can say aborts instead of being signed") {
  CHECK(test::aborts([] { json::canonical(std::nan("")); }));
  CHECK(test::aborts([] { json::canonical(std::numeric_limits<double>::infinity()); }));
  for (const std::string& bytes : {"\xC3"s, "\x80"s, "\xC0\xAF"s, "\xED\xA0\x80"s,
                                   "a\xF4\x90\x80\x80"s, "\xE2\x82"s, "\xC3("s})
    CHECK(test::aborts([&] { json::canonical(json::Value(bytes)); }));
  CHECK_FALSE(test::aborts([] {
    json::canonical(json::Value("\uD7FF\uE000\uFFFF\U00010000\U0010FFFF\u0080\u07FF\u0800"));
  }));
}

// python3 has its own shortest digits (repr) and its own sorting; ECMAScript's layout is written
// anew here.
TEST_CASE("random values come out as another implementation writes them") {
  const char* const program = R"PY(
import json, struct, sys
from decimal import Decimal
def number(v):
    if isinstance(v, int) and abs(v) <= 2**53: return str(v)
    v = float(v)
    if v == 0: return '0'
    sign, digits, exponent = Decimal(repr(v)).as_tuple()
    s = ''.join(map(str, digits))
    while len(s) > 1 and s[-1] == '0': s, exponent = s[:-1], exponent + 1
    n = len(s) + exponent
    if len(s) <= n <= 21: t = s + '0' * (n - len(s))
    elif 0 < n <= 21: t = s[:n] + '.' + s[n:]
    elif -6 < n <= 0: t = '0.' + '0' * -n + s
    else: t = s[0] + ('.' + s[1:] if len(s) > 1 else '') + 'e' + ('+' if n > 0 else '-') + str(abs(n - 1))
    return '-' * sign + t
def canonical(v):
    if isinstance(v, bool) or v is None: return json.dumps(v)
    if isinstance(v, (int, float)): return number(v)
    if isinstance(v, str): return json.dumps(v, ensure_ascii=False)
    if isinstance(v, list): return '[' + ','.join(map(canonical, v)) + ']'
    return '{' + ','.join(canonical(k) + ':' + canonical(v[k]) for k in sorted(v, key=lambda k: k.encode('utf-16-be'))) + '}'
sys.stdout.reconfigure(encoding='utf-8', newline='\n')
for line in open(sys.argv[1], encoding='utf-8', newline='\n'): print(canonical(json.loads(line)))
)PY";
  std::mt19937_64 random(8785);
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  const auto text = [&] {
    std::string escaped;
    for (std::uint64_t length = below(6); length > 0; --length) {
      const std::uint64_t plane = below(6);
      if (plane == 0)
        escaped += fmt::format("\\ud{:03x}\\ud{:03x}", 0x800 + below(0x400), 0xC00 + below(0x400));
      else if (plane == 1)
        escaped += fmt::format("\\u{:04x}", 0xE000 + below(0x2000));
      else if (plane == 2)
        escaped += fmt::format("\\u{:04x}", below(0xD800));
      else
        escaped += fmt::format("\\u{:04x}", below(0x80));
    }
    return "\"" + escaped + "\"";
  };
  const auto number = [&]() -> std::string {
    switch (below(4)) {
      case 0:
        return fmt::format("{}", static_cast<std::int64_t>(random()));
      case 1:
        return fmt::format("{}.{:06}", static_cast<std::int64_t>(below(400)) - 200,
                           below(1'000'000));
      case 2:
        return fmt::format("{}e{}", below(1'000'000), static_cast<int>(below(40)) - 20);
      default: {
        const double value = std::bit_cast<double>(random());
        return std::isfinite(value) ? fmt::format("{:.17g}", value) : "0";
      }
    }
  };
  std::string input;
  std::string ours;
  for (int i = 0; i < 1500; ++i) {
    std::string line = "{";
    for (std::uint64_t members = below(6); members > 0; --members)
      line += fmt::format("{}:[{},{},{{{}:{}}}],", text(), text(), number(), text(), number());
    line += fmt::format("\"last\":{}}}", number());
    input += line + "\n";
    ours += canonical_of(line) + "\n";
  }
  const test::TemporaryDirectory directory;
  test::write_file(directory / "canonical.py", program);
  test::write_file(directory / "input", input);
  const auto theirs = test::run(fmt::format("python3 {} {}", (directory / "canonical.py").string(),
                                            (directory / "input").string()));
  REQUIRE(theirs.status == 0);
  CHECK(theirs.output.size() == ours.size());
  CHECK((theirs.output == ours));
  const auto [in_theirs, in_ours] =
      std::mismatch(theirs.output.begin(), theirs.output.end(), ours.begin(), ours.end());
  const auto at = static_cast<std::size_t>(in_ours - ours.begin());
  CAPTURE(ours.substr(at > 60 ? at - 60 : 0, 120),
          theirs.output.substr(at > 60 ? at - 60 : 0, 120));
  CHECK(at == ours.size());
}

TEST_CASE("an object without some of its members comes out as if it had never had them") {
  const auto value = json::parse(R"({"b":1,"a":{"c":2,"b":3},"c":4})");
  REQUIRE(value);
  constexpr std::array<std::string_view, 2> without{"c", "d"};
  CHECK(json::canonical_without(value->as_object(), without) == R"({"a":{"b":3,"c":2},"b":1})");
  CHECK(json::canonical_without(value->as_object(), {}) == json::canonical(*value));
  constexpr std::array<std::string_view, 3> all{"a", "b", "c"};
  CHECK(json::canonical_without(value->as_object(), all) == "{}");
}
