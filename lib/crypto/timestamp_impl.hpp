// SPDX-License-Identifier: Apache-2.0
// What the parts of the time stamps share; for the .cpp files of this room only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/ts.h>

#include "base/check.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace sigilo::crypto {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
template <class T, auto free>
using Owned = std::unique_ptr<T, Free<free>>;

using Request = Owned<TS_REQ, TS_REQ_free>;
using Response = Owned<TS_RESP, TS_RESP_free>;
using Token = Owned<PKCS7, PKCS7_free>;
using Info = Owned<TS_TST_INFO, TS_TST_INFO_free>;
using Context = Owned<TS_VERIFY_CTX, TS_VERIFY_CTX_free>;
using Store = Owned<X509_STORE, X509_STORE_free>;
using Certificate = Owned<X509, X509_free>;
using Imprint = Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free>;
using Algorithm = Owned<X509_ALGOR, X509_ALGOR_free>;
using Number = Owned<BIGNUM, BN_free>;
using Integer = Owned<ASN1_INTEGER, ASN1_INTEGER_free>;
using Oid = Owned<ASN1_OBJECT, ASN1_OBJECT_free>;
using Buffer = Owned<BIO, BIO_free>;

inline void must(bool outcome) {
  SIGILO_CHECK(outcome, "OpenSSL has no memory for a time stamp");
}

/// Clears OpenSSL's errors: the next call begins with none.
tl::unexpected<Error> no_answer(std::string_view why);
/// Foreign words, made safe for a log: ASCII, one line, not long.
std::string printable(std::string_view words);

/// Nothing where the answer grants a token, else why not, in words.
Result<> check_status(const TS_RESP* response);

/// GeneralizedTime as RFC 3161 restricts it: YYYYMMDDhhmmss[.f…]Z.
Result<Timestamp> time_of(const ASN1_GENERALIZEDTIME* time);
/// Nothing where the token states none.
Result<std::optional<Duration>> accuracy_of(const TS_TST_INFO* info);
/// Hexadecimal.
Result<std::string> serial_of(const ASN1_INTEGER* serial);
std::string oid_text(const ASN1_OBJECT* oid);
/// Null unless the text is numbers and dots.
Oid oid_of(std::string_view text);
std::string subject_of(const X509* certificate);
/// When the certificate ends.
Timestamp end_of(const X509* certificate);

}  // namespace sigilo::crypto
