// SPDX-License-Identifier: Apache-2.0
// Where a request goes. One reader for all: whoever judges a URL's host sees what is connected to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sigilo::net {

/// Longest URL that is read; providers' signed URLs have about 500 bytes.
inline constexpr std::size_t max_url = 8192;

/// "http://" or "https://", taken apart.
struct WebUrl {
  bool tls = false;
  std::string host;  ///< lower case, without brackets and without a dot at the end
  std::uint16_t port = 0;
  std::string target;  ///< path and query as they came, at least "/"; the fragment is cut off

  bool operator==(const WebUrl&) const = default;
  /// "https://host:port": what stands in messages, since path and query may hold secrets.
  [[nodiscard]] std::string origin() const;
  /// As in CONNECT: an IPv6 address in brackets, always with the port.
  [[nodiscard]] std::string authority() const;
  /// As in "Host:": without the scheme's own port.
  [[nodiscard]] std::string host_header() const;
};

/// Refuses what readers understand differently: users, backslashes, spaces, bytes outside of
/// printable ASCII. Errors: invalid_input, which never repeat the URL.
Result<WebUrl> parse_web_url(std::string_view text);

/// What "Location: `text`" in the answer from `base` means (RFC 3986 section 5.2, without removing
/// dot segments). Errors: invalid_input, as above.
Result<WebUrl> resolve_location(const WebUrl& base, std::string_view text);

}  // namespace sigilo::net
