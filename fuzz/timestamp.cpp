// SPDX-License-Identifier: Apache-2.0
// An authority's answers come over plain HTTP, tokens out of kept files: any bytes are read or
// refused, and what is read was signed by somebody over this digest.
#include "crypto/timestamp.hpp"

#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "base/random.hpp"

using namespace sigilo;

namespace {

/// Always the same nonce: the seeds answer this very request.
struct Constant final : Random {
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = 1;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Constant random;
  static const auto request =
      *crypto::make_timestamp_request(crypto::sha256(as_bytes("a checkpoint")), random);
  const BytesView bytes(data, size);
  const auto now = Timestamp::from_seconds(1'795'521'600);
  const auto opened = crypto::open_timestamp_response(bytes, request, nullptr, now);
  if (opened) {
    const auto again = crypto::open_timestamp_token(opened->der, request.digest, nullptr);
    SIGILO_CHECK(!again || again->time == opened->time, "the kept token says something else");
    SIGILO_CHECK(!opened->chain_checked, "nobody is trusted here");
  } else {
    SIGILO_CHECK(!opened.error().what.empty(), "a refusal without words");
  }
  (void)crypto::open_timestamp_token(bytes, request.digest, nullptr);
  (void)crypto::TimestampRoots::from_pem(as_text(bytes));
  return 0;
}
