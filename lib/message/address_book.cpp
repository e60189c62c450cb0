// SPDX-License-Identifier: Apache-2.0
// Field smb_app_state_sync: the address book of the phone's app. A changed entry comes as "add".
#include "json/parse.hpp"
#include "message/content.hpp"
#include "message/readers.hpp"

namespace sigilo::message {
namespace {

void read_contact(const Change& change, const json::Object& contact, Event& event) {
  event.party = change.contacts.party(id_at(contact, "phone_number").value_or(""),
                                      id_at(contact, "user_id").value_or(""));
  const auto full_name = json::text_at(contact, "full_name").value_or("");
  const auto name =
      full_name.empty() ? json::text_at(contact, "first_name").value_or("") : full_name;
  if (!name.empty()) event.party.name = cut_name(name);
  ObjectText text;
  copy_scalars(text, contact, {"first_name", "full_name", "phone_number", "username"});
  ObjectText details;
  details.json("contact", text.finish());
  event.details = details.finish();
}

}  // namespace

void read_contact_sync(const Change& change, const json::Value& element, json::Slice at,
                       std::vector<Event>& events) {
  const auto* entry = element.if_object();
  if (entry == nullptr) {
    return events.push_back(unrecognised_event(change, element, at, "not-an-object"));
  }
  Event event = blank_event(change, at);
  event.kind = RecordKind::line;
  event.type = word(json::text_at(*entry, "type").value_or("")) + ":" +
               word(json::text_at(*entry, "action").value_or(""));
  if (const auto* metadata = json::object_at(*entry, "metadata"))
    event.sent = time_at(*metadata, "timestamp").value_or(Timestamp());
  if (const auto* contact = json::object_at(*entry, "contact"))
    read_contact(change, *contact, event);
  event.content = content_digest(event, element);
  events.push_back(std::move(event));
}

}  // namespace sigilo::message
