// SPDX-License-Identifier: Apache-2.0
// What the readers of a change's parts have in common.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/slices.hpp"
#include "json/value.hpp"
#include "message/contacts.hpp"
#include "message/event.hpp"
#include "message/text_writer.hpp"

namespace sigilo::message {

/// What an entry says about its changes: account events have no id, so its account and time tell
/// them apart.
struct EntryMark {
  Timestamp time;  ///< 1970 where it gives none
  std::string text;
};

/// What the parts of one change share.
struct Change {
  std::string_view body;  ///< the whole delivery
  const json::Value& whole;
  json::Slice at;  ///< of the change in the body
  std::string_view field;
  const E164& line;                 ///< the configured line; empty where the change names none
  std::string_view display_number;  ///< of the line, as the change spells it; may be ""
  const EntryMark& entry;
  const Contacts& contacts;
};

/// True for the line's own number in any spelling.
bool is_own_number(const Change& change, std::string_view number);

/// An event of the change over the slice, with nothing read yet: unrecognised, without content.
Event blank_event(const Change& change, json::Slice at);

/// The slice as an unrecognised event of type "field:reason".
Event unrecognised_event(const Change& change, const json::Value& value, json::Slice at,
                         std::string_view reason);

/// Slices of the elements of `array`, which stands at `at`.
std::vector<json::Slice> slices_of(const json::Array& array, std::string_view body, json::Slice at);

/// Calls `read(element, slice)` for each element of the array `key` of the object at `at`; for
/// nothing where it is no array.
template <class Read>
void for_each_in(const json::Object& object, std::string_view body, json::Slice at,
                 std::string_view key, Read read) {
  const auto* value = object.if_contains(key);
  const auto* array = value != nullptr ? value->if_array() : nullptr;
  if (array == nullptr || array->empty()) return;
  const auto slices = slices_of(*array, body, json::member(body, at, key));
  for (std::size_t i = 0; i < slices.size(); ++i) read((*array)[i], slices[i]);
}

/// Something in `object` besides the arrays `known`: another array with elements, or one of them
/// that is none. `contacts` only complete what stands beside them.
bool holds_more(const json::Object& object, std::span<const std::string_view> known);

/// The provider's time in a member that may be a string of digits or an integer of Unix seconds:
/// 1970 where it is absent, nullopt where it is no time in the years 1970 to 9999.
std::optional<Timestamp> time_at(const json::Object& object, std::string_view key);

/// An id in member `key`: "" where it is absent, nullopt where it is no string or longer than
/// max_id_length.
std::optional<std::string_view> id_at(const json::Object& object, std::string_view key);

/// A word of the provider's that may stand in an event's type: letters, digits, '_', '-', '.', at
/// most 64; else "other".
std::string word(std::string_view text);

/// The digits of an integer.
std::string digits_of(const json::Value& integer);

/// A string, an integer or a boolean as text.
std::optional<std::string> scalar_text(const json::Value& value);

/// Members of `from` that are strings, integers or booleans, as strings into `to`.
void copy_scalars(ObjectText& to, const json::Object& from,
                  std::initializer_list<std::string_view> keys);

/// One of the provider's errors: {code, details, href, message, title}.
std::string error_text(const json::Object& error);

/// The `errors` of `element`, if there are any, as member "errors".
void copy_errors(ObjectText& to, const json::Object& element);

}  // namespace sigilo::message
