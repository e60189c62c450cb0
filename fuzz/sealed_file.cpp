// SPDX-License-Identifier: Apache-2.0
// A sealed file on a disk that somebody else wrote to: it opens to what was sealed or it is
// corrupt, in whatever pieces it is read. The first two bytes choose key, pieces and damage; the
// rest is taken as a plain text and as a sealed one.
#include <algorithm>
#include <cstdint>

#include "base/check.hpp"
#include "crypto/sealed_stream.hpp"

using namespace sigilo;

namespace {

crypto::SecretBytes the_key() {
  return crypto::SecretBytes::copy_of(Bytes(crypto::sealing_key_size, 1));
}

crypto::BytesSink into(Bytes& bytes) {
  return [&bytes](BytesView part) -> Result<> {
    bytes.insert(bytes.end(), part.begin(), part.end());
    return {};
  };
}

Result<Bytes> open(BytesView sealed, std::size_t piece) {
  Bytes plain;
  crypto::OpeningStream stream(the_key(), into(plain));
  for (; !sealed.empty(); sealed = sealed.subspan(std::min(piece, sealed.size())))
    SIGILO_TRY_DO(stream.update(sealed.first(std::min(piece, sealed.size()))));
  SIGILO_TRY_DO(stream.finish());
  return plain;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = 1 + std::size_t{data[0]} * 300;
  const BytesView rest(data + 2, size - 2);

  SIGILO_CHECK(!open(rest, piece), "opened what nobody sealed");

  Bytes sealed;
  crypto::SealingStream stream(the_key(), into(sealed));
  // A few times, so that small inputs make several chunks.
  Bytes plain;
  for (int i = 0; i < (data[1] & 1 ? 1 : 40); ++i)
    plain.insert(plain.end(), rest.begin(), rest.end());
  SIGILO_CHECK(stream.update(plain) && stream.finish(), "sealing failed");
  SIGILO_CHECK(sealed.size() == crypto::sealed_length(plain.size()), "another length than said");
  const auto opened = open(sealed, piece);
  SIGILO_CHECK(opened && *opened == plain, "opened to something else");

  Bytes damaged = sealed;
  const std::size_t at = (std::size_t{data[0]} << 8U | data[1]) * 7919 % damaged.size();
  damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1U << (data[1] % 8U)));
  SIGILO_CHECK(!open(damaged, piece), "opened in spite of a flipped bit");
  SIGILO_CHECK(!open(BytesView(sealed).first(at), piece), "opened in spite of a missing end");
  return 0;
}
