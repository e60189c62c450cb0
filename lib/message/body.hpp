// SPDX-License-Identifier: Apache-2.0
// The signed body of message, edit, revoke, status, line and unrecognised records
// (docs/evidence-format.md): written once, read everywhere.
//
// Canonical JSON (RFC 8785). The only scalars are strings and, where it says integer, integers from
// 0 to 2^53 - 1. A member marked ? is left out where there is nothing to say; every other one is
// always there.
//
// - about?: provider id of the earlier message that an edit, a revocation or a reaction is about
// - content: SHA-256 that is equal for repeats of the same thing (Event::content), as 64 lower-case
//   hex digits
// - delivery: {length: integer, offset: integer, sha256: hex}: the payload is the bytes
//   [offset, offset + length) of the delivery as received, whose SHA-256 is given
// - details?: {…}, below
// - direction: "in" or "out"
// - line?: number of the configured line, E.164 with +; absent where it concerns the whole account
//   or no line could be told
// - party: {name?, number?, user_id?}: the other side; number is E.164 with +
// - payload: the verbatim slice where it is UTF-8, else payload_base64: the same in base64
//   (RFC 4648, with padding)
// - provider_id?: the provider's id of the message or call; of a state: of what it is about
// - received: when the delivery came, RFC 3339 in UTC with six digits of fraction
// - reply_to?: provider id of the quoted message
// - sent?: the provider's time, same form
// - source: "meta", "graph" (asked for, without a signature), "twilio", "spool", "import"
// - text?: what a person can read in it, lines joined by a line feed
// - type: Event::type
// - v: integer, 1
// - via?: "app" or "history"; absent: through the API (message/event.hpp)
//
// Members of details, each only where the provider gave it, under the provider's own name; numbers
// are strings with the digits that were sent, true and false the strings "true" and "false":
// - of any message, edit or revocation: context {from, id}, errors [{code, details, href, message,
//   title}], forwarded, frequently_forwarded, group_id, history {chunk_order, phase, progress,
//   status}, identity {…}, referral {…}, referred_product {catalog_id, product_retailer_id}
// - by type: button {payload}; call {…}; contacts [{name, phones []}] and origin;
//   interactive {id, name, type, …}; location {address, latitude, longitude, name, url};
//   media {animated, filename, id, mime_type, sha256, voice}, of audio, document, image, sticker
//   and video; order {catalog_id, items [{currency, item_price, product_retailer_id, quantity}]};
//   reaction {emoji, message_id}, without emoji: taken back; system {previous_user_id, type,
//   user_id, wa_id, …}; unsupported {type}
// - of states: biz_opaque_callback_data, conversation {expiration_timestamp, id, origin}, errors,
//   group_id, pricing {billable, category, pricing_model, type}; of a call's: call {…}
// - of lines: what lib/message/account_fields.cpp copies of the field; contact {first_name,
//   full_name, phone_number, username}; chunk_order, phase and progress of a history; errors; of a
//   profile: what lib/message/line_profile.cpp copies, and account
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "message/event.hpp"

namespace sigilo::message {

/// Where an event came from.
struct Provenance {
  std::string source;       ///< "meta", "graph", "twilio", "spool", "import"
  crypto::Digest delivery;  ///< SHA-256 of the whole delivery as received
  Timestamp received;
};

/// The body of one event with its verbatim slice of `delivery_bytes`; aborts where the slice lies
/// outside of them, or a text of the event is not UTF-8. Runs on: any.
std::string make_body(const Event& event, const Provenance& provenance,
                      std::string_view delivery_bytes);

/// True for the kinds of record that hold an event.
bool holds_event(RecordKind kind);

struct StoredEvent {
  Event event;
  Provenance provenance;
  std::string payload;  ///< the verbatim slice
};

/// The way back; `kind` stands in the record's header. Errors: corrupt (a body that make_body
/// cannot have written: it is written again and compared), newer_version. Runs on: any.
Result<StoredEvent> read_body(RecordKind kind, std::string_view body);

}  // namespace sigilo::message
