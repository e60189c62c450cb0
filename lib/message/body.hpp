// SPDX-License-Identifier: Apache-2.0
// The signed body of message, status and unrecognised records (docs/evidence-format.md): written once, read everywhere.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "message/event.hpp"

namespace sigilo::message {

/// Where an event came from.
struct Provenance {
  std::string source;        ///< "meta", "twilio", "spool", "import"
  crypto::Digest delivery;   ///< SHA-256 of the whole delivery as received
  Timestamp received;
};

/// Canonical JSON (RFC 8785) of one event with its verbatim slice of `delivery_bytes`: "payload" as text where it is
/// UTF-8, else "payload_base64".
std::string make_body(const Event& event, const Provenance& provenance, std::string_view delivery_bytes);

struct StoredEvent {
  Event event;
  Provenance provenance;
  std::string payload;  ///< the verbatim slice
};

/// The way back; `kind` stands in the record's header. Errors: corrupt (a body that make_body cannot have written).
Result<StoredEvent> read_body(RecordKind kind, std::string_view body);

}  // namespace sigilo::message
