// SPDX-License-Identifier: Apache-2.0
#include "json/canonical.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <boost/container/small_vector.hpp>

#include "base/check.hpp"
#include "json/parse.hpp"
#include "json/quoted.hpp"

namespace sigilo::json {
namespace {

void append_string(std::string& out, std::string_view text) {
  SIGILO_CHECK(append_quoted(out, text), "canonical JSON of text that is not UTF-8");
}

template <class Integer>
void append_integer(std::string& out, Integer number) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(text.data(), end);
}

/// RFC 8785, 3.2.2.3: ECMA-262's Number::toString. `digits` are s, `point` is n of its description.
void append_ecmascript(std::string& out, std::string_view digits, int point) {
  const int count = static_cast<int>(digits.size());
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(point));
    out += '.';
    out += digits.substr(static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out += digits.substr(1);
    }
    out += point > 0 ? "e+" : "e-";
    append_integer(out, std::abs(point - 1));
  }
}

void append_double(std::string& out, double number) {
  SIGILO_CHECK(std::isfinite(number), "canonical JSON of a number that is not finite");
  if (number == 0) {  // minus zero too
    out += '0';
    return;
  }
  if (number < 0) out += '-';
  std::array<char, 32> text;  // "d.ddddddddddddddde-308"
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), std::fabs(number),
                                        std::chars_format::scientific)
                              .ptr;
  const char* const e = std::find(text.data(), text.data() + text.size(), 'e');
  int exponent = 0;
  std::from_chars(e + (e[1] == '+' ? 2 : 1), end, exponent);
  std::array<char, 20> digits;
  const char* const digits_end =
      std::remove_copy(static_cast<const char*>(text.data()), e, digits.data(), '.');
  append_ecmascript(out, {digits.data(), static_cast<std::size_t>(digits_end - digits.data())},
                    exponent + 1);
}

/// RFC 8785 knows IEEE 754 doubles only: an integer beyond their exact range is written as its
/// double.
constexpr std::int64_t exact_limit = std::int64_t{1} << 53;

void append_number(std::string& out, std::int64_t number) {
  if (-exact_limit <= number && number <= exact_limit) return append_integer(out, number);
  append_double(out, static_cast<double>(number));
}

/// Order of UTF-16 code units (RFC 8785, 3.2.3) on UTF-8: that of the bytes, save that characters
/// beyond U+FFFF (lead bytes F0 to F4) are surrogate pairs there and come before U+E000 to U+FFFF
/// (EE and EF).
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_b == b.end()) return false;
  if (in_a == a.end()) return true;
  const auto byte_a = static_cast<std::uint8_t>(*in_a);
  const auto byte_b = static_cast<std::uint8_t>(*in_b);
  if (byte_a >= 0xEE && byte_b >= 0xEE && (byte_a >= 0xF0) != (byte_b >= 0xF0))
    return byte_a >= 0xF0;
  return byte_a < byte_b;
}

void append_value(std::string& out, const Value& value);

std::string_view key_of(const boost::json::key_value_pair& member) {
  return {member.key().data(), member.key().size()};
}

void append_object(std::string& out, const Object& object,
                   std::span<const std::string_view> without = {}) {
  boost::container::small_vector<const boost::json::key_value_pair*, 24> members;
  members.reserve(object.size());
  for (const auto& member : object) {
    if (std::ranges::find(without, key_of(member)) == without.end()) members.push_back(&member);
  }
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return utf16_less(key_of(*a), key_of(*b)); });
  char separator = '{';
  for (const auto* member : members) {
    out += separator;
    append_string(out, key_of(*member));
    out += ':';
    append_value(out, member->value());
    separator = ',';
  }
  if (members.empty()) out += '{';
  out += '}';
}

void append_array(std::string& out, const Array& array) {
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i != 0) out += ',';
    append_value(out, array[i]);
  }
  out += ']';
}

void append_value(std::string& out, const Value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      out += "null";
      return;
    case boost::json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case boost::json::kind::int64:
      return append_number(out, value.get_int64());
    case boost::json::kind::uint64: {
      const std::uint64_t number = value.get_uint64();
      if (number <= static_cast<std::uint64_t>(exact_limit)) return append_integer(out, number);
      return append_double(out, static_cast<double>(number));
    }
    case boost::json::kind::double_:
      return append_double(out, value.get_double());
    case boost::json::kind::string: {
      const auto& text = value.get_string();
      return append_string(out, {text.data(), text.size()});
    }
    case boost::json::kind::array:
      return append_array(out, value.get_array());
    case boost::json::kind::object:
      return append_object(out, value.get_object());
  }
}

}  // namespace

std::string canonical(const Value& value) {
  std::string out;
  out.reserve(2048);  // most bodies fit
  append_value(out, value);
  return out;
}

std::string canonical_without(const Object& object, std::span<const std::string_view> without) {
  std::string out;
  append_object(out, object, without);
  return out;
}

bool is_canonical(std::string_view text) {
  const auto value = parse(text);
  return value && canonical(*value) == text;
}

}  // namespace sigilo::json
