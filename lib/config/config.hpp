// SPDX-License-Identifier: Apache-2.0
// sigilo.toml as a value. The table of keys (keys.cpp) feeds parser, messages and manual.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "config/document.hpp"

namespace sigilo::config {

/// Where a secret lies; never the secret itself. "file:PATH" or "credential:NAME".
struct SecretRef {
  enum class Kind { file, credential };
  Kind kind = Kind::file;
  std::string where;  ///< path or credential name
  bool operator==(const SecretRef&) const = default;
  [[nodiscard]] std::string text() const;
  /// Path to read. For a credential: $CREDENTIALS_DIRECTORY/NAME; `credentials_directory` empty:
  /// error not_found that says how to give one (systemd LoadCredential=, or file: when run by
  /// hand).
  [[nodiscard]] Result<std::filesystem::path> path(const std::string& credentials_directory) const;
};

/// "HOST:PORT", "[v6]:PORT" or "unix:PATH".
struct Endpoint {
  enum class Kind { tcp, unix_socket };
  Kind kind = Kind::tcp;
  std::string host;  ///< numeric address or name; for unix: the path
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
  /// Only this machine can connect: a loopback address, "localhost" or a Unix socket.
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] std::string text() const;
};

struct Firm {
  std::string name;
  Language language = Language::es;
  std::string timezone = "UTC";
  bool operator==(const Firm&) const = default;
};

struct VaultSettings {
  std::filesystem::path directory = "/var/lib/sigilo";
  SecretRef key{SecretRef::Kind::credential, "vault-key"};
  bool operator==(const VaultSettings&) const = default;
};

struct MetaSource {
  Endpoint listen;
  std::string path = "/webhook/meta";
  std::optional<SecretRef> tls_certificate;
  std::optional<SecretRef> tls_key;
  std::vector<SecretRef> app_secret;
  SecretRef verify_token;
  std::optional<SecretRef> access_token;
  std::string graph_url = "https://graph.facebook.com";
  std::string graph_version = "v23.0";
  std::vector<std::string> accounts;
  std::uint64_t media_max = std::uint64_t{100} << 20U;  ///< bytes of a file that is fetched
  bool operator==(const MetaSource&) const = default;
};

struct TwilioSource {
  std::string account;
  SecretRef auth_token;
  std::string url = "https://api.twilio.com";
  Duration poll = std::chrono::seconds(15);
  bool operator==(const TwilioSource&) const = default;
};

struct SpoolSource {
  std::filesystem::path directory = "/var/spool/sigilo";
  bool operator==(const SpoolSource&) const = default;
};

struct Line {
  E164 number;
  PhoneNumberId phone_number_id;
  std::string lawyer;
  std::string team;
  bool operator==(const Line&) const = default;
};

struct Team {
  std::string name;
  std::vector<std::string> managers;  ///< mail addresses
  Language language = Language::es;   ///< the firm's where absent
  bool operator==(const Team&) const = default;
};

enum class MailTls { required, opportunistic, off };
enum class MailContent { full, excerpt, reference };

struct Mail {
  std::string relay;  ///< smtp:// or smtps:// URL
  std::string relay_host;
  std::uint16_t relay_port = 0;  ///< 587 for smtp, 465 for smtps where absent
  bool implicit_tls = false;     ///< smtps://
  MailTls tls = MailTls::required;
  std::string user;
  std::optional<SecretRef> password;
  std::string from;
  MailContent content = MailContent::full;
  bool external = false;
  /// Trust only this CA (PEM) for the relay; the system's where absent.
  std::optional<std::filesystem::path> ca_file;
  bool operator==(const Mail&) const = default;
};

/// Where checkpoints are remembered outside of the machine.
struct Anchor {
  struct Witness {
    std::string url;
    std::string key;  ///< verifier key
    bool operator==(const Witness&) const = default;
  };
  std::optional<std::filesystem::path> directory;
  std::vector<std::string> timestamp;  ///< URLs of authorities
  std::optional<std::filesystem::path> timestamp_roots;
  std::vector<Witness> witnesses;
  Duration every = std::chrono::hours(24);  ///< between two anchors at those that don't take all
  bool operator==(const Anchor&) const = default;
};

struct Api {
  std::filesystem::path socket = "/run/sigilo/api.sock";
  std::string admins = "sigilo-admin";
  std::string reviewers = "sigilo-review";
  std::string auditors = "sigilo-audit";
  bool operator==(const Api&) const = default;
};

/// Where keys stand: "mail.relay", "source.meta.app_secret[1]", "line[0].team", and sections
/// ("mail", "line[0]").
using LineMap = std::map<std::string, int, std::less<>>;

struct Config {
  Firm firm;
  VaultSettings vault;
  std::optional<MetaSource> meta;
  std::optional<TwilioSource> twilio;
  std::optional<SpoolSource> spool;
  std::vector<Line> lines;
  std::vector<Team> teams;
  std::optional<Mail> mail;
  std::filesystem::path policies = "/etc/sigilo/policies.d";
  bool scan_history = false;  ///< messages of a phone's history alert as new ones do
  Duration watch_poll = std::chrono::seconds(60);
  std::string retention_default = "forever";
  Anchor anchor;
  Api api;

  LineMap lines_of_keys;

  /// The team of a line; aborts if it has none (a valid Config has).
  [[nodiscard]] const Team& team_of(const Line& line) const;
  /// Line of the file that decides `key` (a name of LineMap): where it is absent its section's,
  /// else 1.
  [[nodiscard]] int line_of(std::string_view key) const;
};

struct Loaded {
  std::optional<Config> config;       ///< set when there is no problem
  std::vector<Problem> problems;      ///< all of them, in file and line order
  std::vector<std::string> warnings;  ///< e.g. tables whose use comes in a later version, one line
};

/// Reads and checks sigilo.toml: syntax, unknown keys, types, ranges, references between tables,
/// forms of addresses, numbers, zones. Secrets are not read here. Runs on: any.
Loaded load(const std::string& path);
Loaded parse(std::string_view text, const std::string& file);

/// Numeric addresses of a host name; empty where it does not resolve.
using Resolver = std::function<std::vector<std::string>(const std::string& host)>;
/// The system's resolver (getaddrinfo); blocks for seconds where no name server answers. Runs on:
/// any but io.
std::vector<std::string> resolve_by_system(const std::string& host);

struct MachineCheck {
  std::vector<Problem> problems;  ///< in line order, with the lines of the keys
  std::vector<std::string>
      warnings;  ///< what `sigilo init` still has to make, and what can't be told from here
};

/// Checks that need the machine: secrets can be read by nobody else and by us, directories are
/// usable, and where a relay that gets content = "full" is. `credentials_directory` is
/// $CREDENTIALS_DIRECTORY; where it is empty (run by hand), credentials are named in a warning.
/// Runs on: any but io.
MachineCheck check_machine(const Config& config, const std::string& file,
                           const std::string& credentials_directory,
                           const Resolver& resolve = resolve_by_system);

}  // namespace sigilo::config
