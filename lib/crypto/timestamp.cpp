// SPDX-License-Identifier: Apache-2.0
#include "crypto/timestamp.hpp"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "base/check.hpp"
#include "crypto/timestamp_impl.hpp"

namespace sigilo::crypto {
namespace {

constexpr std::size_t nonce_size = 8;
/// OpenSSL's level of 112 bits: no certificate on SHA-1, no RSA key below 2,048 bits.
constexpr int security_level = 2;

tl::unexpected<Error> proves_nothing(std::string_view why, std::string_view remedy) {
  ERR_clear_error();
  return fail(ErrorCode::crypto, fmt::format("the time stamp proves nothing: {}", why),
              std::string(remedy));
}

template <class T>
using Encode = int (*)(const T*, unsigned char**);

template <class T>
Bytes to_der(const T* object, Encode<T> encode) {
  unsigned char* start = nullptr;
  const int size = encode(object, &start);
  must(size > 0);
  Bytes der(start, start + size);
  OPENSSL_free(start);
  return der;
}

/// The object that `der` is, with nothing after it; null otherwise.
template <class Holder, class Decode>
Holder from_der(BytesView der, Decode decode) {
  if (der.size() > max_timestamp_response) return nullptr;
  const unsigned char* at = der.data();
  Holder object(decode(nullptr, &at, static_cast<long>(der.size())));
  if (at != der.data() + der.size()) object.reset();
  return object;
}

Imprint imprint_of(const Digest& digest) {
  Algorithm algorithm(X509_ALGOR_new());
  Imprint imprint(TS_MSG_IMPRINT_new());
  must(algorithm && imprint);
  must(X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) == 1);
  must(TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1);
  Digest copy = digest;  // OpenSSL takes a pointer to what it only reads
  must(TS_MSG_IMPRINT_set_msg(imprint.get(), copy.bytes.data(),
                              static_cast<int>(copy.bytes.size())) == 1);
  return imprint;
}

Integer random_number(Random& random) {
  std::array<std::uint8_t, nonce_size> bytes{};
  random.fill(bytes);
  bytes[0] = (bytes[0] & 0x7f) | 0x40;  // positive, and always eight bytes
  const Number number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  must(number != nullptr);
  Integer integer(BN_to_ASN1_INTEGER(number.get(), nullptr));
  must(integer != nullptr);
  return integer;
}

/// The one certificate that signed; it belongs to the token. Null unless there is exactly one
/// signer, whose certificate the token brings along.
X509* signer_of(PKCS7* token) {
  if (PKCS7_type_is_signed(token) == 0) return nullptr;
  STACK_OF(X509)* const signers = PKCS7_get0_signers(token, nullptr, 0);
  X509* const signer =
      signers != nullptr && sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : nullptr;
  sk_X509_free(signers);
  return signer;
}

/// Whether the signature is made over a digest that still stands against collisions.
bool has_strong_digest(PKCS7* token) {
  STACK_OF(PKCS7_SIGNER_INFO)* const signers = PKCS7_get_signer_info(token);
  if (signers == nullptr || sk_PKCS7_SIGNER_INFO_num(signers) != 1) return false;
  X509_ALGOR* digest = nullptr;
  PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0), nullptr, &digest, nullptr);
  const int name = digest == nullptr ? NID_undef : OBJ_obj2nid(digest->algorithm);
  return name == NID_sha256 || name == NID_sha384 || name == NID_sha512 || name == NID_sha3_256 ||
         name == NID_sha3_384 || name == NID_sha3_512;
}

// --- the check itself --------------------------------------------------------------------------

/// Passes over that a chain leads to nobody who is trusted, and over nothing else.
int pass_over_trust(int outcome, X509_STORE_CTX* context) {
  if (outcome == 1) return outcome;
  switch (X509_STORE_CTX_get_error(context)) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return 1;
    default:
      return 0;
  }
}

