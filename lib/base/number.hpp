// SPDX-License-Identifier: Apache-2.0
// Telephone numbers in one form, so that one line or party is not taken for two.
#pragma once

#include <optional>
#include <string_view>

#include "base/domain.hpp"

namespace sigilo {

/// E.164 with + out of "+54 9 11 5000-0001", "5491150000001" or "whatsapp:+549…": spaces, dashes,
/// dots and brackets are dropped; 7 to 15 digits must remain (ITU-T E.164), else nullopt. Three
/// countries write one mobile in two ways; both become the form that WhatsApp uses where it is
/// unambiguous:
///   Brazil     +55 AA [6-9]XXXXXXX   → +55 AA 9 [6-9]XXXXXXX   (ninth digit, Anatel resolution
///   553/2010) Argentina  +54 AAAAAAAAAA        → +54 9 AAAAAAAAAA        (mobile 9, Plan
///   Fundamental de Numeración Nacional) Mexico     +52 1 AAAAAAAAAA      → +52 AAAAAAAAAA (the 1
///   was dropped, IFT, 2019-08-03)
std::optional<E164> normalise_number(std::string_view text);

}  // namespace sigilo
