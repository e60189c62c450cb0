// SPDX-License-Identifier: Apache-2.0
// Private to net: whom a client trusts, by OpenSSL.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/asio_impl.hpp"

namespace sigilo::net {

/// TLS 1.2 or later, certificates checked against the system's authorities or those of `ca_file`
/// alone. Errors: crypto.
Result<asio::ssl::context> make_trusting_context(
    const std::optional<std::filesystem::path>& ca_file);

/// Lets the handshake fail unless the certificate is for `host` (name or address), and tells the
/// server which name is wanted. False when OpenSSL refuses.
bool expect_host(SSL* ssl, const std::string& host);

/// Why the certificate was not trusted, in OpenSSL's words; "" when that was not the trouble.
std::string distrust(SSL* ssl);

}  // namespace sigilo::net
