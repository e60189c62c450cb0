// SPDX-License-Identifier: Apache-2.0
#include "message/message_types.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "json/parse.hpp"
#include "message/contact_card.hpp"
#include "message/content.hpp"
#include "message/element.hpp"

namespace sigilo::message {
namespace {

/// A number's digits as they were sent (a double would change them), or the text of a string.
void copy_verbatim(ObjectText& to, const json::Object& from, std::string_view body, json::Slice at,
                   std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const auto* value = from.if_contains(key);
    if (value != nullptr && value->is_number()) {
      to.text(key, json::member(body, at, key).of(body));
    } else if (const auto text = json::text_at(from, key)) {
      to.text(key, *text);
    }
  }
}

bool read_text(const Reading& reading, Content& content) {
  const auto* text = json::object_at(reading.message, "text");
  const auto body = text != nullptr ? json::text_at(*text, "body") : std::nullopt;
  content.text.add(body);
  return body.has_value();
}

bool read_media(const json::Object* media, Content& content) {
  if (media == nullptr) return false;
  content.text.add(json::text_at(*media, "caption"));
  content.text.add(json::text_at(*media, "filename"));
  ObjectText text;
  copy_scalars(text, *media, {"id", "mime_type", "filename", "voice", "animated"});
  if (const auto hash = json::text_at(*media, "sha256")) text.text("sha256", plain_sha256(*hash));
  content.details.json("media", text.finish());
  return true;
}

bool read_image(const Reading& reading, Content& content) {
  return read_media(json::object_at(reading.message, "image"), content);
}
bool read_audio(const Reading& reading, Content& content) {
  return read_media(json::object_at(reading.message, "audio"), content);
}
bool read_video(const Reading& reading, Content& content) {
  return read_media(json::object_at(reading.message, "video"), content);
}
bool read_document(const Reading& reading, Content& content) {
  return read_media(json::object_at(reading.message, "document"), content);
}
bool read_sticker(const Reading& reading, Content& content) {
  return read_media(json::object_at(reading.message, "sticker"), content);
}

bool read_location(const Reading& reading, Content& content) {
  const auto* location = json::object_at(reading.message, "location");
  if (location == nullptr) return false;
  content.text.add(json::text_at(*location, "name"));
  content.text.add(json::text_at(*location, "address"));
  ObjectText text;
  const json::Slice at = json::member(reading.body, reading.at, "location");
  copy_verbatim(text, *location, reading.body, at, {"latitude", "longitude"});
  copy_scalars(text, *location, {"name", "address", "url"});
  content.details.json("location", text.finish());
  return true;
}

bool read_contacts(const Reading& reading, Content& content) {
  const auto* cards = json::array_at(reading.message, "contacts");
  if (cards == nullptr) return false;
  std::vector<std::string> texts;
  for (const json::Value& value : *cards) {
    if (const auto* card = value.if_object()) texts.push_back(read_card(*card, content.text));
  }
  content.details.json("contacts", array_text(texts));
  copy_scalars(content.details, reading.message, {"origin"});
  return true;
}

/// An empty or absent emoji takes the reaction back.
bool read_reaction(const Reading& reading, Content& content) {
  const auto* reaction = json::object_at(reading.message, "reaction");
  if (reaction == nullptr) return false;
  content.about = id_at(*reaction, "message_id").value_or("");
  if (content.about.empty()) return false;
  content.text.add(json::text_at(*reaction, "emoji"));
  ObjectText text;
  copy_scalars(text, *reaction, {"message_id", "emoji"});
  content.details.json("reaction", text.finish());
  return true;
}

/// Every text in a form's answer but the flow's own token, which no person wrote.
void add_texts(const json::Value& value, Lines& lines) {
  if (const auto* text = value.if_string()) {
    lines.add(std::string_view(text->data(), text->size()));
  } else if (const auto* array = value.if_array()) {
    for (const json::Value& element : *array) add_texts(element, lines);
  } else if (const auto* object = value.if_object()) {
    for (const auto& member : *object) {
      if (member.key() != "flow_token") add_texts(member.value(), lines);
    }
  }
}

bool read_form(const json::Object& reply, Content& content) {
  content.text.add(json::text_at(reply, "body"));
  const auto response = json::text_at(reply, "response_json");
  if (!response) return true;
  if (const auto answers = json::parse(*response)) {
    add_texts(*answers, content.text);
  } else {
    content.text.add(response);  // no JSON, then text: nothing hides from the scanner
  }
  return true;
}

constexpr std::array<std::string_view, 4> replies{"button_reply", "list_reply", "nfm_reply",
                                                  "call_permission_reply"};

bool read_interactive(const Reading& reading, Content& content) {
  const auto* interactive = json::object_at(reading.message, "interactive");
  if (interactive == nullptr) return false;
  const auto kind = json::text_at(*interactive, "type").value_or("");
  if (std::ranges::find(replies, kind) == replies.end()) return false;
  const auto* reply = json::object_at(*interactive, kind);
  if (reply == nullptr) return false;
  ObjectText text;
  text.text("type", kind);
  copy_scalars(
      text, *reply,
      {"id", "name", "response", "response_source", "is_permanent", "expiration_timestamp"});
  content.details.json("interactive", text.finish());
  if (kind == "nfm_reply") return read_form(*reply, content);
  content.text.add(json::text_at(*reply, "title"));
  content.text.add(json::text_at(*reply, "description"));
  return true;
}

bool read_button(const Reading& reading, Content& content) {
  const auto* button = json::object_at(reading.message, "button");
  if (button == nullptr) return false;
  content.text.add(json::text_at(*button, "text"));
  ObjectText text;
  copy_scalars(text, *button, {"payload"});
  content.details.json("button", text.finish());
  return true;
}

std::string order_items(const json::Object& order, const Reading& reading) {
  std::vector<std::string> texts;
  const auto* items = json::array_at(order, "product_items");
  if (items == nullptr) return array_text(texts);
  const json::Slice at = json::member(reading.body, reading.at, "order");
  const auto slices = json::elements(reading.body, json::member(reading.body, at, "product_items"));
  for (std::size_t i = 0; i < items->size() && i < slices.size(); ++i) {
    const auto* item = (*items)[i].if_object();
    if (item == nullptr) continue;
    ObjectText text;
    copy_verbatim(text, *item, reading.body, slices[i],
                  {"product_retailer_id", "quantity", "item_price", "currency"});
    texts.push_back(text.finish());
  }
  return array_text(texts);
}

bool read_order(const Reading& reading, Content& content) {
  const auto* order = json::object_at(reading.message, "order");
  if (order == nullptr) return false;
  content.text.add(json::text_at(*order, "text"));
  ObjectText text;
  copy_scalars(text, *order, {"catalog_id"});
  text.json("items", order_items(*order, reading));
  content.details.json("order", text.finish());
  return true;
}

bool read_system(const Reading& reading, Content& content) {
  const auto* system = json::object_at(reading.message, "system");
  if (system == nullptr) return false;
  content.text.add(json::text_at(*system, "body"));
  ObjectText text;
  copy_scalars(
      text, *system,
      {"type", "wa_id", "user_id", "previous_user_id", "customer", "identity", "new_wa_id"});
  content.details.json("system", text.finish());
  return true;
}

/// The provider could not pass it on; `errors` says why, `unsupported` (since 2025-11) what it was.
bool read_unsupported(const Reading& reading, Content& content) {
  if (const auto* unsupported = json::object_at(reading.message, "unsupported")) {
    ObjectText text;
    copy_scalars(text, *unsupported, {"type"});
    content.details.json("unsupported", text.finish());
  }
  return true;
}

/// A file in a history, of which only later, if at all, is said what it is.
bool read_placeholder(const Reading& /*reading*/, Content& /*content*/) {
  return true;
}

/// What the new content says is read by its own type; it may stand in a context of its own.
bool read_edit(const Reading& reading, Content& content) {
  const auto* edit = json::object_at(reading.message, "edit");
  const auto* message = edit != nullptr ? json::object_at(*edit, "message") : nullptr;
  if (message == nullptr) return false;
  const MessageType* type = find_type(type_name(*message));
  if (type == nullptr || type->kind != RecordKind::message) return false;
  const json::Slice at =
      json::member(reading.body, json::member(reading.body, reading.at, "edit"), "message");
  if (!type->read({*message, reading.body, at}, content)) return false;
  const auto* context = json::object_at(*message, "context");
  if (context != nullptr && json::object_at(reading.message, "context") == nullptr) {
    ObjectText text;
    copy_scalars(text, *context, {"id", "from"});
    content.details.json("context", text.finish());
  }
  content.type = type->name;
  content.about = id_at(*edit, "original_message_id").value_or("");
  return !content.about.empty();
}

bool read_revoke(const Reading& reading, Content& content) {
  const auto* revoke = json::object_at(reading.message, "revoke");
  if (revoke == nullptr) return false;
  content.about = id_at(*revoke, "original_message_id").value_or("");
  return !content.about.empty();
}

constexpr auto said = RecordKind::message;

constexpr std::array<MessageType, 18> types{{
    {"text", said, read_text},
    {"image", said, read_image},
    {"audio", said, read_audio},
    {"video", said, read_video},
    {"document", said, read_document},
    {"sticker", said, read_sticker},
    {"location", said, read_location},
    {"contacts", said, read_contacts},
    {"reaction", said, read_reaction},
    {"interactive", said, read_interactive},
    {"button", said, read_button},
    {"order", said, read_order},
    {"system", said, read_system},
    {"unsupported", said, read_unsupported},
    {"unknown", said, read_unsupported},
    {"media_placeholder", said, read_placeholder},
    {"edit", RecordKind::edit, read_edit},
    {"revoke", RecordKind::revoke, read_revoke},
}};

}  // namespace

void Lines::add(std::optional<std::string_view> text) {
  if (!text || text->empty()) return;
  if (!joined.empty()) joined += '\n';
  joined += *text;
}

const MessageType* find_type(std::string_view name) {
  const auto found = std::ranges::find(types, name, &MessageType::name);
  return found == types.end() ? nullptr : &*found;
}

std::string_view type_name(const json::Object& message) {
  if (message.contains("type")) return json::text_at(message, "type").value_or("");
  const auto has = [&](const MessageType& type) { return message.contains(type.name); };
  const auto found = std::ranges::find_if(types, has);
  return found == types.end() ? "" : found->name;
}

std::optional<std::string_view> former_user_id(const json::Object& message) {
  const auto* system = json::object_at(message, "system");
  return system == nullptr ? "" : id_at(*system, "previous_user_id");
}

}  // namespace sigilo::message
