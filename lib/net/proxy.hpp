// SPDX-License-Identifier: Apache-2.0
// The proxy that the machine's environment names, by the rules of curl.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/url.hpp"

namespace sigilo::net {

/// Values of the environment as they stand there; "" where none.
struct ProxySettings {
  std::string https_proxy;
  std::string http_proxy;
  std::string no_proxy;
};

/// https_proxy, else HTTPS_PROXY, else all_proxy, else ALL_PROXY; http_proxy in lower case only
/// (a CGI's client could set HTTP_PROXY), else all_proxy; no_proxy, else NO_PROXY. An empty
/// variable counts as absent.
ProxySettings proxy_settings_from(const std::map<std::string, std::string>& environment);

struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization;  ///< "Basic ...", or "" where the settings name no user; a secret

  bool operator==(const Proxy&) const = default;
};

/// The proxy for `url`, nullopt for a direct connection. no_proxy: names separated by commas or
/// spaces, each meaning itself and its subdomains, with or without a dot before it; "*" for all.
/// Errors: config (a proxy that is no URL, or of another kind than http), without the password.
Result<std::optional<Proxy>> proxy_for(const ProxySettings& settings, const WebUrl& url);

}  // namespace sigilo::net
