// SPDX-License-Identifier: Apache-2.0
// A letter becomes an internet message (RFC 5322, MIME by GMime).
#pragma once

#include <optional>
#include <string>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "mail/letter.hpp"

namespace sigilo::mail {

/// Longest Message-ID accepted, without brackets.
inline constexpr std::size_t max_message_id = 200;

struct Headers {
  std::string from;        ///< address
  std::string from_name;   ///< the firm, as recipients see it
  std::string to;          ///< address
  std::string message_id;  ///< with or without < >
  Timestamp date;
  std::optional<Seq> record;  ///< X-Sigilo-Record
};

/// The bytes to hand to a relay: CRLF lines of 7-bit ASCII, multipart/alternative of text and HTML,
/// always the same for the same arguments, so that a repeat is a true repeat. Auto-Submitted (RFC
/// 3834) keeps vacation programs quiet. Errors: invalid_input (an address or Message-ID that could
/// carry more than itself). Runs on: any, one at a time.
Result<std::string> compose(const Letter& letter, const Headers& headers);

}  // namespace sigilo::mail
