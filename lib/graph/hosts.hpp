// SPDX-License-Identifier: Apache-2.0
// Whom the access token may be shown to.
#pragma once

#include "net/url.hpp"

namespace sigilo::graph {

/// True for https to the hosts that the provider names (their subdomains too) and to the host of
/// `graph`, and for the very origin of `graph` where that is on loopback.
bool is_provider(const net::WebUrl& url, const net::WebUrl& graph);

}  // namespace sigilo::graph
