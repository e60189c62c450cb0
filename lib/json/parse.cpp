// SPDX-License-Identifier: Apache-2.0
#include "json/parse.hpp"

#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value_stack.hpp>
#include <fmt/format.h>

namespace sigilo::json {
namespace {

using ErrorInfo = boost::system::error_code;
using boost::json::string_view;

/// Builds values from the parser's events. Boost.JSON's own builder rounds most fractions wrongly
/// by a unit in the last place (-34.6037 comes out as -34.603700000000003), which signed text can't
/// bear: here every number that is no 64-bit integer is read again with correct rounding.
struct ValueBuilder {
  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  unsigned char scratch[4096];
  boost::json::value_stack stack;

  boost::json::storage_ptr place;  // of the values

  explicit ValueBuilder(boost::json::storage_ptr where)
      : stack({}, scratch, sizeof scratch), place(std::move(where)) {}

  bool on_document_begin(ErrorInfo&) {
    stack.reset(place);
    return true;
  }
  bool on_document_end(ErrorInfo&) { return true; }
  bool on_object_begin(ErrorInfo&) { return true; }
  bool on_object_end(std::size_t members, ErrorInfo&) {
    stack.push_object(members);
    return true;
  }
  bool on_array_begin(ErrorInfo&) { return true; }
  bool on_array_end(std::size_t elements, ErrorInfo&) {
    stack.push_array(elements);
    return true;
  }
  bool on_key_part(string_view part, std::size_t, ErrorInfo&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(string_view last, std::size_t, ErrorInfo&) {
    stack.push_key(last);
    return true;
  }
  bool on_string_part(string_view part, std::size_t, ErrorInfo&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(string_view last, std::size_t, ErrorInfo&) {
    stack.push_string(last);
    return true;
  }
  bool on_number_part(string_view, ErrorInfo&) { return true; }  // only in texts that come in parts
  bool on_int64(std::int64_t number, string_view, ErrorInfo&) {
    stack.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, string_view, ErrorInfo&) {
    stack.push_uint64(number);
    return true;
  }
  bool on_double(double rough, string_view digits, ErrorInfo& error);
  bool on_bool(bool value, ErrorInfo&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(ErrorInfo&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(string_view, ErrorInfo&) { return true; }
  bool on_comment(string_view, ErrorInfo&) { return true; }
};

bool ValueBuilder::on_double(double rough, string_view digits, ErrorInfo& error) {
  double exact = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), exact);
  if (failed == std::errc::result_out_of_range) {
    if (!(std::fabs(rough) < 1)) {
      error = boost::json::error::exponent_overflow;
      return false;
    }
    exact = 0;  // smaller than any double: zero, as ECMAScript reads it
  }
  stack.push_double(exact);
  return true;
}

using Parser = boost::json::basic_parser<ValueBuilder>;

Result<Value> parse_strictly(std::string_view text, const boost::json::storage_ptr& place) {
  boost::json::parse_options options;
  options.max_depth = max_depth;
  Parser parser(options, place);
  ErrorInfo error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) error = boost::json::error::extra_data;
  if (error) {
    return fail(ErrorCode::invalid_input,
                fmt::format("not JSON: {} at byte {}", error.message(), used));
  }
  return parser.handler().stack.release();
}

/// The four hex digits at `at`, or -1.
int code_unit(std::string_view text, std::size_t at) {
  unsigned value = 0;
  if (at + 4 > text.size()) return -1;
  const char* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + 4, value, 16);
  return error == std::errc() && end == begin + 4 ? static_cast<int>(value) : -1;
}

bool is_leading(int unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_trailing(int unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

Result<Value> parse_into(const boost::json::storage_ptr& place, std::string_view text) {
  auto value = parse_strictly(text, place);
  if (value) return value;
  const auto clean = without_lone_surrogates(text);
  return clean ? parse_strictly(*clean, place) : std::move(value);
}

}  // namespace

Result<Value> parse(std::string_view text) {
  return parse_into({}, text);
}

Result<Value> parse(std::string_view text, Arena& arena) {
  return parse_into(&arena.resource_, text);
}

std::optional<std::string> without_lone_surrogates(std::string_view text) {
  std::optional<std::string> clean;
  std::size_t at = 0;
  while ((at = text.find('\\', at)) != std::string_view::npos) {
    if (text.substr(at, 2) != "\\u") {
      at += 2;  // an escape of one character, perhaps of a backslash
      continue;
    }
    const int unit = code_unit(text, at + 2);
    const bool partner_follows =
        is_leading(unit) && text.substr(at + 6, 2) == "\\u" && is_trailing(code_unit(text, at + 8));
    if (partner_follows) {
      at += 12;
      continue;
    }
    if (is_leading(unit) || is_trailing(unit)) {
      if (!clean) clean.emplace(text);
      clean->replace(at + 2, 4, "fffd");
    }
    at += 6;
  }
  return clean;
}

const Object* object_at(const Object& object, std::string_view key) {
  const Value* value = object.if_contains(key);
  return value ? value->if_object() : nullptr;
}

const Array* array_at(const Object& object, std::string_view key) {
  const Value* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}

std::optional<std::string_view> text_at(const Object& object, std::string_view key) {
  const Value* value = object.if_contains(key);
  if (!value || !value->is_string()) return std::nullopt;
  const auto& text = value->get_string();
  return std::string_view(text.data(), text.size());
}

std::optional<std::int64_t> integer_at(const Object& object, std::string_view key) {
  const Value* value = object.if_contains(key);
  if (!value || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<bool> boolean_at(const Object& object, std::string_view key) {
  const Value* value = object.if_contains(key);
  if (!value || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

}  // namespace sigilo::json
