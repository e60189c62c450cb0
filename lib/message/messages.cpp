// SPDX-License-Identifier: Apache-2.0
// What every message has, whatever its type: id, time, party, group, quote. The types are in
// message_types.cpp.
#include "message/messages.hpp"

#include "json/parse.hpp"
#include "message/content.hpp"
#include "message/message_types.hpp"
#include "message/readers.hpp"

namespace sigilo::message {
namespace {

/// Who sent it. A `system` message may come without sender; then it tells of the user before.
std::optional<Party> sender(const Change& change, const json::Object& message) {
  const auto number = id_at(message, "from");
  const auto user = id_at(message, "from_user_id");
  if (number && user && number->empty() && user->empty()) {
    const auto former = former_user_id(message);
    if (!former) return std::nullopt;
    return change.contacts.party("", *former);
  }
  return party_at(change, message, "from", "from_user_id");
}

/// The quoted message, forwards and products. False where an id is too long or of another type.
bool read_context(const json::Object& message, Event& event, ObjectText& details) {
  const auto* context = json::object_at(message, "context");
  if (context == nullptr) return true;
  const auto quoted_id = id_at(*context, "id");
  if (!quoted_id) return false;
  event.reply_to = *quoted_id;
  copy_scalars(details, *context, {"forwarded", "frequently_forwarded"});
  ObjectText text;
  copy_scalars(text, *context, {"from"});
  if (!text.empty()) details.json("context", text.finish());
  if (const auto* product = json::object_at(*context, "referred_product")) {
    ObjectText referred;
    copy_scalars(referred, *product, {"catalog_id", "product_retailer_id"});
    details.json("referred_product", referred.finish());
  }
  return true;
}

/// Details that a message of any type may have. False where an id is too long or of another type.
bool read_common(const json::Object& message, Event& event, ObjectText& details) {
  const auto group = id_at(message, "group_id");
  if (!group) return false;
  if (!group->empty()) details.text("group_id", *group);
  copy_errors(details, message);
  if (const auto* referral = json::object_at(message, "referral")) {
    ObjectText text;
    copy_scalars(text, *referral,
                 {"source_url", "source_type", "source_id", "headline", "body", "media_type",
                  "image_url", "video_url", "thumbnail_url", "ctwa_clid"});
    details.json("referral", text.finish());
  }
  if (const auto* identity = json::object_at(message, "identity")) {
    ObjectText text;
    copy_scalars(text, *identity, {"acknowledged", "created_timestamp", "hash"});
    details.json("identity", text.finish());
  }
  return read_context(message, event, details);
}

/// Fills `event`; returns why it cannot be recognised, or "".
std::string read_members(const Change& change, const json::Value& element, json::Slice at,
                         Setting& setting, Event& event) {
  const auto* message = element.if_object();
  if (message == nullptr) return "not-an-object";
  const auto id = id_at(*message, "id");
  if (id) event.provider_id = *id;
  const auto sent = time_at(*message, "timestamp");
  if (sent) event.sent = *sent;
  if (!setting.party) return "party";
  if (!id || id->empty()) return "id";
  if (!sent) return "timestamp";
  const std::string_view name = type_name(*message);
  const MessageType* type = find_type(name);
  if (type == nullptr) return word(name);
  Content content;
  if (!read_common(*message, event, content.details)) return "id";
  if (!type->read({*message, change.body, at}, content)) return word(name);
  if (!setting.history.empty()) content.details.json("history", std::move(setting.history));
  event.kind = type->kind;
  event.type = content.type.empty() ? name : content.type;
  event.text = std::move(content.text.joined);
  event.about = std::move(content.about);
  event.details = content.details.finish();
  return "";
}

}  // namespace

Event message_event(const Change& change, const json::Value& element, json::Slice at,
                    Setting setting) {
  Event event = blank_event(change, at);
  event.via = setting.via;
  event.direction = setting.direction;
  event.party = setting.party.value_or(Party());
  const std::string reason = read_members(change, element, at, setting, event);
  if (!reason.empty()) {
    event.type = std::string(change.field) + ":" + reason;
    event.reply_to.clear();
  }
  event.content = content_digest(event, element);
  return event;
}

std::optional<Party> party_at(const Change& change, const json::Object& object,
                              std::string_view number_key, std::string_view user_id_key) {
  const auto number = id_at(object, number_key);
  const auto user_id = id_at(object, user_id_key);
  if (!number || !user_id) return std::nullopt;
  return change.contacts.party(*number, *user_id);
}

void read_message(const Change& change, const json::Value& element, json::Slice at,
                  std::vector<Event>& events) {
  Setting setting;
  if (const auto* message = element.if_object()) setting.party = sender(change, *message);
  events.push_back(message_event(change, element, at, std::move(setting)));
}

}  // namespace sigilo::message
