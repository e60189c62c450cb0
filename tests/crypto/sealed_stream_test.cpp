// SPDX-License-Identifier: Apache-2.0
#include "crypto/sealed_stream.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <catch2/catch_test_macros.hpp>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "support/fakes.hpp"

using namespace sigilo;
using namespace sigilo::crypto;

namespace {

constexpr std::size_t chunk = sealed_chunk + sealed_overhead;

SecretBytes key_of(std::uint64_t seed) {
  test::FakeRandom random(seed);
  return SecretBytes::random(sealing_key_size, random);
}

Bytes plain_of(std::size_t size) {
  Bytes bytes(size);
  test::FakeRandom(7).fill(bytes);
  return bytes;
}

BytesSink into(Bytes& bytes) {
  return [&bytes](BytesView part) -> Result<> {
    bytes.insert(bytes.end(), part.begin(), part.end());
    return {};
  };
}

/// In pieces of `piece` bytes.
template <class Stream>
Result<> feed(Stream& stream, BytesView bytes, std::size_t piece) {
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(piece, bytes.size())))
    SIGILO_TRY_DO(stream.update(bytes.first(std::min(piece, bytes.size()))));
  return stream.finish();
}

Bytes seal(BytesView plain, std::size_t piece = 1 << 20, std::uint64_t key = 1) {
  Bytes sealed;
  SealingStream stream(key_of(key), into(sealed));
  REQUIRE(feed(stream, plain, piece));
  return sealed;
}

Result<Bytes> open(BytesView sealed, std::size_t piece = 1 << 20, std::uint64_t key = 1) {
  Bytes plain;
  OpeningStream stream(key_of(key), into(plain));
  SIGILO_TRY_DO(feed(stream, sealed, piece));
  return plain;
}

bool corrupt(BytesView sealed, std::uint64_t key = 1) {
  const auto opened = open(sealed, 1 << 20, key);
  return !opened && opened.error().code == ErrorCode::corrupt;
}

Bytes file(const std::string& name) {
  std::ifstream stream(SIGILO_SOURCE_DIR "/tests/vectors/sealed/" + name, std::ios::binary);
  REQUIRE(stream);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("what was sealed opens to the same bytes, whatever its length and in whatever pieces") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, sealed_chunk - 1, sealed_chunk,
                                 sealed_chunk + 1, 2 * sealed_chunk, 3 * sealed_chunk + 17}) {
    const Bytes plain = plain_of(size);
    for (const std::size_t piece : {std::size_t{4093}, sealed_chunk, chunk, std::size_t{1} << 20}) {
      const Bytes sealed = seal(plain, piece);
      CHECK(sealed.size() == sealed_length(size));
      const auto opened = open(sealed, piece);
      REQUIRE(opened);
      CHECK(*opened == plain);
    }
  }
}

TEST_CASE("byte by byte is no other than at once") {
  const Bytes plain = plain_of(300);
  CHECK(open(seal(plain, 1), 1).value() == plain);
}

TEST_CASE("one plain text sealed twice with one key gives two sealed texts") {
  CHECK(seal(plain_of(100)) != seal(plain_of(100)));
}

TEST_CASE("a sealed text that is cut off anywhere is corrupt") {
  const Bytes sealed = seal(plain_of(2 * sealed_chunk + 100));
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, sealed_header - 1, sealed_header, sealed_header + 1,
        sealed_header + 16, sealed_header + 17, sealed_header + chunk - 1, sealed_header + chunk,
        sealed_header + chunk + 5, sealed_header + 2 * chunk, sealed.size() - 1})
    CHECK(corrupt(BytesView(sealed).first(length)));
}

TEST_CASE("a flipped bit anywhere is corrupt") {
  const Bytes sealed = seal(plain_of(100));
  for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
    Bytes altered = sealed;
    altered[i / 8] = static_cast<std::uint8_t>(altered[i / 8] ^ (1U << (i % 8)));
    if (!corrupt(altered)) FAIL("bit " << i);
  }
}

TEST_CASE("chunks in another order, left out, twice, or of another file are corrupt") {
  const auto at = [](Bytes& bytes, std::size_t n) {
    return bytes.begin() + static_cast<std::ptrdiff_t>(sealed_header + n * chunk);
  };
  const Bytes sealed = seal(plain_of(4 * sealed_chunk));
  Bytes swapped = sealed;
  std::swap_ranges(at(swapped, 0), at(swapped, 1), at(swapped, 1));
  CHECK(corrupt(swapped));
  Bytes shorter = sealed;
  shorter.erase(at(shorter, 1), at(shorter, 2));
  CHECK(corrupt(shorter));
  Bytes twice = sealed;
  const Bytes second(at(twice, 1), at(twice, 2));
  twice.insert(at(twice, 2), second.begin(), second.end());
  CHECK(corrupt(twice));
  Bytes mixed = sealed;
  Bytes other = seal(plain_of(4 * sealed_chunk));
  std::copy(at(other, 2), at(other, 3), at(mixed, 2));
  CHECK(corrupt(mixed));
}

TEST_CASE("bytes after the end are corrupt, be they anything or a second sealed text") {
  const Bytes plain = plain_of(sealed_chunk);
  Bytes longer = seal(plain);
  longer.push_back(0);
  CHECK(corrupt(longer));
  Bytes joined = seal(plain);
  const Bytes more = seal(plain);
  joined.insert(joined.end(), more.begin(), more.end());
  CHECK(corrupt(joined));
}

TEST_CASE("another key does not open it") {
  CHECK(corrupt(seal(plain_of(10)), 2));
  CHECK(corrupt(seal({}), 2));
}

TEST_CASE("after damage nothing more comes out, and each call says so") {
  Bytes sealed = seal(plain_of(3 * sealed_chunk));
  sealed[sealed_header + chunk + 5] ^= 1U;
  Bytes plain;
  OpeningStream stream(key_of(1), into(plain));
  CHECK_FALSE(stream.update(sealed));
  CHECK(plain.size() == sealed_chunk);
  CHECK_FALSE(stream.update(seal({})));
  CHECK_FALSE(stream.finish());
  CHECK(plain.size() == sealed_chunk);
}

TEST_CASE("an error of the sink is passed on by both streams") {
  const BytesSink full = [](BytesView) -> Result<> {
    return fail(ErrorCode::no_space, "the disk is full");
  };
  SealingStream sealing(key_of(1), full);
  CHECK(feed(sealing, plain_of(10), 10).error().code == ErrorCode::no_space);
  OpeningStream opening(key_of(1), full);
  CHECK(feed(opening, seal(plain_of(10)), 100).error().code == ErrorCode::no_space);
}

TEST_CASE("the sealed file of the vectors opens to its plain text") {
  const Bytes hex = file("key.hex");
  auto key = SecretBytes::copy_of(from_hex(as_text(hex).substr(0, 64)).value());
  Bytes plain;
  OpeningStream stream(key, into(plain));
  REQUIRE(feed(stream, file("file.sealed"), 1000));
  // Long enough for two chunks: lines "0000000\n", "0000001\n" …
  std::string expected;
  for (int i = 0; i < 8'750; ++i) {
    const auto digits = std::to_string(i);
    expected += std::string(7 - digits.size(), '0') + digits + "\n";
  }
  CHECK(as_text(plain) == expected);
}
