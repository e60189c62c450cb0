// SPDX-License-Identifier: Apache-2.0
// Field calls: that a call was made, and how it went. What was said in it is never delivered.
#include "json/parse.hpp"
#include "message/content.hpp"
#include "message/messages.hpp"
#include "message/readers.hpp"

namespace sigilo::message {
namespace {

constexpr std::string_view type = "call";

/// The line's side of a call: by the provider's word, else by whose number placed it.
Direction direction_of(const Change& change, const json::Object& call) {
  const auto word = json::text_at(call, "direction");
  if (word == "BUSINESS_INITIATED") return Direction::out;
  if (word == "USER_INITIATED") return Direction::in;
  return is_own_number(change, json::text_at(call, "from").value_or("")) ? Direction::out
                                                                         : Direction::in;
}

/// Samples disagree about who is `from` in what one side began: the own number settles it.
std::optional<Party> other_side(const Change& change, const json::Object& call,
                                Direction direction) {
  const bool from_us = is_own_number(change, json::text_at(call, "from").value_or(""));
  const bool to_us = is_own_number(change, json::text_at(call, "to").value_or(""));
  const bool other_is_called = from_us || (!to_us && direction == Direction::out);
  return other_is_called ? party_at(change, call, "to", "to_user_id")
                         : party_at(change, call, "from", "from_user_id");
}

std::string details_of(const json::Object& call) {
  ObjectText text;
  copy_scalars(text, call,
               {"direction", "status", "start_time", "end_time", "duration", "deeplink_payload",
                "cta_payload", "biz_opaque_callback_data"});
  ObjectText details;
  details.json("call", text.finish());
  copy_errors(details, call);
  return details.finish();
}

/// What calls and their states share; returns why it cannot be recognised, or "".
std::string read_base(const json::Object& object, const std::optional<Party>& party, Event& event) {
  event.party = party.value_or(Party());
  const auto id = id_at(object, "id");
  if (id) event.provider_id = *id;
  const auto sent = time_at(object, "timestamp");
  if (sent) event.sent = *sent;
  if (!party) return "party";
  if (!id || id->empty()) return "id";
  return sent ? "" : "timestamp";
}

/// `event` with its kind and type: `state` "" is the call itself.
void finish(Event& event, const std::string& reason, const Change& change,
            const json::Object& object, std::string_view state) {
  if (reason.empty()) {
    event.kind = state.empty() ? RecordKind::message : RecordKind::status;
    event.type = type;
    if (!state.empty()) event.type += ":" + word(state);
    event.details = details_of(object);
  } else {
    event.type = std::string(change.field) + ":" + reason;
  }
}

}  // namespace

void read_call(const Change& change, const json::Value& element, json::Slice at,
               std::vector<Event>& events) {
  const auto* call = element.if_object();
  if (call == nullptr)
    return events.push_back(unrecognised_event(change, element, at, "not-an-object"));
  Event event = blank_event(change, at);
  event.direction = direction_of(change, *call);
  std::string reason = read_base(*call, other_side(change, *call, event.direction), event);
  const auto what = json::text_at(*call, "event").value_or("");
  if (reason.empty() && what.empty()) reason = "event";
  finish(event, reason, change, *call, what == "connect" ? "" : what);
  event.content = content_digest(event, element);
  events.push_back(std::move(event));
}

void read_call_status(const Change& change, const json::Value& element, json::Slice at,
                      std::vector<Event>& events) {
  const auto* status = element.if_object();
  if (status == nullptr)
    return events.push_back(unrecognised_event(change, element, at, "not-an-object"));
  Event event = blank_event(change, at);
  event.direction = Direction::out;  // only calls that the line places have them
  std::string reason =
      read_base(*status, party_at(change, *status, "recipient_id", "recipient_user_id"), event);
  const auto state = json::text_at(*status, "status").value_or("");
  if (reason.empty() && state.empty()) reason = "status";
  finish(event, reason, change, *status, state);
  event.content = content_digest(event, element);
  events.push_back(std::move(event));
}

}  // namespace sigilo::message
