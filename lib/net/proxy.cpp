// SPDX-License-Identifier: Apache-2.0
#include "net/proxy.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace sigilo::net {

namespace {

constexpr std::string_view default_port = ":1080";  // curl's
constexpr std::size_t most_credentials = 1024;      // bytes, of user and password together

std::string first_of(const std::map<std::string, std::string>& environment,
                     std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  return {};
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_address(std::string_view host) {
  return host.find(':') != std::string_view::npos ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// One word of no_proxy. An address has no subdomains.
bool covers(std::string_view word, std::string_view host) {
  if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
  if (word.starts_with('.')) word.remove_prefix(1);
  if (word.ends_with('.')) word.remove_suffix(1);
  if (word.empty() || word.size() > host.size()) return false;
  const auto before = host.size() - word.size();
  if (!same(host.substr(before), word)) return false;
  return before == 0 || (!is_address(host) && host[before - 1] == '.');
}

bool is_exempt(std::string_view no_proxy, std::string_view host) {
  while (!no_proxy.empty()) {
    const auto end = std::min(no_proxy.find_first_of(", \t"), no_proxy.size());
    const auto word = no_proxy.substr(0, end);
    if (word == "*" || covers(word, host)) return true;
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
  }
  return false;
}

std::string base64(std::string_view text) {
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');  // with the NUL that OpenSSL writes
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                  reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  encoded.pop_back();
  return encoded;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return -1;
}

/// Percent-decoding; what is no escape stays, as in curl.
std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::config,
              fmt::format("the proxy that the environment names cannot be used: {}", why),
              "set https_proxy to http://[USER:PASSWORD@]HOST:PORT, or the host into no_proxy");
}

Result<Proxy> read_proxy(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end != std::string_view::npos) {
    if (!same(text.substr(0, scheme_end), "http")) return refuse("it is not of the kind http://");
    text.remove_prefix(scheme_end + 3);
  }
  text = text.substr(0, text.find('/'));
  Proxy proxy;
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    const auto user = text.substr(0, at);
    if (user.size() > most_credentials) return refuse("its user and password are too long");
    const auto colon = std::min(user.find(':'), user.size());
    const auto password = user.substr(std::min(colon + 1, user.size()));
    proxy.authorization =
        "Basic " + base64(decoded(user.substr(0, colon)) + ":" + decoded(password));
    text.remove_prefix(at + 1);
  }
  std::string place = "http://" + std::string(text);
  const auto bracket = text.rfind(']');
  const auto name_end = bracket == std::string_view::npos ? 0 : bracket;
  if (text.find(':', name_end) == std::string_view::npos) place += default_port;
  const auto url = parse_web_url(place);
  if (!url) return refuse("it names no host and port");
  proxy.host = url->host;
  proxy.port = url->port;
  return proxy;
}

}  // namespace

ProxySettings proxy_settings_from(const std::map<std::string, std::string>& environment) {
  ProxySettings settings;
  settings.https_proxy =
      first_of(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  settings.http_proxy = first_of(environment, {"http_proxy", "all_proxy", "ALL_PROXY"});
  settings.no_proxy = first_of(environment, {"no_proxy", "NO_PROXY"});
  return settings;
}

Result<std::optional<Proxy>> proxy_for(const ProxySettings& settings, const WebUrl& url) {
  const auto& named = url.tls ? settings.https_proxy : settings.http_proxy;
  if (named.empty() || is_exempt(settings.no_proxy, url.host)) return std::optional<Proxy>();
  SIGILO_TRY(auto proxy, read_proxy(named));
  return std::optional<Proxy>(std::move(proxy));
}

}  // namespace sigilo::net
