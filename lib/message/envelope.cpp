// SPDX-License-Identifier: Apache-2.0
// The provider's envelope: {entry: [{id, time?, changes: [{field, value}]}]}. Whose line a change
// concerns is decided here, before anything of it becomes an event.
#include <algorithm>

#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "message/content.hpp"
#include "message/fields.hpp"
#include "message/interpret.hpp"
#include "message/naming.hpp"
#include "message/readers.hpp"

namespace sigilo::message {
namespace {

std::string_view display_number(const json::Object& value) {
  const auto* metadata = json::object_at(value, "metadata");
  return metadata != nullptr ? json::text_at(*metadata, "display_phone_number").value_or("") : "";
}

std::size_t elements_in(const json::Object& value) {
  std::size_t count = 0;
  for (const auto& member : value) {
    const auto* array = member.value().if_array();
    if (array == nullptr || member.key() == "contacts") continue;
    count += member.key() == "history" ? things_in_history(*array) : array->size();
  }
  return count;
}

/// Upper bound of the events that the envelope can give.
std::size_t events_in(const json::Array& entries) {
  std::size_t count = entries.size();
  for (const json::Value& value : entries) {
    const auto* entry = value.if_object();
    const auto* changes = entry != nullptr ? json::array_at(*entry, "changes") : nullptr;
    if (changes == nullptr) continue;
    count += changes->size();
    for (const json::Value& element : *changes) {
      const auto* change = element.if_object();
      const auto* inner = change != nullptr ? json::object_at(*change, "value") : nullptr;
      if (inner != nullptr) count += elements_in(*inner);
    }
  }
  return count;
}

EntryMark mark_of(const json::Object& entry) {
  EntryMark mark;
  mark.time = time_at(entry, "time").value_or(Timestamp());
  for (const std::string_view key : {"id", "time"}) {
    const auto* value = entry.if_contains(key);
    // A time may be a string in one delivery and an integer in the next.
    if (value != nullptr) mark.text += scalar_text(*value).value_or(json::canonical(*value));
    mark.text += '\n';
  }
  return mark;
}

class Walk {
 public:
  Walk(std::string_view body, const LineBook& lines) : body_(body), lines_(lines) {}

  void body();
  Interpretation take() { return std::move(out_); }

 private:
  void entry(const json::Value& value, json::Slice at);
  void change(const json::Value& value, json::Slice at, const EntryMark& mark);
  /// One event over the slice, unless it names only lines that are not ours.
  void keep(std::string type, const json::Value& value, json::Slice at, const EntryMark& mark);
  void keep_for(const std::optional<E164>& line, std::string type, const json::Value& value,
                json::Slice at, const EntryMark& mark);

  std::string_view body_;
  const LineBook& lines_;
  Interpretation out_;
};

void Walk::body() {
  json::Arena arena;
  const auto root = json::parse(body_, arena);
  if (!root) {
    Event event;
    event.type = "not-json";
    event.length = body_.size();
    event.content = content_digest(event, json::Value(), crypto::sha256(as_bytes(body_)).hex());
    out_.events.push_back(std::move(event));
    return;
  }
  const json::Slice at = json::whole(body_);
  const auto* object = root->if_object();
  const auto* entries = object != nullptr ? json::array_at(*object, "entry") : nullptr;
  if (entries == nullptr || entries->empty()) return keep("no-envelope", *root, at, {});
  if (events_in(*entries) > max_events) return keep("too-many", *root, at, {});
  const auto slices = slices_of(*entries, body_, json::member(body_, at, "entry"));
  for (std::size_t i = 0; i < slices.size(); ++i) entry((*entries)[i], slices[i]);
}

void Walk::entry(const json::Value& value, json::Slice at) {
  const auto* object = value.if_object();
  const auto* changes = object != nullptr ? json::array_at(*object, "changes") : nullptr;
  if (changes == nullptr || changes->empty()) return keep("entry", value, at, {});
  const EntryMark mark = mark_of(*object);
  const auto slices = slices_of(*changes, body_, json::member(body_, at, "changes"));
  for (std::size_t i = 0; i < slices.size(); ++i) change((*changes)[i], slices[i], mark);
}

void Walk::change(const json::Value& value, json::Slice at, const EntryMark& mark) {
  const auto* object = value.if_object();
  const auto* inner = object != nullptr ? json::object_at(*object, "value") : nullptr;
  const Naming naming = named_in_change(value, inner, lines_);
  if (naming.foreign()) {
    const std::size_t things = inner != nullptr ? elements_in(*inner) : 0;
    return refuse(out_, naming, at, std::max<std::size_t>(things, 1));
  }
  const auto field = object != nullptr ? json::text_at(*object, "field") : std::nullopt;
  if (!field) return keep_for(naming.ours, "change", value, at, mark);
  if (inner == nullptr) return keep_for(naming.ours, word(*field), value, at, mark);
  const E164 line = naming.ours.value_or(E164());
  const Contacts contacts(json::array_at(*inner, "contacts"));
  const Change parts{body_, value, at, *field, line, display_number(*inner), mark, contacts};
  if (!read_change(parts, *inner, json::member(body_, at, "value"), out_.events))
    keep_for(naming.ours, word(*field), value, at, mark);
}

void Walk::keep(std::string type, const json::Value& value, json::Slice at, const EntryMark& mark) {
  const Naming naming = named_anywhere(value, lines_);
  if (naming.foreign()) return refuse(out_, naming, at, 1);
  keep_for(naming.ours, std::move(type), value, at, mark);
}

void Walk::keep_for(const std::optional<E164>& line, std::string type, const json::Value& value,
                    json::Slice at, const EntryMark& mark) {
  Event event;
  if (line) event.line = *line;
  event.sent = mark.time;
  event.type = std::move(type);
  event.offset = at.offset;
  event.length = at.length;
  event.content = content_digest(event, value, mark.text);
  out_.events.push_back(std::move(event));
}

}  // namespace

Interpretation interpret_meta(std::string_view body, const LineBook& lines) {
  Walk walk(body, lines);
  walk.body();
  return walk.take();
}

}  // namespace sigilo::message
