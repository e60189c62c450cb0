// SPDX-License-Identifier: Apache-2.0
// The provider's envelope: {entry: [{id, time?, changes: [{field, value}]}]}. Whose line a change
// concerns is decided here, before anything of it becomes an event.
#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "message/element.hpp"
#include "message/interpret.hpp"

namespace sigilo::message {
namespace {

/// Which line a part of a delivery names.
struct Naming {
  bool any = false;          ///< it names a line at all
  std::optional<E164> ours;  ///< the configured one among them
  [[nodiscard]] bool foreign() const { return any && !ours; }

  void add(std::string_view phone_number_id, std::string_view display_number,
           const LineBook& lines) {
    if (phone_number_id.empty() && display_number.empty()) return;
    any = true;
    if (!ours) ours = lines.find(phone_number_id, display_number);
  }
};

void add_named_by(const json::Object& object, const LineBook& lines, Naming& naming) {
  naming.add(json::text_at(object, "phone_number_id").value_or(""),
             json::text_at(object, "display_phone_number").value_or(""), lines);
}

/// Every line named anywhere in `value`, for shapes that this version doesn't know.
void add_all_named(const json::Value& value, const LineBook& lines, Naming& naming) {
  if (const auto* array = value.if_array()) {
    for (const json::Value& element : *array) add_all_named(element, lines, naming);
  } else if (const auto* object = value.if_object()) {
    add_named_by(*object, lines, naming);
    for (const auto& member : *object) add_all_named(member.value(), lines, naming);
  }
}

/// The line of a change: `metadata` decides; account fields have none, and name the line beside the
/// event or not at all.
Naming named_in_change(const json::Value& change, const json::Object* value,
                       const LineBook& lines) {
  Naming naming;
  if (value != nullptr) {
    if (const auto* metadata = json::object_at(*value, "metadata"))
      add_named_by(*metadata, lines, naming);
    if (naming.any) return naming;
    naming.add("", json::text_at(*value, "phone_number").value_or(""), lines);
  }
  add_all_named(change, lines, naming);
  return naming;
}

std::size_t elements_in(const json::Object& value) {
  std::size_t count = 0;
  for (const auto& member : value) {
    if (member.key() == "contacts") continue;
    if (const auto* array = member.value().if_array()) count += array->size();
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

/// Something in a `messages` value besides what this version takes out of it.
bool holds_more(const json::Object& value) {
  return std::ranges::any_of(value, [](const auto& member) {
    const std::string_view key(member.key().data(), member.key().size());
    const json::Value& part = member.value();
    if (key == "messages" || key == "statuses" || key == "errors")
      return !part.is_array() && !part.is_null();
    return key != "contacts" && part.is_array() && !part.get_array().empty();
  });
}

/// What an entry says about its changes: account events have no id, so its account and time tell
/// them apart.
struct EntryMark {
  Timestamp time;
  std::string text;
};

EntryMark mark_of(const json::Object& entry) {
  EntryMark mark;
  mark.time = time_at(entry, "time").value_or(Timestamp());
  for (const std::string_view key : {"id", "time"}) {
    const auto* value = entry.if_contains(key);
    mark.text += value != nullptr ? json::canonical(*value) : "";
    mark.text += '\n';
  }
  return mark;
}

/// Slices of the elements of `array`, which stands at `at`. Most arrays have one element: then it
/// is what stands between the brackets, and its bytes need not be read once more.
std::vector<json::Slice> slices_of(const json::Array& array, std::string_view body,
                                   json::Slice at) {
  if (array.size() == 1) {
    constexpr std::string_view space = " \t\n\r";
    const std::string_view inside = at.of(body).substr(1, at.length - 2);
    const std::size_t begin = inside.find_first_not_of(space);
    return {{at.offset + 1 + begin, inside.find_last_not_of(space) + 1 - begin}};
  }
  auto slices = json::elements(body, at);
  SIGILO_CHECK(slices.size() == array.size(), "slices and values are of one text");
  return slices;
}

class Walk {
 public:
  Walk(std::string_view body, const LineBook& lines) : body_(body), lines_(lines) {}

  void body();
  Interpretation take() { return std::move(out_); }

 private:
  void entry(const json::Value& value, json::Slice at);
  void change(const json::Value& value, json::Slice at, const EntryMark& mark);
  void messages(const json::Object& value, json::Slice at, const E164& line);
  template <class Read>
  void each(const json::Object& value, json::Slice at, std::string_view key, Read read);

  /// One event over the slice, unless it names only lines that are not ours.
  void keep(std::string type, const json::Value& value, json::Slice at, const EntryMark& mark);
  void keep_for(const std::optional<E164>& line, std::string type, const json::Value& value,
                json::Slice at, const EntryMark& mark);
  void refuse(json::Slice at, std::size_t things);

  std::string_view body_;
  const LineBook& lines_;
  Interpretation out_;
};

void Walk::body() {
  const auto root = json::parse(body_);
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
    return refuse(at, std::max<std::size_t>(things, 1));
  }
  const auto field = object != nullptr ? json::text_at(*object, "field") : std::nullopt;
  if (!field) return keep_for(naming.ours, "change", value, at, mark);
  if (*field != "messages" || inner == nullptr || !naming.ours) {
    return keep_for(naming.ours, word(*field), value, at, mark);
  }
  const std::size_t before = out_.events.size();
  messages(*inner, json::member(body_, at, "value"), *naming.ours);
  if (out_.events.size() == before || holds_more(*inner))
    keep_for(naming.ours, "messages", value, at, mark);
}

void Walk::messages(const json::Object& value, json::Slice at, const E164& line) {
  const Contacts contacts(json::array_at(value, "contacts"));
  const Change change{body_, line, contacts};
  each(value, at, "messages", [&](const json::Value& element, json::Slice slice) {
    return message_event(change, element, slice);
  });
  each(value, at, "statuses", [&](const json::Value& element, json::Slice slice) {
    return status_event(change, element, slice);
  });
  each(value, at, "errors", [&](const json::Value& element, json::Slice slice) {
    Event event;
    event.line = line;
    event.type = "messages:errors";
    event.offset = slice.offset;
    event.length = slice.length;
    event.content = content_digest(event, element);
    return event;
  });
}

template <class Read>
void Walk::each(const json::Object& value, json::Slice at, std::string_view key, Read read) {
  const auto* array = json::array_at(value, key);
  if (array == nullptr || array->empty()) return;
  const auto slices = slices_of(*array, body_, json::member(body_, at, key));
  for (std::size_t i = 0; i < slices.size(); ++i)
    out_.events.push_back(read((*array)[i], slices[i]));
}

void Walk::keep(std::string type, const json::Value& value, json::Slice at, const EntryMark& mark) {
  Naming naming;
  add_all_named(value, lines_, naming);
  if (naming.foreign()) return refuse(at, 1);
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

void Walk::refuse(json::Slice at, std::size_t things) {
  out_.not_monitored += things;
  out_.foreign.emplace_back(at.offset, at.length);
}

}  // namespace

Interpretation interpret_meta(std::string_view body, const LineBook& lines) {
  Walk walk(body, lines);
  walk.body();
  return walk.take();
}

}  // namespace sigilo::message
