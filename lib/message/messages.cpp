// SPDX-License-Identifier: Apache-2.0
// What every message has, whatever its type: id, time, party, group, quote. The types are in
// message_types.cpp.
#include "json/parse.hpp"
#include "message/element.hpp"
#include "message/message_types.hpp"

namespace sigilo::message {
namespace {

/// False where an identifier is too long or of another type.
bool read_party(const Change& change, const json::Object& message, Party& party) {
  const auto number = id_at(message, "from");
  auto user = id_at(message, "from_user_id");
  if (!number || !user) return false;
  if (number->empty() && user->empty()) user = former_user_id(message);
  if (!user) return false;
  party = change.contacts.party(*number, *user);
  return true;
}

/// Details that a message of any type may have. False where an id is too long or of another type.
bool read_common(const json::Object& message, Event& event, ObjectText& details) {
  const auto group = id_at(message, "group_id");
  if (!group) return false;
  if (!group->empty()) details.text("group_id", *group);
  copy_errors(details, message);
  if (const auto* context = json::object_at(message, "context")) {
    const auto quoted_id = id_at(*context, "id");
    if (!quoted_id) return false;
    event.reply_to = *quoted_id;
    copy_scalars(details, *context, {"forwarded", "frequently_forwarded"});
  }
  if (const auto* referral = json::object_at(message, "referral")) {
    ObjectText text;
    copy_scalars(text, *referral, {"source_url", "source_type", "source_id", "headline", "body"});
    details.json("referral", text.finish());
  }
  return true;
}

/// Fills `event`; returns why it cannot be recognised, or "".
std::string read_message(const Change& change, const json::Value& element, json::Slice at,
                         Event& event) {
  const auto* message = element.if_object();
  if (message == nullptr) return "not-an-object";
  const bool party = read_party(change, *message, event.party);
  const auto id = id_at(*message, "id");
  if (id) event.provider_id = *id;
  const auto sent = time_at(*message, "timestamp");
  if (sent) event.sent = *sent;
  if (!party) return "party";
  if (!id || id->empty()) return "id";
  if (!sent) return "timestamp";
  const std::string_view name = type_name(*message);
  const MessageType* type = find_type(name);
  if (type == nullptr) return word(name);
  Content content;
  if (!read_common(*message, event, content.details)) return "id";
  if (!type->read({*message, change.body, at}, content)) return word(name);
  event.kind = RecordKind::message;
  event.type = name;
  event.text = std::move(content.text.joined);
  event.details = content.details.finish();
  return "";
}

}  // namespace

Event message_event(const Change& change, const json::Value& element, json::Slice at) {
  Event event;
  event.line = change.line;
  event.offset = at.offset;
  event.length = at.length;
  const std::string reason = read_message(change, element, at, event);
  if (!reason.empty()) {
    event.type = "messages:" + reason;
    event.reply_to.clear();
  }
  event.content = content_digest(event, element);
  return event;
}

}  // namespace sigilo::message
