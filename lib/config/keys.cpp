// SPDX-License-Identifier: Apache-2.0
#include "config/keys.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace sigilo::config {
namespace {

constexpr auto text = KeyType::text;
constexpr auto texts = KeyType::texts;
constexpr auto boolean = KeyType::boolean;
constexpr bool required = true;
constexpr bool optional = false;

// clang-format off
constexpr std::array all_keys{
    Key{"firm", "name", text, required, "", R"("Estudio Ejemplo")",
        "the firm's name, as mails and reports show it"},
    Key{"firm", "language", text, optional, R"("es")", R"("es")",
        "language of mails and reports: es, pt or en"},
    Key{"firm", "timezone", text, optional, R"("UTC")", R"("America/Argentina/Buenos_Aires")",
        "IANA time zone in which people read times"},

    Key{"vault", "directory", text, optional, R"("/var/lib/sigilo")", R"("/var/lib/sigilo")",
        "where vault.db, media/ and keys/ lie"},
    Key{"vault", "key", text, optional, R"("credential:vault-key")", R"("credential:vault-key")",
        "secret: 32 random bytes as 64 hex digits"},

    Key{"source.meta", "listen", text, required, "", R"("0.0.0.0:8443")",
        "where deliveries arrive: HOST:PORT, or unix:PATH behind a reverse proxy"},
    Key{"source.meta", "path", text, optional, R"("/webhook/meta")", R"("/webhook/meta")",
        "path of the webhook's URL"},
    Key{"source.meta", "tls_certificate", text, optional, "", R"("file:/etc/sigilo/tls/cert.pem")",
        "certificate chain (PEM); without it and tls_key: plain HTTP, on loopback and unix only"},
    Key{"source.meta", "tls_key", text, optional, "", R"("file:/etc/sigilo/tls/key.pem")",
        "secret: the certificate's key (PEM)"},
    Key{"source.meta", "app_secret", texts, required, "", R"(["file:/etc/sigilo/secrets/meta-app-secret"])",
        "secrets that sign deliveries; several during a rotation"},
    Key{"source.meta", "verify_token", text, required, "", R"("file:/etc/sigilo/secrets/meta-verify-token")",
        "secret that the provider shows when it subscribes"},
    Key{"source.meta", "access_token", text, optional, "", R"("file:/etc/sigilo/secrets/meta-access-token")",
        "secret with which media are fetched"},
    Key{"source.meta", "graph_url", text, optional, R"("https://graph.facebook.com")", R"("https://graph.facebook.com")",
        "the provider's API; http only for loopback"},
    Key{"source.meta", "graph_version", text, optional, R"("v23.0")", R"("v23.0")",
        "version of the provider's API"},
    Key{"source.meta", "accounts", texts, optional, "[]", R"(["102290129340398"])",
        "WhatsApp Business Account ids whose deliveries are expected"},
    Key{"source.meta", "media_max", text, optional, R"("100MiB")", R"("200MiB")",
        "largest file that is fetched, 100MiB (the provider's own limit) to 4GiB"},

    Key{"source.twilio", "account", text, required, "", R"("AC00000000000000000000000000000000")",
        "account SID"},
    Key{"source.twilio", "auth_token", text, required, "", R"("file:/etc/sigilo/secrets/twilio-auth-token")",
        "secret of the account"},
    Key{"source.twilio", "url", text, optional, R"("https://api.twilio.com")", R"("https://api.twilio.com")",
        "the provider's API; http only for loopback"},
    Key{"source.twilio", "poll", text, optional, R"("15s")", R"("15s")",
        "how often messages are asked for, 1s to 1h"},

    Key{"source.spool", "directory", text, optional, R"("/var/spool/sigilo")", R"("/var/spool/sigilo")",
        "directory whose files are taken in as deliveries"},

    Key{"line", "number", text, required, "", R"("+5491150000001")",
        "the monitored number, with country code"},
    Key{"line", "phone_number_id", text, optional, "", R"("106540352242922")",
        "the provider's id of the number; needed where [source.meta] is the only source"},
    Key{"line", "lawyer", text, required, "", R"("Dra. Ana Ejemplo")",
        "who uses the line"},
    Key{"line", "team", text, required, "", R"("litigios")",
        "name of the [[team]] whose managers answer for the line"},

    Key{"team", "name", text, required, "", R"("litigios")",
        "the name by which lines refer to it"},
    Key{"team", "managers", texts, required, "", R"(["compliance@estudio.example"])",
        "who gets the alerts"},
    Key{"team", "language", text, optional, "", R"("es")",
        "language of the team's mails; the firm's where absent"},

    Key{"mail", "relay", text, required, "", R"("smtp://mail.estudio.example:587")",
        "the mail server: smtp://HOST:PORT, or smtps:// for TLS from the first byte"},
    Key{"mail", "tls", text, optional, R"("required")", R"("required")",
        "required, opportunistic, or off (loopback only)"},
    Key{"mail", "ca_file", text, optional, "", R"("/etc/sigilo/tls/relay-ca.pem")",
        "trust only this CA (PEM) for the relay; the system's where absent"},
    Key{"mail", "user", text, optional, "", R"("sigilo")",
        "user at the relay"},
    Key{"mail", "password", text, optional, "", R"("file:/etc/sigilo/secrets/mail-password")",
        "secret of the user"},
    Key{"mail", "from", text, required, "", R"("sigilo@estudio.example")",
        "sender's address"},
    Key{"mail", "content", text, optional, R"("full")", R"("full")",
        "how much of a message a mail shows: full, excerpt or reference"},
    Key{"mail", "external", boolean, optional, "false", "true",
        "the firm accepts full content on a relay outside private networks"},

    Key{"scan", "policies", text, optional, R"("/etc/sigilo/policies.d")", R"("/etc/sigilo/policies.d")",
        "directory of the policy files, *.toml in name order"},
    Key{"scan", "history", boolean, optional, "false", "true",
        "messages that come with a phone's history alert as new ones do"},

    Key{"anchor", "directory", text, optional, "", R"("/mnt/worm/sigilo")",
        "each checkpoint becomes a file there: a share of another machine, a disk that is written once"},
    Key{"anchor", "timestamp", texts, optional, "[]", R"(["https://tsa.example/tsr"])",
        "time stamp authorities (RFC 3161)"},
    Key{"anchor", "timestamp_roots", text, optional, "", R"("/etc/sigilo/tsa-roots.pem")",
        "certificates (PEM) of those who vouch for the authorities; without it chains are not checked"},
    Key{"anchor", "every", text, optional, R"("24h")", R"("24h")",
        "how often authorities and witnesses are asked, 1h to 31d"},
    Key{"anchor.witness", "url", text, required, "", R"("https://witness.example")",
        "prefix of the witness' add-checkpoint; http only for loopback"},
    Key{"anchor.witness", "key", text, required, "", R"("witness.example/w1+1b4a3c5d+BOqmsWYyOiUhAEZQ25iQs4nGKFKyk9y4oEykbGSE8DsU")",
        "the witness' verifier key, as it publishes it"},

    Key{"watch", "poll", text, optional, R"("60s")", R"("60s")",
        "how often the health of lines is looked at, 10s to 1d"},

    Key{"retention", "default", text, optional, R"("forever")", R"("3650d")",
        "how long messages are kept: forever, or days"},

    Key{"api", "socket", text, optional, R"("/run/sigilo/api.sock")", R"("/run/sigilo/api.sock")",
        "the local API's socket"},
    Key{"api", "admins", text, optional, R"("sigilo-admin")", R"("sigilo-admin")",
        "Unix group of the administrators"},
    Key{"api", "reviewers", text, optional, R"("sigilo-review")", R"("sigilo-review")",
        "Unix group of those who read messages and alerts"},
    Key{"api", "auditors", text, optional, R"("sigilo-audit")", R"("sigilo-audit")",
        "Unix group of those who read what was done"},
};
// clang-format on

}  // namespace

std::span<const Key> keys() {
  return all_keys;
}

const Key& key_of(std::string_view section, std::string_view name) {
  const auto* found = std::find_if(all_keys.begin(), all_keys.end(), [&](const Key& key) {
    return key.section == section && key.name == name;
  });
  SIGILO_CHECK(found != all_keys.end(), "the parser asks for a key that is not in the table");
  return *found;
}

bool is_repeated(std::string_view section) {
  return section == "line" || section == "team" || section == "anchor.witness";
}

}  // namespace sigilo::config
