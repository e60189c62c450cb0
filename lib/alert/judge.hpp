// SPDX-License-Identifier: Apache-2.0
// What must be told, and to whom: the matches of one message become alerts and mails. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "config/config.hpp"
#include "crypto/digest.hpp"
#include "message/event.hpp"
#include "scan/policies.hpp"
#include "vault/transaction.hpp"

namespace sigilo::alert {

/// What the store thread writes in the same transaction as the message itself.
struct Verdict {
  std::vector<vault::NewAlert> alerts;  ///< one a category, the gravest first
  std::vector<vault::NewMail> mails;    ///< one a manager; it covers all alerts of the message
};

/// Only messages and edits alert; statuses and the others never do. `team` is the team of the
/// event's line, `policies` names the version of the rules that found `matches`. Without
/// `mail_configured` there are no mails. A manager listed twice is told once. Runs on: any.
Verdict judge(const message::Event& event, const std::vector<scan::Match>& matches,
              const config::Team& team, const crypto::Digest& policies, bool mail_configured);

/// Category and rule of a file that could not be kept; no policy of the firm makes it.
inline constexpr std::string_view media_lost = "media-lost";
inline constexpr std::string_view media_lost_rule = "sigilo.media-lost";

/// One alert without words, and a mail to each manager where `mail` says so. Runs on: any.
Verdict lost_file(const config::Team& team, bool mail);

}  // namespace sigilo::alert
