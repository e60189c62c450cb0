// SPDX-License-Identifier: Apache-2.0
#include "message/body.hpp"

#include <fmt/format.h>

#include "base/check.hpp"
#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "json/quoted.hpp"
#include "message/text_writer.hpp"

namespace sigilo::message {
namespace {

constexpr std::int64_t body_version = 1;

/// Members in RFC 8785's order; each call names the next one.
class BodyWriter {
 public:
  explicit BodyWriter(std::size_t expected_size) { out_.reserve(expected_size); }

  void json(std::string_view key, std::string_view value) {
    out_ += out_.empty() ? '{' : ',';
    out_ += '"';
    out_ += key;
    out_ += "\":";
    out_ += value;
  }
  void text(std::string_view key, std::string_view value) {
    SIGILO_CHECK(try_text(key, value), "an event's text is UTF-8");
  }
  void text_if_any(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }
  /// False, and nothing written, where `value` is not UTF-8.
  bool try_text(std::string_view key, std::string_view value) {
    const std::size_t before = out_.size();
    json(key, "");
    if (json::append_quoted(out_, value)) return true;
    out_.resize(before);
    return false;
  }
  std::string finish() {
    out_ += '}';
    return std::move(out_);
  }

 private:
  std::string out_;
};

std::string party_text(const Party& party) {
  ObjectText text;
  if (!party.name.empty()) text.text("name", party.name);
  if (!party.number.empty()) text.text("number", party.number);
  if (!party.user_id.empty()) text.text("user_id", party.user_id);
  return text.finish();
}

std::string write_body(const Event& event, const Provenance& provenance, std::string_view payload) {
  BodyWriter out(2 * payload.size() + event.text.size() + 768);
  out.text_if_any("about", event.about);
  out.text("content", event.content.hex());
  out.json("delivery", fmt::format(R"({{"length":{},"offset":{},"sha256":"{}"}})", event.length,
                                   event.offset, provenance.delivery.hex()));
  if (event.details != "{}") out.json("details", event.details);
  out.text("direction", to_string(event.direction));
  out.text_if_any("line", event.line.value());
  out.json("party", party_text(event.party));
  if (!out.try_text("payload", payload)) {
    out.text("payload_base64", crypto::to_base64(as_bytes(payload)));
  }
  out.text_if_any("provider_id", event.provider_id);
  out.text("received", format_rfc3339(provenance.received));
  out.text_if_any("reply_to", event.reply_to);
  if (event.sent != Timestamp()) out.text("sent", format_rfc3339(event.sent));
  out.text("source", provenance.source);
  out.text_if_any("text", event.text);
  out.text("type", event.type);
  out.json("v", fmt::format("{}", body_version));
  if (event.via != Via::api) out.text("via", to_string(event.via));
  return out.finish();
}

tl::unexpected<Error> not_a_body(std::string_view why) {
  return fail(ErrorCode::corrupt, fmt::format("body of an event is damaged: {}", why),
              "run sigilo verify --depth full");
}

std::string text_or_empty(const json::Object& object, std::string_view key) {
  return std::string(json::text_at(object, key).value_or(""));
}

Party read_party(const json::Object& body) {
  const auto* party = json::object_at(body, "party");
  if (party == nullptr) return {};
  return {.number = text_or_empty(*party, "number"),
          .user_id = text_or_empty(*party, "user_id"),
          .name = text_or_empty(*party, "name")};
}

Result<std::string> read_payload(const json::Object& body) {
  if (const auto text = json::text_at(body, "payload")) return std::string(*text);
  const auto base64 = json::text_at(body, "payload_base64");
  if (!base64) return not_a_body("it has no payload");
  SIGILO_TRY(const Bytes bytes, crypto::from_base64(*base64));
  return std::string(as_text(bytes));
}

Result<> read_delivery(const json::Object& body, StoredEvent& stored) {
  const auto* delivery = json::object_at(body, "delivery");
  if (delivery == nullptr) return not_a_body("it names no delivery");
  const auto offset = json::integer_at(*delivery, "offset").value_or(-1);
  const auto length = json::integer_at(*delivery, "length").value_or(-1);
  if (offset < 0 || length < 0) return not_a_body("it has no position in its delivery");
  stored.event.offset = static_cast<std::size_t>(offset);
  stored.event.length = static_cast<std::size_t>(length);
  SIGILO_TRY(stored.provenance.delivery,
             crypto::Digest::from_hex(text_or_empty(*delivery, "sha256")));
  SIGILO_TRY(stored.payload, read_payload(body));
  if (stored.payload.size() != stored.event.length)
    return not_a_body("its payload has another length");
  return {};
}

Result<> read_times(const json::Object& body, StoredEvent& stored) {
  SIGILO_TRY(stored.provenance.received, parse_rfc3339(text_or_empty(body, "received")));
  if (const auto sent = json::text_at(body, "sent")) {
    SIGILO_TRY(stored.event.sent, parse_rfc3339(*sent));
  }
  return {};
}

/// Takes what is there; whether it is all and nothing else, the comparison in read_body says.
Result<StoredEvent> read_members(RecordKind kind, const json::Object& body) {
  StoredEvent stored;
  Event& event = stored.event;
  event.kind = kind;
  event.line = E164(text_or_empty(body, "line"));
  const auto direction = parse_direction(text_or_empty(body, "direction"));
  if (!direction) return not_a_body("it has no direction");
  event.direction = *direction;
  if (const auto text = json::text_at(body, "via")) {
    const auto via = parse_via(*text);
    if (!via) return not_a_body("it came a way that is not known");
    event.via = *via;
  }
  event.party = read_party(body);
  event.provider_id = text_or_empty(body, "provider_id");
  event.type = text_or_empty(body, "type");
  event.text = text_or_empty(body, "text");
  event.reply_to = text_or_empty(body, "reply_to");
  event.about = text_or_empty(body, "about");
  if (const auto* details = body.if_contains("details")) event.details = json::canonical(*details);
  stored.provenance.source = text_or_empty(body, "source");
  SIGILO_TRY(event.content, crypto::Digest::from_hex(text_or_empty(body, "content")));
  SIGILO_TRY_DO(read_delivery(body, stored));
  SIGILO_TRY_DO(read_times(body, stored));
  return stored;
}

}  // namespace

std::string make_body(const Event& event, const Provenance& provenance,
                      std::string_view delivery_bytes) {
  SIGILO_CHECK(
      event.offset <= delivery_bytes.size() && event.length <= delivery_bytes.size() - event.offset,
      "an event's slice lies in its delivery");
  return write_body(event, provenance, delivery_bytes.substr(event.offset, event.length));
}

bool holds_event(RecordKind kind) {
  switch (kind) {
    case RecordKind::message:
    case RecordKind::edit:
    case RecordKind::revoke:
    case RecordKind::status:
    case RecordKind::line:
    case RecordKind::unrecognised:
      return true;
    default:
      return false;
  }
}

Result<StoredEvent> read_body(RecordKind kind, std::string_view body) {
  if (!holds_event(kind)) {
    return not_a_body(fmt::format("records of kind {} hold no event", to_string(kind)));
  }
  const auto value = json::parse(body);
  if (!value) return not_a_body(value.error().what);
  const auto* object = value->if_object();
  if (object == nullptr) return not_a_body("it is no JSON object");
  const auto version = json::integer_at(*object, "v").value_or(0);
  if (version > body_version) {
    return fail(ErrorCode::newer_version, fmt::format("body of an event has format {}", version),
                "read it with a later sigilo");
  }
  auto stored = read_members(kind, *object);
  if (!stored) {
    return stored.error().code == ErrorCode::corrupt ? std::move(stored)
                                                     : not_a_body(stored.error().what);
  }
  if (write_body(stored->event, stored->provenance, stored->payload) != body) {
    return not_a_body("it is not what was written");
  }
  return stored;
}

}  // namespace sigilo::message
