// SPDX-License-Identifier: Apache-2.0
// Time stamps by an authority (RFC 3161, RFC 5816), by OpenSSL: "this digest existed at this time".
// Requests and answers as bytes; nothing here sends.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/digest.hpp"

namespace sigilo::crypto {

/// What is read of an answer at most. Those of public authorities have 2 to 8 KiB, with their
/// certificates.
inline constexpr std::size_t max_timestamp_response = 64 * 1024;
/// How many certificates an administrator may trust, and how long their file may be.
inline constexpr std::size_t max_timestamp_roots = 64;
inline constexpr std::size_t max_timestamp_roots_size = 512 * 1024;

/// A question to an authority; kept until the answer is there.
struct TimestampRequest {
  Bytes der;  ///< TimeStampReq: body of the POST, of type application/timestamp-query
  Digest digest;
};

/// Asks for a stamp over a SHA-256 digest, with a 64-bit nonce and the authority's certificate in
/// the answer. `policy`: an OID in dotted form, or "" for the authority's own choice.
/// Errors: invalid_input (the policy is no OID).
Result<TimestampRequest> make_timestamp_request(const Digest& digest, Random& random,
                                                std::string_view policy = {});

/// The certificates that an administrator trusts to vouch for authorities. Runs on: any.
class TimestampRoots {
 public:
  /// Errors: invalid_input (no certificate in `pem`, one that can't be read, too many).
  static Result<TimestampRoots> from_pem(std::string_view pem);
  TimestampRoots(TimestampRoots&&) noexcept;
  TimestampRoots& operator=(TimestampRoots&&) noexcept;
  ~TimestampRoots();

 private:
  friend struct TimestampCheck;
  struct Certificates;
  explicit TimestampRoots(std::unique_ptr<Certificates> certificates);
  std::unique_ptr<Certificates> certificates_;
};

/// A token that was checked: its digest is the one asked for, the signature holds, and the signing
/// certificate is the one that the token itself commits to, may make time stamps and nothing else,
/// and was valid.
struct TimestampToken {
  Bytes der;                         ///< what is kept: `openssl ts -verify -token_in` reads it
  Timestamp time;                    ///< by the authority's clock
  std::optional<Duration> accuracy;  ///< ± this much; nothing where the authority doesn't say
  std::string policy;                ///< OID, dotted
  std::string serial;                ///< hexadecimal
  std::string authority;             ///< the signing certificate's subject (RFC 2253, ASCII)
  Timestamp expires;                 ///< the signing certificate's end
  /// Whether the certificate leads to one that is trusted here. Where it is false the token is
  /// worth keeping (an auditor who trusts the authority can check it), and proves nothing yet.
  bool chain_checked = false;
};

/// Reads an authority's answer (TimeStampResp, DER). `roots`: null where no authority is trusted:
/// everything but the certificate's chain is checked. `now`: when certificates must be valid.
/// Errors: unavailable (it can't now: its words), refused (it won't: its words), invalid_input (not
/// an answer, or too long), crypto (an answer that proves nothing: says why).
Result<TimestampToken> open_timestamp_response(BytesView response, const TimestampRequest& request,
                                               const TimestampRoots* roots, Timestamp now);

/// Reads a token that was kept (TimestampToken::der). Certificates must have been valid at the time
/// that the token states; that it was made then rests on the authority having kept its key safe.
Result<TimestampToken> open_timestamp_token(BytesView token, const Digest& digest,
                                            const TimestampRoots* roots);

}  // namespace sigilo::crypto
