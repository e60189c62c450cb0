// SPDX-License-Identifier: Apache-2.0
// Private to net: TLS settings of the server, by OpenSSL.
#pragma once

#include "base/result.hpp"
#include "net/asio_impl.hpp"
#include "net/http_server.hpp"

namespace sigilo::net {

/// Wipes the private key's text. Errors: crypto (certificate or key not usable, or not belonging
/// together).
Result<asio::ssl::context> make_tls_context(TlsIdentity identity);

}  // namespace sigilo::net
