// SPDX-License-Identifier: Apache-2.0
#include "message/element.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/check.hpp"
#include "base/number.hpp"
#include "json/parse.hpp"
#include "message/content.hpp"

namespace sigilo::message {
namespace {

constexpr std::int64_t last_second_of_9999 = 253'402'300'799;

std::optional<std::int64_t> whole_number(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

bool is_own_number(const Change& change, std::string_view number) {
  const auto normal = normalise_number(number);
  return normal && (*normal == change.line || normal == normalise_number(change.display_number));
}

Event blank_event(const Change& change, json::Slice at) {
  Event event;
  event.line = change.line;
  event.offset = at.offset;
  event.length = at.length;
  return event;
}

Event unrecognised_event(const Change& change, const json::Value& value, json::Slice at,
                         std::string_view reason) {
  Event event = blank_event(change, at);
  event.type = word(change.field) + ":" + std::string(reason);
  event.content = content_digest(event, value);
  return event;
}

/// Most arrays have one element: then it is what stands between the brackets, and its bytes need
/// not be read once more.
std::vector<json::Slice> slices_of(const json::Array& array, std::string_view body,
                                   json::Slice at) {
  if (array.size() == 1) {
    constexpr std::string_view space = " \t\n\r";
    const std::string_view inside = at.of(body).substr(1, at.length - 2);
    const std::size_t begin = inside.find_first_not_of(space);
    return {{at.offset + 1 + begin, inside.find_last_not_of(space) + 1 - begin}};
  }
  auto slices = json::elements(body, at);
  SIGILO_CHECK(slices.size() == array.size(), "slices and values are of one text");
  return slices;
}

bool holds_more(const json::Object& object, std::span<const std::string_view> known) {
  return std::ranges::any_of(object, [&](const auto& member) {
    const std::string_view key(member.key().data(), member.key().size());
    const json::Value& part = member.value();
    if (std::ranges::find(known, key) != known.end()) return !part.is_array() && !part.is_null();
    return key != "contacts" && part.is_array() && !part.get_array().empty();
  });
}

std::optional<Timestamp> time_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return Timestamp();
  const auto text = json::text_at(object, key);
  const auto seconds = text ? whole_number(*text) : json::integer_at(object, key);
  if (!seconds || *seconds < 0 || *seconds > last_second_of_9999) return std::nullopt;
  return Timestamp::from_seconds(*seconds);
}

std::optional<std::string_view> id_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return "";
  const auto text = json::text_at(object, key);
  if (!text || text->size() > max_id_length) return std::nullopt;
  return text;
}

std::string word(std::string_view text) {
  constexpr std::size_t max_word_length = 64;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  const bool fits = !text.empty() && text.size() <= max_word_length;
  return fits && std::ranges::all_of(text, plain) ? std::string(text) : "other";
}

std::string digits_of(const json::Value& integer) {
  return integer.is_int64() ? std::to_string(integer.get_int64())
                            : std::to_string(integer.get_uint64());
}

std::optional<std::string> scalar_text(const json::Value& value) {
  if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
  if (value.is_int64() || value.is_uint64()) return digits_of(value);
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  return std::nullopt;
}

void copy_scalars(ObjectText& to, const json::Object& from,
                  std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const auto* value = from.if_contains(key);
    if (value == nullptr) continue;
    if (const auto text = scalar_text(*value)) to.text(key, *text);
  }
}

std::string error_text(const json::Object& error) {
  ObjectText text;
  copy_scalars(text, error, {"code", "title", "message", "href"});
  if (const auto* data = json::object_at(error, "error_data"))
    copy_scalars(text, *data, {"details"});
  return text.finish();
}

void copy_errors(ObjectText& to, const json::Object& element) {
  const auto* errors = json::array_at(element, "errors");
  if (errors == nullptr) return;
  std::vector<std::string> texts;
  for (const json::Value& value : *errors) {
    if (const auto* error = value.if_object()) texts.push_back(error_text(*error));
  }
  if (!texts.empty()) to.json("errors", array_text(texts));
}

}  // namespace sigilo::message
