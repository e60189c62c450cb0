// SPDX-License-Identifier: Apache-2.0
// Field smb_message_echoes: what the firm sent from the phone's app or a device linked to it.
#include "json/parse.hpp"
#include "message/messages.hpp"
#include "message/readers.hpp"

namespace sigilo::message {
namespace {

/// Samples disagree about who is `from` in an echo; the field says that the line sent it, so the
/// other side is the one whose number isn't the line's.
std::optional<Party> addressee(const Change& change, const json::Object& echo) {
  const auto own = [&](std::string_view key) {
    return is_own_number(change, json::text_at(echo, key).value_or(""));
  };
  if (own("to") && !own("from")) return party_at(change, echo, "from", "from_user_id");
  return party_at(change, echo, "to", "to_user_id");
}

}  // namespace

void read_echo(const Change& change, const json::Value& element, json::Slice at,
               std::vector<Event>& events) {
  Setting setting;
  setting.via = Via::app;
  setting.direction = Direction::out;
  if (const auto* echo = element.if_object()) setting.party = addressee(change, *echo);
  events.push_back(message_event(change, element, at, std::move(setting)));
}

}  // namespace sigilo::message
