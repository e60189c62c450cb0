// SPDX-License-Identifier: Apache-2.0
// Field smb_message_echoes: what the firm sent from the phone's app or a device linked to it.
#include "message/messages.hpp"
#include "message/readers.hpp"

namespace sigilo::message {

void read_echo(const Change& change, const json::Value& element, json::Slice at,
               std::vector<Event>& events) {
  Setting setting;
  setting.via = Via::app;
  setting.direction = Direction::out;
  if (const auto* echo = element.if_object())
    setting.party = party_at(change, *echo, "to", "to_user_id");
  events.push_back(message_event(change, element, at, std::move(setting)));
}

}  // namespace sigilo::message
