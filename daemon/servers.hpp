// SPDX-License-Identifier: Apache-2.0
// How the daemon's two servers listen.
#pragma once

#include "config/config.hpp"
#include "net/http_server.hpp"
#include "secrets.hpp"

namespace sigilo {

net::ServerSettings webhook_settings(const config::MetaSource& meta, const Secrets& secrets);
net::ServerSettings api_settings(const config::Api& api);

}  // namespace sigilo
