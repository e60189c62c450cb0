// SPDX-License-Identifier: Apache-2.0
// One message of any type, wherever in a delivery it stands.
#pragma once

#include <optional>
#include <string>

#include "json/slices.hpp"
#include "json/value.hpp"
#include "message/element.hpp"

namespace sigilo::message {

/// What the place of a message in its delivery says about it.
struct Setting {
  Via via = Via::api;
  Direction direction = Direction::in;
  std::optional<Party> party;  ///< nullopt: an identifier is too long or of another JSON type
  std::string history;         ///< details.history, canonical JSON; "": not of a history
};

/// The message as an event of kind message, edit or revoke; else unrecognised, of type
/// "field:reason".
Event message_event(const Change& change, const json::Value& element, json::Slice at,
                    Setting setting);

/// The party with the identifiers in these members; nullopt where one is too long or no string.
std::optional<Party> party_at(const Change& change, const json::Object& object,
                              std::string_view number_key, std::string_view user_id_key);

}  // namespace sigilo::message