/// What OpenSSL said last, in words of ours where the case is a known one.
tl::unexpected<Error> refusal_of_openssl() {
  const char* data = nullptr;
  int flags = 0;
  unsigned long error = 0;
  int reason = 0;
  std::string detail;
  while ((error = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) != 0) {
    if (reason != 0 || ERR_GET_LIB(error) != ERR_LIB_TS) continue;
    reason = ERR_GET_REASON(error);
    if ((flags & ERR_TXT_STRING) != 0 && data != nullptr) detail = printable(data);
  }
  switch (reason) {
    case TS_R_NONCE_MISMATCH:
    case TS_R_NONCE_NOT_RETURNED:
      return proves_nothing("it does not answer this request but another one (nonce)",
                            "ask again; if it stays so, something between repeats old answers");
    case TS_R_MESSAGE_IMPRINT_MISMATCH:
      return proves_nothing("it is over other data (imprint)", "ask again");
    case TS_R_POLICY_MISMATCH:
      return proves_nothing("it was made under another policy than the one asked for",
                            "check the policy asked for");
    case TS_R_CERTIFICATE_VERIFY_ERROR:
      return proves_nothing(fmt::format("the authority's certificate is not accepted ({})", detail),
                            "check which certificates are trusted for time stamps");
    case TS_R_SIGNATURE_FAILURE:
      return proves_nothing("its signature does not hold", "it was altered, or is a forgery");
    default:
      break;
  }
  const char* const words =
      reason == 0 ? nullptr : ERR_reason_error_string(ERR_PACK(ERR_LIB_TS, 0, reason));
  return proves_nothing(
      words == nullptr ? std::string("it is not signed as RFC 3161 demands") : printable(words),
      "choose another authority if it stays so");
}

void take_store(TS_VERIFY_CTX* context, Store store) {
#if OPENSSL_VERSION_NUMBER >= 0x30400000L
  must(TS_VERIFY_CTX_set0_store(context, store.release()) == 1);
#else
  TS_VERIFY_CTX_set_store(context, store.release());
#endif
}

}  // namespace

struct TimestampRoots::Certificates {
  std::vector<Certificate> list;
};

TimestampRoots::TimestampRoots(std::unique_ptr<Certificates> certificates)
    : certificates_(std::move(certificates)) {}
TimestampRoots::TimestampRoots(TimestampRoots&&) noexcept = default;
TimestampRoots& TimestampRoots::operator=(TimestampRoots&&) noexcept = default;
TimestampRoots::~TimestampRoots() = default;

Result<TimestampRoots> TimestampRoots::from_pem(std::string_view pem) {
  const auto wrong = [](std::string_view why) {
    ERR_clear_error();
    return fail(ErrorCode::invalid_input,
                fmt::format("the certificates trusted for time stamps cannot be used: {}", why),
                "give a file of certificates in PEM form, each from BEGIN to END CERTIFICATE");
  };
  if (pem.size() > max_timestamp_roots_size)
    return wrong(fmt::format("the file is longer than {} bytes", max_timestamp_roots_size));
  const Buffer buffer(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  must(buffer != nullptr);
  ERR_clear_error();
  auto certificates = std::make_unique<Certificates>();
  while (X509* const one = PEM_read_bio_X509(buffer.get(), nullptr, nullptr, nullptr)) {
    certificates->list.emplace_back(one);
    if (certificates->list.size() > max_timestamp_roots)
      return wrong(fmt::format("there are more than {}", max_timestamp_roots));
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    return wrong("one of them cannot be read");
  if (certificates->list.empty()) return wrong("there is none");
  ERR_clear_error();
  return TimestampRoots(std::move(certificates));
}

/// One check of a token against all that must be so.
struct TimestampCheck {
  const TimestampRoots* roots;
  Timestamp valid_at;

  [[nodiscard]] Store store() const {
    Store store(X509_STORE_new());
    must(store != nullptr);
    X509_VERIFY_PARAM* const rules = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(valid_at.seconds()));
    if (roots == nullptr) {
      X509_STORE_set_verify_cb(store.get(), pass_over_trust);
      return store;
    }
    X509_VERIFY_PARAM_set_auth_level(rules, security_level);
    for (const auto& root : roots->certificates_->list)
      must(X509_STORE_add_cert(store.get(), root.get()) == 1);
    // A firm may trust the authority's own certificate, or one between it and a root.
    must(X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN) == 1);
    return store;
  }

  /// Signature, certificate and what `request` asked for.
  [[nodiscard]] Result<TimestampToken> open(PKCS7* token, const TS_TST_INFO* info,
                                            TS_REQ* request) const {
    X509* const signer = signer_of(token);
    if (signer == nullptr)
      return proves_nothing("it brings no certificate of its one signer along",
                            "choose an authority that sends its certificate when asked to");
    if (!has_strong_digest(token))
      return proves_nothing("it is signed with a digest that is broken or unknown",
                            "choose another authority");
    ERR_clear_error();
    constexpr int as_leaf = 0;
    if (X509_check_purpose(signer, X509_PURPOSE_TIMESTAMP_SIGN, as_leaf) != 1)
      return proves_nothing("the signing certificate is not for time stamps alone",
                            "choose an authority whose certificate has the critical extended key "
                            "usage timeStamping, as RFC 3161 demands");
    const Context context(TS_REQ_to_TS_VERIFY_CTX(request, nullptr));
    must(context != nullptr);
    TS_VERIFY_CTX_add_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE);
    take_store(context.get(), store());
    if (TS_RESP_verify_token(context.get(), token) != 1) return refusal_of_openssl();
    ERR_clear_error();
    return described(token, info, signer);
  }

  [[nodiscard]] Result<TimestampToken> described(PKCS7* token, const TS_TST_INFO* info,
                                                 const X509* signer) const {
    TimestampToken result;
    SIGILO_TRY(result.time, time_of(TS_TST_INFO_get_time(info)));
    SIGILO_TRY(result.accuracy, accuracy_of(info));
    SIGILO_TRY(result.serial, serial_of(TS_TST_INFO_get_serial(info)));
    result.policy = oid_text(TS_TST_INFO_get_policy_id(const_cast<TS_TST_INFO*>(info)));
    result.authority = subject_of(signer);
    result.expires = end_of(signer);
    result.chain_checked = roots != nullptr;
    result.der = to_der<PKCS7>(token, i2d_PKCS7);
    return result;
  }
};

