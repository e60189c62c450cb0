// SPDX-License-Identifier: Apache-2.0
#include "servers.hpp"

#include <chrono>
#include <string>

#include <sys/stat.h>

#include "source/meta_webhook.hpp"

namespace sigilo {
namespace {

/// The provider's signature decides who is believed at the webhook, not the socket's mode: a
/// reverse proxy runs as another user.
constexpr mode_t webhook_socket_mode = 0666;
constexpr mode_t api_socket_mode = 0600;
constexpr std::chrono::hours api_answer_time{12};

}  // namespace

net::ServerSettings webhook_settings(const config::MetaSource& meta, const Secrets& secrets) {
  net::ServerSettings settings;
  if (meta.listen.kind == config::Endpoint::Kind::unix_socket) {
    settings.unix_path = meta.listen.host;
    settings.unix_mode = webhook_socket_mode;
  } else {
    settings.host = meta.listen.host;
    settings.port = meta.listen.port;
  }
  if (secrets.tls_certificate && secrets.tls_key)
    settings.tls = net::TlsIdentity{std::string(secrets.tls_certificate->text()),
                                    std::string(secrets.tls_key->text())};
  settings.limits.body_bytes = source::max_delivery_bytes;
  return settings;
}

net::ServerSettings api_settings(const config::Api& api) {
  net::ServerSettings settings;
  settings.unix_path = api.socket.string();
  settings.unix_mode = api_socket_mode;
  settings.limits.body_bytes = 64 * 1024;
  settings.limits.connections = 32;
  settings.limits.answer_time = api_answer_time;
  return settings;
}

}  // namespace sigilo
