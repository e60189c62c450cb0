// SPDX-License-Identifier: Apache-2.0
// Where a host is: on this machine, in the building, or outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sigilo::config {

enum class Reach {
  loopback,  ///< 127.0.0.0/8, ::1, "localhost" (RFC 6761)
  inside,    ///< private (RFC 1918), unique local (RFC 4193) or link-local (RFC 3927, RFC 4291)
  outside,   ///< every other address
};

/// Of a literal address or "localhost"; nullopt for a name that only a resolver can place.
std::optional<Reach> reach_of(std::string_view host);

/// "HOST:PORT" or "[v6]:PORT", taken apart.
struct HostPort {
  std::string host;  ///< address without brackets, or name in lower case
  std::optional<std::uint16_t> port;
  bool operator==(const HostPort&) const = default;
};

/// A port is 1 to 65535. A name is letters, digits, '-' and '.' (RFC 1123); forms such as "127.1"
/// or "0x7f000001", which resolvers take for addresses, are refused. Errors: invalid_input.
Result<HostPort> parse_host_port(std::string_view text);

/// "SCHEME://HOST[:PORT][/PATH]" without user, query and fragment.
struct Url {
  std::string scheme;  ///< lower case
  HostPort at;
  std::string path;  ///< "" or "/...", without a slash at the end
  /// As it is written for other programs, with brackets around an IPv6 address.
  [[nodiscard]] std::string text() const;
};

/// Errors: invalid_input; a URL with a user in it is refused without repeating it, since a password
/// may follow.
Result<Url> parse_url(std::string_view text);

/// Host as it stands before ":PORT": an IPv6 address in brackets.
std::string bracketed(std::string_view host);

}  // namespace sigilo::config
