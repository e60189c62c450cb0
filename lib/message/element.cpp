// SPDX-License-Identifier: Apache-2.0
#include "message/element.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

#include "json/canonical.hpp"
#include "json/parse.hpp"

namespace sigilo::message {
namespace {

constexpr std::int64_t last_second_of_9999 = 253'402'300'799;

std::optional<std::int64_t> whole_number(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// A media object has a mime_type, wherever it stands; its url is valid for minutes and differs in
/// each repeat.
bool has_media_url(const json::Object& object) {
  return object.contains("mime_type") && object.contains("url");
}

/// RFC 8785 rounds integers beyond 2^53 to a double, which would make two ids one.
bool is_wide(const json::Value& value) {
  constexpr std::int64_t exact_limit = std::int64_t{1} << 53;
  if (value.is_uint64()) return true;  // the parser gives unsigned only beyond 2^63
  return value.is_int64() && (value.get_int64() > exact_limit || value.get_int64() < -exact_limit);
}

bool needs_settling(const json::Value& value) {
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, needs_settling);
  const auto* object = value.if_object();
  if (object == nullptr) return is_wide(value);
  return has_media_url(*object) || std::ranges::any_of(*object, [](const auto& member) {
           return needs_settling(member.value());
         });
}

std::string digits_of(const json::Value& integer) {
  return integer.is_int64() ? std::to_string(integer.get_int64())
                            : std::to_string(integer.get_uint64());
}

void settle(json::Value& value) {
  if (auto* array = value.if_array()) {
    std::ranges::for_each(*array, settle);
  } else if (auto* object = value.if_object()) {
    if (has_media_url(*object)) object->erase("url");
    for (auto& member : *object) settle(member.value());
  } else if (is_wide(value)) {
    value = digits_of(value);
  }
}

std::string canonical_content(const json::Value& slice) {
  if (!needs_settling(slice)) return json::canonical(slice);
  json::Value copy = slice;
  settle(copy);
  return json::canonical(copy);
}

/// Each field with its length before it, so that no byte can move from one field to the next.
void append_field(std::string& out, std::string_view field) {
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    out += static_cast<char>((static_cast<std::uint64_t>(field.size()) >> (shift - 8U)) & 0xffU);
  }
  out += field;
}

std::optional<std::string> scalar_text(const json::Value& value) {
  if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
  if (value.is_int64() || value.is_uint64()) return digits_of(value);
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  return std::nullopt;
}

}  // namespace

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

crypto::Digest content_digest(const Event& event, const json::Value& slice, std::string_view mark) {
  std::string fields = "sigilo.content.v1\n";
  append_field(fields, event.line.value());
  append_field(fields, to_string(event.kind));
  append_field(fields, event.provider_id);
  append_field(fields, mark);
  append_field(fields, canonical_content(slice));
  return crypto::sha256(as_bytes(fields));
}

void copy_scalars(ObjectText& to, const json::Object& from,
                  std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const auto* value = from.if_contains(key);
    if (value == nullptr) continue;
    if (const auto text = scalar_text(*value)) to.text(key, *text);
  }
}

void copy_errors(ObjectText& to, const json::Object& element) {
  const auto* errors = json::array_at(element, "errors");
  if (errors == nullptr) return;
  std::vector<std::string> texts;
  for (const json::Value& value : *errors) {
    const auto* error = value.if_object();
    if (error == nullptr) continue;
    ObjectText text;
    copy_scalars(text, *error, {"code", "title", "message", "href"});
    if (const auto* data = json::object_at(*error, "error_data"))
      copy_scalars(text, *data, {"details"});
    texts.push_back(text.finish());
  }
  if (!texts.empty()) to.json("errors", array_text(texts));
}

}  // namespace sigilo::message
