// SPDX-License-Identifier: Apache-2.0
#include "config/forms.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <sys/un.h>

#include "base/number.hpp"
#include "config/document.hpp"
#include "text/dates.hpp"

namespace sigilo::config {
namespace {

constexpr std::int64_t day = 86400;
constexpr std::int64_t longest_retention_days = 36500;
constexpr std::size_t max_socket_path = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t max_file_name = 255;
constexpr std::size_t max_id = 32;
constexpr std::size_t max_group = 32;          // useradd(8)
constexpr std::size_t max_mail_address = 254;  // RFC 5321, 4.5.3.1.3 without the angle brackets
constexpr std::size_t max_mail_local = 64;     // RFC 5321, 4.5.3.1.1

tl::unexpected<Error> refuse(std::string what, std::string remedy = {}) {
  return fail(ErrorCode::invalid_input, std::move(what), std::move(remedy));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_printable_ascii(char c) {
  return c > 0x20 && c < 0x7F;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// RFC 5322, 3.2.3.
bool is_dot_atom(std::string_view text) {
  const auto is_atext = [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), is_atext);
}

}  // namespace

Result<SecretRef> parse_secret_ref(std::string_view text) {
  constexpr std::string_view file = "file:";
  constexpr std::string_view credential = "credential:";
  if (text.starts_with(file)) {
    const auto path = text.substr(file.size());
    if (!path.starts_with('/'))
      return refuse("the path after file: does not begin with /", "write \"file:/PATH\"");
    return SecretRef{SecretRef::Kind::file, std::string(path)};
  }
  if (text.starts_with(credential)) {
    const auto name = text.substr(credential.size());
    const bool is_name = !name.empty() && name.size() <= max_file_name && name != "." &&
                         name != ".." && name.find('/') == std::string_view::npos &&
                         std::all_of(name.begin(), name.end(), is_printable_ascii);
    if (!is_name)
      return refuse("what follows credential: is not a credential's name",
                    "write \"credential:NAME\"");
    return SecretRef{SecretRef::Kind::credential, std::string(name)};
  }
  return refuse("holds neither file: nor credential:, and a secret never stands in this file",
                "put the secret into a file of mode 0600 and write \"file:/PATH\", or "
                "\"credential:NAME\" (systemd)");
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::string_view unix_prefix = "unix:";
  if (text.starts_with(unix_prefix)) {
    SIGILO_TRY(auto path, parse_socket_path(text.substr(unix_prefix.size())));
    return Endpoint{Endpoint::Kind::unix_socket, std::move(path), 0};
  }
  SIGILO_TRY(auto at, parse_host_port(text));
  if (!at.port) return refuse(fmt::format("\"{}\" has no port", shown(text)));
  return Endpoint{Endpoint::Kind::tcp, std::move(at.host), *at.port};
}

Result<std::string> parse_absolute_path(std::string_view text) {
  if (!text.starts_with('/')) {
    return refuse(fmt::format("\"{}\" does not begin with /", shown(text)), "write the whole path");
  }
  return std::string(text);
}

Result<std::string> parse_socket_path(std::string_view text) {
  if (text.size() > max_socket_path) {
    return refuse(
        fmt::format("longer than the {} bytes that a socket's name may have", max_socket_path),
        "write a shorter path");
  }
  return parse_absolute_path(text);
}

Result<std::string> parse_url_path(std::string_view text) {
  const bool sound = text.starts_with('/') &&
                     std::all_of(text.begin(), text.end(), is_printable_ascii) &&
                     text.find_first_of("?#\"<>\\^`{|}%") == std::string_view::npos;
  if (!sound) return refuse(fmt::format("\"{}\" is not a plain path of a URL", shown(text)));
  return std::string(text);
}

Result<std::string> parse_api_url(std::string_view text) {
  SIGILO_TRY(const auto url, parse_url(text));
  if (url.scheme == "https") return url.text();
  if (url.scheme != "http") return refuse("the URL does not begin with https://");
  if (reach_of(url.at.host) != Reach::loopback) {
    return refuse("http:// would send the access token in the open",
                  "write https://; http:// only for loopback");
  }
  return url.text();
}

Result<std::string> parse_web_url(std::string_view text) {
  SIGILO_TRY(const auto url, parse_url(text));
  if (url.scheme != "https" && url.scheme != "http")
    return refuse("the URL begins neither with https:// nor http://");
  return url.text();
}

Result<std::string> parse_witness_url(std::string_view text) {
  SIGILO_TRY(const auto url, parse_url(text));
  const bool local = url.scheme == "http" && reach_of(url.at.host) == Reach::loopback;
  if (url.scheme == "https" || local) return url.text();
  return refuse("the URL does not begin with https://",
                "write https://, since anybody in between could raise a false alarm; http:// only "
                "for loopback");
}

Result<std::string> parse_verifier_key(std::string_view text) {
  constexpr std::size_t hash_digits = 8;
  const auto name = text.find('+');
  const auto hash = name == std::string_view::npos ? name : text.find('+', name + 1);
  const bool sound = hash != std::string_view::npos && name > 0 && hash - name - 1 == hash_digits &&
                     hash + 1 < text.size() &&
                     text.find_first_of(" \t") == std::string_view::npos &&
                     text.substr(name + 1, hash_digits).find_first_not_of("0123456789abcdef") ==
                         std::string_view::npos;
  if (!sound) return refuse("no verifier key (NAME+8 hex digits+base64)");
  return std::string(text);
}

Result<Url> parse_relay(std::string_view text) {
  SIGILO_TRY(auto url, parse_url(text));
  if (url.scheme != "smtp" && url.scheme != "smtps")
    return refuse("the URL begins neither with smtp:// nor smtps://");
  if (!url.path.empty()) return refuse("a relay's URL has no path");
  return url;
}

Result<std::string> parse_mail_address(std::string_view text) {
  const auto at = text.find('@');
  const auto local = text.substr(0, at);
  const auto domain = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  const auto host = parse_host_port(domain);
  const bool sound = text.size() <= max_mail_address && local.size() <= max_mail_local &&
                     is_dot_atom(local) && host && !host->port && !domain.starts_with('[') &&
                     !domain.ends_with('.');
  if (!sound) {
    return refuse(
        fmt::format("\"{}\" is not a mail address", shown(text)),
        "write one plain address without a display name, as in \"compliance@estudio.example\"");
  }
  return std::string(text);
}

Result<std::string> parse_group(std::string_view text) {
  const bool sound =
      !text.empty() && text.size() <= max_group && (is_lower(text[0]) || text[0] == '_') &&
      std::all_of(text.begin(), text.end(),
                  [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; });
  if (!sound) return refuse(fmt::format("\"{}\" is not the name of a Unix group", shown(text)));
  return std::string(text);
}

Result<std::string> parse_zone(std::string_view text) {
  if (!text::is_time_zone(text))
    return refuse(fmt::format("\"{}\" is not an IANA time zone", shown(text)));
  return std::string(text);
}

Result<std::string> parse_graph_version(std::string_view text) {
  const auto dot = text.find('.');
  const bool sound = text.starts_with('v') && text.size() <= 8 && dot != std::string_view::npos &&
                     is_digits(text.substr(1, dot - 1)) && is_digits(text.substr(dot + 1));
  if (!sound) return refuse(fmt::format("\"{}\" is not a version of the Graph API", shown(text)));
  return std::string(text);
}

Result<std::string> parse_provider_id(std::string_view text) {
  if (text.size() > max_id || !is_digits(text)) {
    return refuse(fmt::format("\"{}\" is not an id: digits only", shown(text)));
  }
  return std::string(text);
}

Result<std::string> parse_twilio_account(std::string_view text) {
  if (!text.starts_with("AC") || !std::all_of(text.begin(), text.end(), is_printable_ascii)) {
    return refuse("not an account SID: those begin with AC");
  }
  return std::string(text);
}

Result<E164> parse_number(std::string_view text) {
  auto number = normalise_number(text);
  if (!number)
    return refuse(fmt::format("\"{}\" is not a telephone number with country code", shown(text)));
  return *std::move(number);
}

Result<Language> parse_language_code(std::string_view text) {
  const auto language = parse_language(text);
  if (!language)
    return refuse(fmt::format("no language \"{}\"", shown(text)), "write \"es\", \"pt\" or \"en\"");
  return *language;
}

Result<MailTls> parse_mail_tls(std::string_view text) {
  if (text == "required") return MailTls::required;
  if (text == "opportunistic") return MailTls::opportunistic;
  if (text == "off") return MailTls::off;
  return refuse(fmt::format("\"{}\" is not a choice", shown(text)),
                R"(write "required", "opportunistic", or "off" (loopback only))");
}

Result<MailContent> parse_mail_content(std::string_view text) {
  if (text == "full") return MailContent::full;
  if (text == "excerpt") return MailContent::excerpt;
  if (text == "reference") return MailContent::reference;
  return refuse(fmt::format("\"{}\" is not a choice", shown(text)),
                R"(write "full", "excerpt" or "reference")");
}

Result<std::string> parse_retention(std::string_view text) {
  if (text == "forever") return std::string(text);
  const auto seconds = parse_duration_seconds(text);
  if (!seconds || *seconds < day || *seconds > longest_retention_days * day) {
    return refuse(fmt::format("\"{}\" is neither \"forever\" nor a duration from 1d to {}d",
                              shown(text), longest_retention_days));
  }
  return std::string(text);
}

Result<Duration> parse_duration_within(std::string_view text, std::int64_t least,
                                       std::int64_t most) {
  SIGILO_TRY(const auto seconds, parse_duration_seconds(text));
  if (seconds < least || seconds > most) {
    return refuse(fmt::format("\"{}\" is not between {} and {} seconds", shown(text), least, most));
  }
  return std::chrono::duration_cast<Duration>(std::chrono::seconds(seconds));
}

Result<std::uint64_t> parse_size_within(std::string_view text, std::uint64_t least,
                                        std::uint64_t most) {
  constexpr std::array<std::pair<std::string_view, unsigned>, 3> units{
      {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
  for (const auto& [unit, shift] : units) {
    if (!text.ends_with(unit)) continue;
    const auto digits = text.substr(0, text.size() - unit.size());
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.empty()) break;
    if (count < least >> shift || count > most >> shift)
      return refuse(fmt::format("\"{}\" is not between {} MiB and {} MiB", shown(text),
                                least >> 20U, most >> 20U));
    return count << shift;
  }
  return refuse(fmt::format("\"{}\" is no size", shown(text)), "write a whole number and MiB");
}

}  // namespace sigilo::config
