// SPDX-License-Identifier: Apache-2.0
#include "graph/hosts.hpp"

#include <algorithm>
#include <string_view>

#include "config/address.hpp"

namespace sigilo::graph {

namespace {

constexpr std::string_view domains[] = {"facebook.com", "fbcdn.net", "fbsbx.com", "whatsapp.net",
                                        "whatsapp.com"};

bool is_within(std::string_view host, std::string_view domain) {
  if (!host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

}  // namespace

bool is_provider(const net::WebUrl& url, const net::WebUrl& graph) {
  if (config::reach_of(graph.host) == config::Reach::loopback && url.tls == graph.tls &&
      url.host == graph.host && url.port == graph.port) {
    return true;
  }
  return url.tls && (url.host == graph.host || std::ranges::any_of(domains, [&](auto domain) {
                       return is_within(url.host, domain);
                     }));
}

}  // namespace sigilo::graph
