// SPDX-License-Identifier: Apache-2.0
// check_machine(): what sigilo.toml says, held against this machine.
#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/address.hpp"
#include "config/config.hpp"
#include "config/forms.hpp"
#include "crypto/secret_file.hpp"

namespace sigilo::config {
namespace {

constexpr std::size_t vault_key_size = 32;

class MachineChecker {
 public:
  MachineChecker(const Config& config, const std::string& file, const std::string& credentials,
                 const Resolver& resolve)
      : config_(config), file_(file), credentials_(credentials), resolve_(resolve) {}

  MachineCheck check() {
    vault();
    if (config_.meta) meta(*config_.meta);
    if (config_.twilio) secret("source.twilio.auth_token", config_.twilio->auth_token);
    if (config_.mail) mail(*config_.mail);
    if (config_.anchor.directory) anchor(*config_.anchor.directory);
    if (config_.anchor.timestamp_roots)
      readable_file("anchor.timestamp_roots", *config_.anchor.timestamp_roots);
    directory("scan.policies", config_.policies, R_OK | X_OK);
    if (!unchecked_.empty()) {
      result_.warnings.push_back(
          fmt::format("{}: not checked: {}, since there is no $CREDENTIALS_DIRECTORY here (systemd "
                      "gives it to the service)",
                      file_, fmt::join(unchecked_, ", ")));
    }
    std::stable_sort(result_.problems.begin(), result_.problems.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    return std::move(result_);
  }

 private:
  [[nodiscard]] Problem at(std::string_view key, std::string_view what, std::string remedy) const {
    return {file_, config_.line_of(key), fmt::format("{}: {}", key.substr(0, key.find('[')), what),
            std::move(remedy)};
  }
  void problem(std::string_view key, std::string_view what, std::string remedy) {
    result_.problems.push_back(at(key, what, std::move(remedy)));
  }
  void warn(std::string_view key, std::string_view what, std::string remedy) {
    result_.warnings.push_back(at(key, what, std::move(remedy)).message());
  }

  /// Reads a secret as the service will, and forgets it; nullopt where it can't be looked for.
  std::optional<Result<crypto::SecretBytes>> read(
      const SecretRef& ref, crypto::SecretMode file_mode = crypto::SecretMode::owner_only) {
    if (ref.kind == SecretRef::Kind::credential && credentials_.empty()) {
      unchecked_.push_back(ref.text());
      return std::nullopt;
    }
    const bool is_file = ref.kind == SecretRef::Kind::file;
    return crypto::read_secret_file(*ref.path(credentials_),
                                    is_file ? file_mode : crypto::SecretMode::any);
  }

  void secret(std::string_view key, const SecretRef& ref,
              crypto::SecretMode file_mode = crypto::SecretMode::owner_only) {
    const auto content = read(ref, file_mode);
    if (content && !*content) problem(key, content->error().what, content->error().remedy);
  }

  void vault() {
    std::error_code error;
    if (!std::filesystem::exists(config_.vault.directory, error) && !error) {
      warn("vault.directory",
           fmt::format("{} does not exist yet", config_.vault.directory.string()),
           "'sigilo init' makes it");
    } else {
      directory("vault.directory", config_.vault.directory, R_OK | W_OK | X_OK);
    }
    const auto key = read(config_.vault.key);
    if (!key) return;
    if (!*key) {
      const Error& why = key->error();
      if (why.code == ErrorCode::not_found) {
        warn("vault.key", why.what, "'sigilo init' makes it");
      } else {
        problem("vault.key", why.what, why.remedy);
      }
      return;
    }
    const auto text = (*key)->text();
    const auto is_hex = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    if (text.size() != 2 * vault_key_size || !std::all_of(text.begin(), text.end(), is_hex)) {
      problem("vault.key",
              fmt::format("{} does not hold {} hex digits", config_.vault.key.text(),
                          2 * vault_key_size),
              "give it the key that 'sigilo init' made, or your copy of it");
    }
  }

  void meta(const MetaSource& meta) {
    // A certificate is shown to everybody who connects: only its key is a secret.
    if (meta.tls_certificate) {
      secret("source.meta.tls_certificate", *meta.tls_certificate, crypto::SecretMode::any);
    }
    if (meta.tls_key) secret("source.meta.tls_key", *meta.tls_key);
    for (std::size_t i = 0; i < meta.app_secret.size(); ++i) {
      secret(fmt::format("source.meta.app_secret[{}]", i), meta.app_secret[i]);
    }
    secret("source.meta.verify_token", meta.verify_token);
    if (meta.access_token) secret("source.meta.access_token", *meta.access_token);
  }

  void mail(const Mail& mail) {
    if (mail.password) secret("mail.password", *mail.password);
    if (mail.ca_file) readable_file("mail.ca_file", *mail.ca_file);
    if (mail.content == MailContent::full && !mail.external && !reach_of(mail.relay_host))
      relay_name(mail.relay_host);
  }

  /// A share may be mounted later; what can't be written then is told by status.
  void anchor(const std::filesystem::path& path) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(path, ignored) || access(path.c_str(), W_OK | X_OK) != 0)
      warn("anchor.directory",
           fmt::format("{} is not there now, or this user may not write there", path.string()),
           "mount it, and name it in the unit's ReadWritePaths= (docs/anchors.md)");
  }

