// SPDX-License-Identifier: Apache-2.0
// The types of message that this version understands: one row and one function each, in
// message_types.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/domain.hpp"
#include "json/slices.hpp"
#include "json/value.hpp"
#include "message/text_writer.hpp"

namespace sigilo::message {

/// What a person can read, line by line.
struct Lines {
  std::string joined;
  void add(std::optional<std::string_view> text);
};

/// What a type says beyond what all messages have.
struct Content {
  Lines text;
  ObjectText details;
  std::string_view
      type;           ///< where the event's type is not the message's: an edit has the new one's
  std::string about;  ///< Event::about
};

/// One message as a type's function sees it. The bytes are there for numbers, whose digits must
/// stay as they were sent.
struct Reading {
  const json::Object& message;
  std::string_view body;
  json::Slice at;
};

struct MessageType {
  std::string_view name;
  RecordKind kind;
  /// False where the message has not got what the type promises; it is then kept as unrecognised.
  bool (*read)(const Reading& reading, Content& content);
};

/// nullptr: not known in this version.
const MessageType* find_type(std::string_view name);

/// The message's `type`. Where it is missing (seen with locations): the known type whose object it
/// has, else "".
std::string_view type_name(const json::Object& message);

/// Who a `system` message without `from` is about: the user id before the change; "" where there is
/// none, nullopt where it is too long or of another type.
std::optional<std::string_view> former_user_id(const json::Object& message);

}  // namespace sigilo::message
