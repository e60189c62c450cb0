// SPDX-License-Identifier: Apache-2.0
#include "config/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include "config/document.hpp"

namespace sigilo::config {
namespace {

constexpr std::size_t max_name = 253;  // RFC 1035, 2.3.4 without the root's dot
constexpr std::size_t max_label = 63;
constexpr std::size_t max_url = 2048;

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

template <class Address>
std::optional<Address> parse_address(int family, std::string_view text) {
  Address bytes{};
  const std::string terminated(text);
  if (terminated.size() != std::strlen(terminated.c_str())) return std::nullopt;
  if (inet_pton(family, terminated.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

Reach reach_of_v4(const V4& a) {
  if (a[0] == 127) return Reach::loopback;
  const bool rfc1918 =
      a[0] == 10 || (a[0] == 172 && (a[1] & 0xF0U) == 16) || (a[0] == 192 && a[1] == 168);
  const bool link_local = a[0] == 169 && a[1] == 254;
  return rfc1918 || link_local ? Reach::inside : Reach::outside;
}

Reach reach_of_v6(const V6& a) {
  constexpr V6 loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (a == loopback) return Reach::loopback;
  if (std::equal(v4_mapped.begin(), v4_mapped.end(), a.begin()))
    return reach_of_v4({a[12], a[13], a[14], a[15]});
  const bool unique_local = (a[0] & 0xFEU) == 0xFC;
  const bool link_local = a[0] == 0xFE && (a[1] & 0xC0U) == 0x80;
  return unique_local || link_local ? Reach::inside : Reach::outside;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= max_label && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_letter_or_digit(c) || c == '-';
         });
}

/// A name whose last part is a number is no name
/// (https://url.spec.whatwg.org/#ends-in-a-number-checker).
bool is_number(std::string_view label) {
  if (label.starts_with("0x") || label.starts_with("0X")) return true;
  return std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > max_name) return false;
  while (true) {
    const auto dot = name.find('.');
    const auto label = name.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) return !is_number(label);
    name.remove_prefix(dot + 1);
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Reach> reach_of(std::string_view host) {
  if (const auto v4 = parse_address<V4>(AF_INET, host)) return reach_of_v4(*v4);
  if (const auto v6 = parse_address<V6>(AF_INET6, host)) return reach_of_v6(*v6);
  auto name = lower(host);
  if (name.ends_with('.')) name.pop_back();
  if (name == "localhost" || name.ends_with(".localhost")) return Reach::loopback;
  return std::nullopt;
}

Result<HostPort> parse_host_port(std::string_view text) {
  HostPort result;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    const auto host = text.substr(1, close == std::string_view::npos ? close : close - 1);
    if (close == std::string_view::npos || !parse_address<V6>(AF_INET6, host)) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("\"{}\" has no IPv6 address in its brackets", shown(text)));
    }
    result.host = lower(host);
    rest = text.substr(close + 1);
  } else {
    const auto colon = text.find(':');
    const auto host = text.substr(0, colon);
    if (!parse_address<V4>(AF_INET, host) && !is_host_name(host)) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("\"{}\" is neither an address nor a host name", shown(host)));
    }
    result.host = lower(host);
    rest = text.substr(host.size());
  }
  if (rest.empty()) return result;
  result.port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
  if (!result.port) {
    return fail(ErrorCode::invalid_input,
                fmt::format("\"{}\" does not end in a port from 1 to 65535", shown(text)));
  }
  return result;
}

std::string bracketed(std::string_view host) {
  return host.find(':') == std::string_view::npos ? std::string(host) : fmt::format("[{}]", host);
}

std::string Url::text() const {
  const std::string port = at.port ? fmt::format(":{}", *at.port) : "";
  return scheme + "://" + bracketed(at.host) + port + path;
}

Result<Url> parse_url(std::string_view text) {
  const auto refuse = [](const char* why) { return fail(ErrorCode::invalid_input, why); };
  if (text.size() > max_url) return refuse("longer than any URL should be");
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; })) {
    return refuse("a URL has only printable ASCII characters and no spaces");
  }
  const auto mark = text.find("://");
  if (mark == std::string_view::npos) return refuse("not a URL: it has no \"://\"");
  if (text.find('@') != std::string_view::npos)
    return refuse("user and password do not belong in a URL");
  if (text.find_first_of("?#\\") != std::string_view::npos)
    return refuse("the URL has more than a host and a path");

  Url url;
  url.scheme = lower(text.substr(0, mark));
  text.remove_prefix(mark + 3);
  const auto slash = std::min(text.find('/'), text.size());
  SIGILO_TRY(url.at, parse_host_port(text.substr(0, slash)));
  url.path = text.substr(slash);
  while (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

}  // namespace sigilo::config
