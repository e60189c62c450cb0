// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace sigilo::net {

namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;
constexpr std::size_t max_host = 253;  // RFC 1035 section 2.3.4, as text

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_letter_or_digit(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
}

std::string in_lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::invalid_input, fmt::format("not a usable URL: {}", why));
}

/// True for what every reader splits at the same places.
bool is_plain(std::string_view text) {
  return text.size() <= max_url && std::ranges::all_of(text, [](char c) {
           return c > 0x20 && c < 0x7f && c != '\\' && c != '"' && c != '<' && c != '>';
         });
}

Result<std::string> read_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::string inside(text.substr(1, text.size() - 2));
    in6_addr ignored{};
    if (!text.ends_with(']') || inet_pton(AF_INET6, inside.c_str(), &ignored) != 1) {
      return refuse("its IPv6 address is none");
    }
    return in_lower_case(inside);
  }
  if (text.ends_with('.')) text.remove_suffix(1);
  const bool sound = !text.empty() && text.size() <= max_host && !text.starts_with('.') &&
                     text.find("..") == std::string_view::npos && !text.ends_with('.') &&
                     std::ranges::all_of(text, [](char c) {
                       return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
                     });
  if (!sound) return refuse("its host is no name");
  return in_lower_case(text);
}

Result<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc() || end != text.data() + text.size() || port == 0) {
    return refuse("its port is none");
  }
  return port;
}

std::string read_target(std::string_view text) {
  text = text.substr(0, text.find('#'));
  return text.starts_with('/') ? std::string(text) : "/" + std::string(text);
}

/// True where `text` begins with a scheme of its own (RFC 3986 section 3.1).
bool has_scheme(std::string_view text) {
  const auto colon = text.find_first_of(":/?#");
  return colon != std::string_view::npos && colon > 0 && text[colon] == ':';
}

}  // namespace

std::string WebUrl::authority() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

std::string WebUrl::origin() const {
  return (tls ? "https://" : "http://") + authority();
}

std::string WebUrl::host_header() const {
  std::string text = authority();
  if (port == (tls ? https_port : http_port)) text.resize(text.rfind(':'));
  return text;
}

Result<WebUrl> parse_web_url(std::string_view text) {
  if (!is_plain(text)) return refuse("too long, or with characters that must be encoded");
  WebUrl url;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return refuse("it begins with no scheme");
  const auto scheme = in_lower_case(text.substr(0, colon));
  if (scheme != "http" && scheme != "https") return refuse("it begins with neither http nor https");
  url.tls = scheme == "https";
  text.remove_prefix(colon + 3);

  const auto end = std::min(text.find_first_of("/?#"), text.size());
  auto authority = text.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return refuse("it names a user");
  url.target = read_target(text.substr(end));
  url.port = url.tls ? https_port : http_port;
  const auto bracket = authority.rfind(']');
  const auto port_at = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (port_at != std::string_view::npos) {
    SIGILO_TRY(url.port, read_port(authority.substr(port_at + 1)));
    authority = authority.substr(0, port_at);
  }
  SIGILO_TRY(url.host, read_host(authority));
  return url;
}

Result<WebUrl> resolve_location(const WebUrl& base, std::string_view text) {
  if (text.empty() || !is_plain(text)) return refuse("empty, or not to be read");
  if (has_scheme(text)) return parse_web_url(text);
  if (text.starts_with("//")) {
    return parse_web_url((base.tls ? "https:" : "http:") + std::string(text));
  }
  WebUrl url = base;
  const auto path = std::string_view(base.target).substr(0, base.target.find('?'));
  if (text.starts_with('/')) {
    url.target = read_target(text);
  } else if (text.starts_with('?')) {
    url.target = read_target(std::string(path) + std::string(text));
  } else if (!text.starts_with('#')) {
    url.target = read_target(std::string(path.substr(0, path.rfind('/') + 1)) + std::string(text));
  }
  return url;
}

}  // namespace sigilo::net
