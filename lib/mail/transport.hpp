// SPDX-License-Identifier: Apache-2.0
// How a mail leaves the machine: SmtpRelay in production, a script of answers in tests.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

namespace sigilo::mail {

struct Envelope {
  std::string from;
  std::string to;  ///< one recipient, so that each has an answer of its own
};

struct SendResult {
  enum class Outcome {
    accepted,  ///< the relay has taken it over
    deferred,  ///< not now: try again
    refused,   ///< never: the relay said no to this recipient or this mail for good
  };
  Outcome outcome = Outcome::deferred;
  /// Deferred for a reason that concerns every mail (relay down, TLS, password), not this one.
  bool relay_trouble = false;
  int code = 0;       ///< the SMTP reply code that decided, 0 where there was none
  std::string reply;  ///< the relay's words or ours, with the remedy; harmless, one line
};

/// Runs on: mail.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Blocks until the relay's answer or a time limit. After a request to stop it gives up soon, but
  /// never in the moment when the mail is handed over and only the relay's word is missing.
  virtual SendResult send(const Envelope& envelope, std::string_view message,
                          std::stop_token stop) = 0;
};

}  // namespace sigilo::mail
