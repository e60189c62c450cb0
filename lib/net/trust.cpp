// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/trust_impl.hpp"

namespace sigilo::net {

namespace {

// As for the server (tls.cpp): forward secrecy and AEAD only, for TLS 1.2 (RFC 9325).
constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

bool is_address(const std::string& host) {
  in6_addr ignored{};
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

}  // namespace

Result<asio::ssl::context> make_trusting_context(
    const std::optional<std::filesystem::path>& ca_file) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  SSL_CTX* const native = context.native_handle();
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(native, tls12_ciphers) != 1) {
    return fail(ErrorCode::crypto, "OpenSSL refuses TLS 1.2 with ECDHE and AEAD ciphers",
                "look at the system's OpenSSL configuration");
  }
  error_code ec;
  context.set_verify_mode(asio::ssl::verify_peer, ec);
  if (!ec && ca_file) {
    context.load_verify_file(ca_file->string(), ec);
  } else if (!ec) {
    context.set_default_verify_paths(ec);
  }
  if (!ec) return context;
  if (ca_file) {
    return fail(ErrorCode::crypto,
                fmt::format("the certificate authorities in {} cannot be read: {}",
                            ca_file->string(), ec.message()),
                "give a PEM file of certificates");
  }
  return fail(ErrorCode::crypto,
              fmt::format("the system's certificate authorities cannot be read: {}", ec.message()),
              "install the package ca-certificates");
}

bool expect_host(SSL* ssl, const std::string& host) {
  if (is_address(host)) {  // an address is never sent as the wanted name (RFC 6066 section 3)
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

std::string distrust(SSL* ssl) {
  const long reason = SSL_get_verify_result(ssl);
  return reason == X509_V_OK ? std::string() : X509_verify_cert_error_string(reason);
}

}  // namespace sigilo::net
