// SPDX-License-Identifier: Apache-2.0
// Errors of the provider that concern the line, not one message: `value.errors`.
#include "message/content.hpp"
#include "message/readers.hpp"

namespace sigilo::message {

void read_system_error(const Change& change, const json::Value& element, json::Slice at,
                       std::vector<Event>& events) {
  const auto* error = element.if_object();
  if (error == nullptr) {
    return events.push_back(unrecognised_event(change, element, at, "errors"));
  }
  Event event = blank_event(change, at);
  event.kind = RecordKind::line;
  event.type = word(change.field) + ":errors";
  event.sent = change.entry.time;
  ObjectText details;
  details.json("errors", array_text({error_text(*error)}));
  event.details = details.finish();
  event.content = content_digest(event, element, change.entry.text);
  events.push_back(std::move(event));
}

}  // namespace sigilo::message
