// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tls_impl.hpp"

namespace sigilo::net {

namespace {

// TLS 1.2 with forward secrecy and AEAD only, as RFC 9325 asks; for TLS 1.3 OpenSSL's own list is
// of that kind.
constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

class WipedAtEnd {
 public:
  explicit WipedAtEnd(std::string& text) : text_(text) {}
  ~WipedAtEnd() { OPENSSL_cleanse(text_.data(), text_.size()); }
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;

 private:
  std::string& text_;
};

bool mismatch(const error_code& ec) {
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(ec.value()));
  return reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH;
}

Result<> harden(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps 34 KiB less
  // Resumption is by tickets; a cache in memory would only grow.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context, tls12_ciphers) != 1) {
    return fail(ErrorCode::crypto, "OpenSSL refuses TLS 1.2 with ECDHE and AEAD ciphers",
                "look at the system's OpenSSL configuration");
  }
  return {};
}

}  // namespace

Result<asio::ssl::context> make_tls_context(TlsIdentity identity) {
  const WipedAtEnd wiped(identity.private_key);
  asio::ssl::context context(asio::ssl::context::tls_server);
  SIGILO_TRY_DO(harden(context.native_handle()));

  // Without this OpenSSL asks the terminal for the key's password.
  context.set_password_callback([](auto&&...) { return std::string(); });
  error_code ec;
  context.use_certificate_chain(asio::buffer(identity.certificate_chain), ec);
  if (ec) {
    return fail(ErrorCode::crypto,
                fmt::format("the TLS certificate is not usable: {}", ec.message()),
                "give the PEM file of the certificate followed by its intermediates");
  }
  context.use_private_key(asio::buffer(identity.private_key), asio::ssl::context::pem, ec);
  // A key of another kind than the certificate's is taken at first: it could have been for another
  // certificate.
  const bool belongs = !ec && SSL_CTX_check_private_key(context.native_handle()) == 1;
  if (ec ? mismatch(ec) : !belongs) {
    return fail(ErrorCode::crypto, "the TLS key does not belong to the certificate",
                "give the key that the certificate was issued for");
  }
  if (ec) {
    return fail(ErrorCode::crypto, fmt::format("the TLS key is not usable: {}", ec.message()),
                "give the PEM file of the private key, without a password");
  }
  return context;
}

}  // namespace sigilo::net
