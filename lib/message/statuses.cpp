// SPDX-License-Identifier: Apache-2.0
// States of what the firm sent: sent, delivered, read … A state never carries the content.
#include <algorithm>
#include <array>

#include "json/parse.hpp"
#include "message/content.hpp"
#include "message/readers.hpp"

namespace sigilo::message {
namespace {

constexpr std::array<std::string_view, 7> known_states{"sent",   "delivered", "read",   "played",
                                                       "failed", "deleted",   "warning"};

/// In a group the recipient is the group, and the person stands beside it.
bool is_to_group(const json::Object& status) {
  return json::text_at(status, "recipient_type") == "group" ||
         status.contains("recipient_participant_id") ||
         status.contains("recipient_participant_user_id");
}

/// False where an identifier is too long or of another type.
bool read_party(const Change& change, const json::Object& status, Party& party) {
  const bool group = is_to_group(status);
  const auto number = id_at(status, group ? "recipient_participant_id" : "recipient_id");
  const auto user = id_at(status, group ? "recipient_participant_user_id" : "recipient_user_id");
  if (!number || !user || !id_at(status, "recipient_id")) return false;
  // A state of the whole group is nobody's, even where one contact stands beside it.
  if (!group || !number->empty() || !user->empty()) party = change.contacts.party(*number, *user);
  return true;
}

std::string details_of(const json::Object& status) {
  ObjectText details;
  copy_errors(details, status);
  copy_scalars(details, status, {"biz_opaque_callback_data"});
  if (is_to_group(status)) {
    if (const auto group = json::text_at(status, "recipient_id")) details.text("group_id", *group);
  }
  if (const auto* pricing = json::object_at(status, "pricing")) {
    ObjectText text;
    copy_scalars(text, *pricing, {"billable", "category", "pricing_model", "type"});
    details.json("pricing", text.finish());
  }
  if (const auto* conversation = json::object_at(status, "conversation")) {
    ObjectText text;
    copy_scalars(text, *conversation, {"id", "expiration_timestamp"});
    if (const auto* origin = json::object_at(*conversation, "origin")) {
      if (const auto type = json::text_at(*origin, "type")) text.text("origin", *type);
    }
    details.json("conversation", text.finish());
  }
  return details.finish();
}

/// Fills `event`; returns why it cannot be recognised, or "".
std::string read_members(const Change& change, const json::Value& element, Event& event) {
  const auto* status = element.if_object();
  if (status == nullptr) return "not-an-object";
  const bool party = read_party(change, *status, event.party);
  const auto id = id_at(*status, "id");
  if (id) event.provider_id = *id;
  const auto sent = time_at(*status, "timestamp");
  if (sent) event.sent = *sent;
  if (!party) return "party";
  if (!id || id->empty()) return "id";
  if (!sent) return "timestamp";
  const auto state = json::text_at(*status, "status").value_or("");
  if (std::ranges::find(known_states, state) == known_states.end()) return word(state);
  event.kind = RecordKind::status;
  event.type = state;
  event.details = details_of(*status);
  return "";
}

}  // namespace

void read_status(const Change& change, const json::Value& element, json::Slice at,
                 std::vector<Event>& events) {
  const auto* status = element.if_object();
  if (status != nullptr && json::text_at(*status, "type") == "call")
    return read_call_status(change, element, at, events);
  Event event = blank_event(change, at);
  event.direction = Direction::out;
  const std::string reason = read_members(change, element, event);
  if (!reason.empty()) event.type = "statuses:" + reason;
  event.content = content_digest(event, element);
  events.push_back(std::move(event));
}

}  // namespace sigilo::message
