// SPDX-License-Identifier: Apache-2.0
// Untrusted text into HTML: the one place, for mails and for transcripts.
#pragma once

#include <string>
#include <string_view>

namespace sigilo::text {

/// Text for HTML content and for attribute values: & < > " ' as references. What acts without being
/// markup (controls, bidirectional marks) must be gone already. Runs on: any.
std::string escape_html(std::string_view text);

}  // namespace sigilo::text
