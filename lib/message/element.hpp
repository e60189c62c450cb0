// SPDX-License-Identifier: Apache-2.0
// One element of a change (a message, a state) into one event; what all elements have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/slices.hpp"
#include "json/value.hpp"
#include "message/contacts.hpp"
#include "message/event.hpp"
#include "message/text_writer.hpp"

namespace sigilo::message {

/// What the elements of one change share.
struct Change {
  std::string_view body;  ///< the whole delivery
  const E164& line;
  const Contacts& contacts;
};

/// One element of `value.messages` (messages.cpp) or `value.statuses` (statuses.cpp), always with
/// an event.
Event message_event(const Change& change, const json::Value& element, json::Slice at);
Event status_event(const Change& change, const json::Value& element, json::Slice at);

/// The provider's time in a member that may be a string of digits or an integer of Unix seconds:
/// 1970 where it is absent, nullopt where it is no time in the years 1970 to 9999.
std::optional<Timestamp> time_at(const json::Object& object, std::string_view key);

/// An id in member `key`: "" where it is absent, nullopt where it is no string or longer than
/// max_id_length.
std::optional<std::string_view> id_at(const json::Object& object, std::string_view key);

/// A word of the provider's that may stand in an event's type: letters, digits, '_', '-', '.', at
/// most 64; else "other".
std::string word(std::string_view text);

/// Event::content. `mark` tells apart what the slice alone doesn't (time and account of an entry).
crypto::Digest content_digest(const Event& event, const json::Value& slice,
                              std::string_view mark = {});

/// Members of `from` that are strings, integers or booleans, as strings into `to`.
void copy_scalars(ObjectText& to, const json::Object& from,
                  std::initializer_list<std::string_view> keys);

/// The `errors` of `element`, if there are any, as member "errors".
void copy_errors(ObjectText& to, const json::Object& element);

}  // namespace sigilo::message
