// SPDX-License-Identifier: Apache-2.0
// Field history: what was said before the line was linked, in chunks: {metadata{phase, chunk_order,
// progress}, threads[{id, messages[]}]}. Files of the last days follow as plain messages.
#include <algorithm>
#include <array>

#include "json/parse.hpp"
#include "message/content.hpp"
#include "message/messages.hpp"
#include "message/readers.hpp"

namespace sigilo::message {
namespace {

using std::string_view_literals::operator""sv;

/// "History sync is turned off by the business from the WhatsApp Business App".
constexpr std::string_view code_of_refusal = "2593109";

/// An event of kind line over one part of a chunk; the whole chunk tells it from another one's.
Event line_event(const Change& change, std::string_view type, const json::Value& chunk,
                 json::Slice part, ObjectText& details) {
  Event event = blank_event(change, part);
  event.kind = RecordKind::line;
  event.via = Via::history;
  event.type = type;
  event.details = details.finish();
  event.content = content_digest(event, chunk, type);
  return event;
}

bool is_refused(const json::Array& errors) {
  return std::ranges::any_of(errors, [](const json::Value& value) {
    const auto* error = value.if_object();
    const auto* code = error != nullptr ? error->if_contains("code") : nullptr;
    return code != nullptr && scalar_text(*code) == code_of_refusal;
  });
}

/// What a message's details say of the chunk that it came in.
std::string history_text(const json::Object* chunk, const json::Value& message) {
  ObjectText text;
  if (chunk != nullptr) copy_scalars(text, *chunk, {"chunk_order", "phase", "progress"});
  const auto* object = message.if_object();
  const auto* context = object != nullptr ? json::object_at(*object, "history_context") : nullptr;
  if (context != nullptr) copy_scalars(text, *context, {"status"});
  return text.empty() ? "" : text.finish();
}

/// Where the sender's number is hidden, an addressee who isn't the line says that the line sent it.
Direction direction_of(const Change& change, const json::Value& message) {
  const auto* object = message.if_object();
  if (object == nullptr) return Direction::in;
  const auto from = json::text_at(*object, "from").value_or("");
  if (!from.empty()) return is_own_number(change, from) ? Direction::out : Direction::in;
  const auto to = json::text_at(*object, "to").value_or("");
  const bool addressed = !to.empty() || object->contains("to_user_id");
  return addressed && !is_own_number(change, to) ? Direction::out : Direction::in;
}

/// One conversation: its id is the other side's number or, where the provider hides it, user id.
class Thread {
 public:
  Thread(const Change& change, const json::Object* chunk, const json::Object& thread)
      : change_(change), chunk_(chunk), party_(party_of(thread)) {}

  [[nodiscard]] bool has_party() const { return party_.has_value(); }

  Event message(const json::Value& element, json::Slice at) const {
    Setting setting;
    setting.via = Via::history;
    setting.direction = direction_of(change_, element);
    setting.party = party_;
    setting.history = history_text(chunk_, element);
    const auto* object = element.if_object();
    const bool in_group = object != nullptr && object->contains("group_id");
    if (in_group && setting.direction == Direction::in)  // the thread is the group's
      setting.party = party_at(change_, *object, "from", "from_user_id");
    return message_event(change_, element, at, std::move(setting));
  }

 private:
  [[nodiscard]] std::optional<Party> party_of(const json::Object& thread) const {
    const auto id = id_at(thread, "id");
    if (!id) return std::nullopt;
    const auto* context = json::object_at(thread, "context");
    if (context == nullptr) return change_.contacts.party(*id, "");
    auto party = party_at(change_, *context, "wa_id", "user_id");
    return party && party->key().empty() ? change_.contacts.party(*id, "") : party;
  }

  const Change& change_;
  const json::Object* chunk_;
  std::optional<Party> party_;
};

void read_thread(const Change& change, const json::Object* chunk, const json::Value& value,
                 json::Slice at, std::vector<Event>& events) {
  const auto* object = value.if_object();
  const auto* messages = object != nullptr ? json::array_at(*object, "messages") : nullptr;
  if (messages == nullptr) return events.push_back(unrecognised_event(change, value, at, "thread"));
  const Thread thread(change, chunk, *object);
  if (!thread.has_party() || messages->empty() || holds_more(*object, std::array{"messages"sv}))
    events.push_back(unrecognised_event(change, value, at, "thread"));
  if (!thread.has_party()) return;
  for_each_in(*object, change.body, at, "messages",
              [&](const json::Value& message, json::Slice slice) {
                events.push_back(thread.message(message, slice));
              });
}

std::size_t messages_in(const json::Value& thread) {
  const auto* object = thread.if_object();
  const auto* messages = object != nullptr ? json::array_at(*object, "messages") : nullptr;
  return messages != nullptr ? messages->size() : 0;
}

}  // namespace

void read_history(const Change& change, const json::Value& element, json::Slice at,
                  std::vector<Event>& events) {
  const auto* object = element.if_object();
  if (object == nullptr)
    return events.push_back(unrecognised_event(change, element, at, "not-an-object"));
  const std::size_t before = events.size();
  const auto* metadata = json::object_at(*object, "metadata");
  if (metadata != nullptr) {
    ObjectText details;
    copy_scalars(details, *metadata, {"chunk_order", "phase", "progress"});
    events.push_back(line_event(change, "history:progress", element,
                                json::member(change.body, at, "metadata"), details));
  }
  const auto* errors = json::array_at(*object, "errors");
  if (errors != nullptr && !errors->empty()) {
    ObjectText details;
    copy_errors(details, *object);
    events.push_back(line_event(change, is_refused(*errors) ? "history:declined" : "history:errors",
                                element, json::member(change.body, at, "errors"), details));
  }
  for_each_in(*object, change.body, at, "threads",
              [&](const json::Value& thread, json::Slice slice) {
                read_thread(change, metadata, thread, slice, events);
              });
  if (events.size() == before || holds_more(*object, std::array{"threads"sv, "errors"sv}))
    events.push_back(unrecognised_event(change, element, at, "chunk"));
}

/// A file's message once more, now with what finds the file. `to` stands only in the firm's own.
void read_history_media(const Change& change, const json::Value& element, json::Slice at,
                        std::vector<Event>& events) {
  Setting setting;
  setting.via = Via::history;
  setting.direction = direction_of(change, element);
  setting.history = history_text(nullptr, element);
  if (const auto* message = element.if_object()) {
    setting.party = setting.direction == Direction::out
                        ? party_at(change, *message, "to", "to_user_id")
                        : party_at(change, *message, "from", "from_user_id");
  }
  events.push_back(message_event(change, element, at, std::move(setting)));
}

std::size_t things_in_history(const json::Array& history) {
  std::size_t count = 0;
  for (const json::Value& element : history) {
    count += 3;  // progress, errors, what is not understood
    const auto* object = element.if_object();
    const auto* threads = object != nullptr ? json::array_at(*object, "threads") : nullptr;
    if (threads == nullptr) continue;
    for (const json::Value& thread : *threads) count += 1 + messages_in(thread);
  }
  return count;
}

}  // namespace sigilo::message