Result<TimestampRequest> make_timestamp_request(const Digest& digest, Random& random,
                                                std::string_view policy) {
  const Request request(TS_REQ_new());
  must(request != nullptr);
  must(TS_REQ_set_version(request.get(), 1) == 1);
  must(TS_REQ_set_msg_imprint(request.get(), imprint_of(digest).get()) == 1);
  must(TS_REQ_set_nonce(request.get(), random_number(random).get()) == 1);
  must(TS_REQ_set_cert_req(request.get(), 1) == 1);
  if (!policy.empty()) {
    const Oid oid = oid_of(policy);
    if (!oid) {
      ERR_clear_error();
      return fail(ErrorCode::invalid_input,
                  fmt::format("'{}' is no policy of a time stamp authority", printable(policy)),
                  "give its OID in numbers and dots, such as 1.3.6.1.4.1.13762.3");
    }
    must(TS_REQ_set_policy_id(request.get(), oid.get()) == 1);
  }
  return TimestampRequest{to_der<TS_REQ>(request.get(), i2d_TS_REQ), digest};
}

Result<TimestampToken> open_timestamp_response(BytesView response, const TimestampRequest& request,
                                               const TimestampRoots* roots, Timestamp now) {
  const auto answer = from_der<Response>(response, d2i_TS_RESP);
  if (!answer) return no_answer("it is not a TimeStampResp in DER");
  SIGILO_TRY_DO(check_status(answer.get()));
  PKCS7* const token = TS_RESP_get_token(answer.get());
  const TS_TST_INFO* const info = TS_RESP_get_tst_info(answer.get());
  if (token == nullptr || info == nullptr) return no_answer("it grants a time stamp and has none");
  const auto asked = from_der<Request>(request.der, d2i_TS_REQ);
  SIGILO_CHECK(asked != nullptr, "a request that was not made here");
  return TimestampCheck{roots, now}.open(token, info, asked.get());
}

Result<TimestampToken> open_timestamp_token(BytesView token, const Digest& digest,
                                            const TimestampRoots* roots) {
  const auto kept = from_der<Token>(token, d2i_PKCS7);
  if (!kept) return no_answer("it is not a time stamp token in DER");
  const Info info(PKCS7_to_TS_TST_INFO(kept.get()));
  if (!info) return no_answer("it is signed, but no time stamp");
  const Request asked(TS_REQ_new());  // what must be so, without what only the first answer had
  must(asked != nullptr);
  must(TS_REQ_set_version(asked.get(), 1) == 1);
  must(TS_REQ_set_msg_imprint(asked.get(), imprint_of(digest).get()) == 1);
  SIGILO_TRY(const Timestamp stated, time_of(TS_TST_INFO_get_time(info.get())));
  return TimestampCheck{roots, stated}.open(kept.get(), info.get(), asked.get());
}

}  // namespace sigilo::crypto
