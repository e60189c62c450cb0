// SPDX-License-Identifier: Apache-2.0
#include "message/content.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "message/element.hpp"

namespace sigilo::message {
namespace {

/// Members of a message that say who the two sides are and which way it came, not what was said:
/// live it names the sender, as an echo both sides, in a history the state as well, and since 2026
/// either side by number, by user id or by both. A history's timestamp is that of the receiving
/// device, so that it may differ from the live one by the time on the way. None of them makes it
/// another message: its id, which the content holds too, is the provider's for one message only.
constexpr std::array<std::string_view, 8> identity_and_provenance{
    "from",       "from_user_id",      "from_parent_user_id", "to",
    "to_user_id", "to_parent_user_id", "history_context",     "timestamp"};

/// Kinds of which the same thing may come live, as an echo and in a history.
bool may_come_several_ways(RecordKind kind) {
  return kind == RecordKind::message || kind == RecordKind::edit || kind == RecordKind::revoke;
}

/// A media object has a mime_type, wherever it stands; its url is valid for minutes and differs in
/// each repeat, and its hash has two spellings.
bool is_unsettled_media(const json::Object& object) {
  if (!object.contains("mime_type")) return false;
  const auto hash = json::text_at(object, "sha256");
  return object.contains("url") || (hash && plain_sha256(*hash) != *hash);
}

/// RFC 8785 rounds integers beyond 2^53 to a double, which would make two ids one.
bool is_wide(const json::Value& value) {
  constexpr std::int64_t exact_limit = std::int64_t{1} << 53;
  if (value.is_uint64()) return true;  // the parser gives unsigned only beyond 2^63
  return value.is_int64() && (value.get_int64() > exact_limit || value.get_int64() < -exact_limit);
}

bool needs_settling(const json::Value& value) {
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, needs_settling);
  const auto* object = value.if_object();
  if (object == nullptr) return is_wide(value);
  return is_unsettled_media(*object) || std::ranges::any_of(*object, [](const auto& member) {
           return needs_settling(member.value());
         });
}

void settle(json::Value& value) {
  if (auto* array = value.if_array()) {
    std::ranges::for_each(*array, settle);
  } else if (auto* object = value.if_object()) {
    if (is_unsettled_media(*object)) {
      object->erase("url");
      if (const auto hash = json::text_at(*object, "sha256"))
        (*object)["sha256"] = plain_sha256(*hash);
    }
    for (auto& member : *object) settle(member.value());
  } else if (is_wide(value)) {
    value = digits_of(value);
  }
}

bool names_a_side(const json::Value& slice) {
  const auto* object = slice.if_object();
  return object != nullptr && std::ranges::any_of(identity_and_provenance,
                                                  [&](auto key) { return object->contains(key); });
}

std::string canonical_content(RecordKind kind, const json::Value& slice) {
  const bool strip = may_come_several_ways(kind) && names_a_side(slice);
  if (!needs_settling(slice)) {
    return strip ? json::canonical_without(slice.get_object(), identity_and_provenance)
                 : json::canonical(slice);
  }
  json::Value copy = slice;
  if (strip) {
    for (const std::string_view key : identity_and_provenance) copy.get_object().erase(key);
  }
  settle(copy);
  return json::canonical(copy);
}

/// Each field with its length before it, so that no byte can move from one field to the next.
void append_field(std::string& out, std::string_view field) {
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    out += static_cast<char>((static_cast<std::uint64_t>(field.size()) >> (shift - 8U)) & 0xffU);
  }
  out += field;
}

crypto::Digest digest_of(const Event& event, std::string_view mark, std::string_view content) {
  std::string fields = "sigilo.content.v1\n";
  append_field(fields, event.line.value());
  append_field(fields, to_string(event.kind));
  append_field(fields, event.provider_id);
  append_field(fields, mark);
  append_field(fields, content);
  return crypto::sha256(as_bytes(fields));
}

}  // namespace

crypto::Digest content_digest(const Event& event, const json::Value& slice, std::string_view mark) {
  return digest_of(event, mark, canonical_content(event.kind, slice));
}

crypto::Digest details_digest(const Event& event) {
  return digest_of(event, event.type, event.details);
}

void tell_apart_by_day(Event& event, Timestamp received) {
  const bool dated = event.sent != Timestamp() || !event.provider_id.empty();
  if (event.kind != RecordKind::line || event.via != Via::api || dated) return;
  constexpr std::int64_t day = 24 * 60 * 60;
  event.content = digest_of(event, std::to_string(received.seconds() / day), event.content.hex());
}

std::string plain_sha256(std::string_view text) {
  if (const auto from_hex = crypto::Digest::from_hex(text)) return from_hex->hex();
  if (const auto bytes = crypto::from_base64(text)) {
    if (const auto digest = crypto::Digest::from(*bytes)) return digest->hex();
  }
  return std::string(text);
}

}  // namespace sigilo::message
