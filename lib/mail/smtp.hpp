// SPDX-License-Identifier: Apache-2.0
// The firm's mail relay, by libcurl.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "crypto/secret.hpp"
#include "mail/transport.hpp"

namespace sigilo::mail {

/// Longest reply kept, in characters.
inline constexpr std::size_t max_reply = 300;

/// Speaks TLS 1.2 or later and checks the relay's certificate and name whenever TLS is used.
///
/// What counts as refused for good: a 5xx to RCPT or to the message itself. A 5xx to the greeting,
/// EHLO, STARTTLS, AUTH or MAIL FROM concerns the configuration or the relay and not this mail: it
/// is deferred, so that no alert is lost while somebody mends it. Keeps its connection between
/// mails. Runs on: mail.
class SmtpRelay final : public Transport {
 public:
  struct Settings {
    std::string host;
    std::uint16_t port = 587;
    bool implicit_tls = false;
    /// With opportunistic and a user, TLS is still required: a password never goes out in clear,
    /// except with `off`.
    config::MailTls tls = config::MailTls::required;
    std::string user;
    std::optional<std::filesystem::path> ca_file;
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(30);
    /// For each reply. RFC 5321 4.5.3.2 asks for up to 10 minutes; a relay in the same building
    /// needs less, and what is given up too early is sent again with the same Message-ID.
    std::chrono::seconds reply_timeout = std::chrono::seconds(120);
    std::chrono::seconds total_timeout = std::chrono::seconds(600);
  };
  static Settings settings_of(const config::Mail& mail);

  /// `password` may be empty where there is no user.
  SmtpRelay(Settings settings, const crypto::SecretBytes& password);
  ~SmtpRelay() override;
  SmtpRelay(const SmtpRelay&) = delete;
  SmtpRelay& operator=(const SmtpRelay&) = delete;

  SendResult send(const Envelope& envelope, std::string_view message,
                  std::stop_token stop) override;

 private:
  struct Session;
  const Settings settings_;
  std::unique_ptr<Session> session_;
};

}  // namespace sigilo::mail