  /// A name with one public address is outside: the next connection may take that one.
  void relay_name(const std::string& host) {
    const std::string_view key =
        config_.lines_of_keys.contains("mail.content") ? "mail.content" : "mail.relay";
    const auto addresses = resolve_(host);
    if (addresses.empty()) {
      const auto what = fmt::format(
          "{} does not resolve, so that nobody can tell whether full messages leave the building",
          host);
      if (is_reserved(host)) {
        warn(key, what, "write the relay's real name");
      } else {
        problem(key, what, "check the name and the name server, or write the relay's address");
      }
      return;
    }
    const auto outside =
        std::find_if(addresses.begin(), addresses.end(), [](const std::string& address) {
          const auto reach = reach_of(address);
          return !reach || *reach == Reach::outside;
        });
    if (outside == addresses.end()) return;
    problem(key,
            fmt::format("full messages would leave the building: {} is {}, a public address", host,
                        *outside),
            outside_remedy);
  }

  /// RFC 2606: names that never resolve, for examples and tests.
  static bool is_reserved(std::string_view host) {
    return host.ends_with(".test") || host.ends_with(".example") || host.ends_with(".invalid");
  }

  void readable_file(std::string_view key, const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
      problem(key, fmt::format("{} is a directory", path.string()), "write the name of a file");
    } else if (access(path.c_str(), R_OK) != 0) {
      problem(key,
              fmt::format("{} cannot be read: {}", path.string(),
                          std::generic_category().message(errno)),
              "check the name and who may read it");
    }
  }

  void directory(std::string_view key, const std::filesystem::path& path, int rights) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      problem(key,
              fmt::format("{} is not a directory{}", path.string(),
                          error ? ": " + error.message() : ""),
              "make it, or write another");
    } else if (access(path.c_str(), rights) != 0) {
      problem(key,
              fmt::format("{} cannot be used: {}", path.string(),
                          std::generic_category().message(errno)),
              "check its owner and mode, and run this as the service's user");
    }
  }

  const Config& config_;
  const std::string& file_;
  const std::string& credentials_;
  const Resolver& resolve_;
  MachineCheck result_;
  std::vector<std::string> unchecked_;
};

}  // namespace

MachineCheck check_machine(const Config& config, const std::string& file,
                           const std::string& credentials_directory, const Resolver& resolve) {
  return MachineChecker(config, file, credentials_directory, resolve).check();
}

std::vector<std::string> resolve_by_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    char text[NI_MAXHOST];
    // Without the zone of a link-local address ("%eth0"): it has no part in where the address is.
    if (getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0,
                    NI_NUMERICHOST) != 0)
      continue;
    addresses.emplace_back(text, std::strcspn(text, "%"));
  }
  return addresses;
}

}  // namespace sigilo::config
