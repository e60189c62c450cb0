// SPDX-License-Identifier: Apache-2.0
// A contact's card in the form that phones exchange (RFC 6350 and the older versions 2.1 and 3.0).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sigilo::message {

struct VcardLine {
  std::string name;  ///< of the property, in capitals, without group and parameters: "TEL", "FN" …
  std::string value;  ///< unescaped, its components joined by spaces, on one line; never empty
};

/// What a person can read on the card, in its order: all properties but those that only machines
/// read (versions, pictures, keys). Lines that are no property are passed over. Linear in the text;
/// it may be any text. Runs on: any.
std::vector<VcardLine> read_vcard(std::string_view text);

}  // namespace sigilo::message
