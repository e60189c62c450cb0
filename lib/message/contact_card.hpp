// SPDX-License-Identifier: Apache-2.0
// One card of a message of type "contacts": a person's name, numbers and addresses that somebody
// passes on.
#pragma once

#include <string>

#include "json/value.hpp"
#include "message/message_types.hpp"

namespace sigilo::message {

/// Adds what a person can read on the card to `lines`, each thing once, also what stands only in
/// its vcard; returns {name, phones []} as canonical JSON. Runs on: any.
std::string read_card(const json::Object& card, Lines& lines);

}  // namespace sigilo::message
