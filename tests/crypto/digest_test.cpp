// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.hpp"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "crypto/random.hpp"
#include "support/process.hpp"

using namespace sigilo;
using namespace std::string_literals;

namespace {

Bytes hex(std::string_view text) {
  return *crypto::from_hex(text);
}

struct HmacVector {
  Bytes key;
  Bytes data;
  std::string mac;
};

/// RFC 4231, section 4; case 5 gives only the first 128 bits.
const std::vector<HmacVector>& rfc4231() {
  static const std::vector<HmacVector> vectors = {
      {Bytes(20, 0x0b), hex("4869205468657265"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {hex("4a656665"), hex("7768617420646f2079612077616e7420666f72206e6f7468696e673f"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Bytes(20, 0xaa), Bytes(50, 0xdd),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), Bytes(50, 0xcd),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {Bytes(20, 0x0c), hex("546573742057697468205472756e636174696f6e"),
       "a3b6167473100ee06e0c796c2955552b"},
      {Bytes(131, 0xaa),
       hex("54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d204861736"
           "8204b6579204669727374"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {Bytes(131, 0xaa),
       hex("5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697"
           "a65206b657920616e64"
           "2061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e65656"
           "47320746f20626520"
           "686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f72697"
           "4686d2e"),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"}};
  return vectors;
}

}  // namespace

TEST_CASE("SHA-256 is that of FIPS 180-4") {
  CHECK(crypto::sha256({}).hex() ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(crypto::sha256(as_bytes("abc")).hex() ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(
      crypto::sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).hex() ==
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(crypto::sha256(Bytes(1'000'000, 'a')).hex() ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("parts hash to the same as the whole, and one object begins anew after each end") {
  const Bytes whole(1000, 'x');
  crypto::Sha256 parts;
  for (std::size_t cut : {0U, 1U, 63U, 64U, 65U, 999U, 1000U}) {
    const BytesView view(whole);
    CHECK(parts.update(view.first(cut)).update({}).update(view.subspan(cut)).finish() ==
          crypto::sha256(whole));
  }
  CHECK(parts.finish() == crypto::sha256({}));
  crypto::Sha256 moved(std::move(parts.update(as_bytes("a"))));
  CHECK(moved.update(as_bytes("bc")).finish() == crypto::sha256(as_bytes("abc")));
}

TEST_CASE("HMAC-SHA-256 gives the values of RFC 4231, with a kept key and at one go") {
  for (const auto& [key, data, mac] : rfc4231()) {
    CHECK(crypto::hmac_sha256(key, data).hex().substr(0, mac.size()) == mac);
    const crypto::HmacSha256 kept(key);
    CHECK(kept.of(data).hex().substr(0, mac.size()) == mac);
    CHECK(kept.of(data) == kept.of(data));
    CHECK(kept.of({}) == crypto::hmac_sha256(key, {}));
  }
}

TEST_CASE("an empty key is a key, not the key from before") {
  const std::string of_nothing = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  CHECK(crypto::hmac_sha256({}, {}).hex() == of_nothing);
  CHECK(crypto::HmacSha256({}).of({}).hex() == of_nothing);
  CHECK(crypto::hmac_sha256(as_bytes("k"), {}).hex() != of_nothing);
}

TEST_CASE("one kept key serves several threads at once") {
  const crypto::HmacSha256 kept(as_bytes("key"));
  const Bytes data(3000, 'd');
  const auto expected = crypto::hmac_sha256(as_bytes("key"), data);
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (auto& mine : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i)
        mine += kept.of(data) != expected || crypto::sha256(data) != crypto::sha256(data);
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("a kept key that moved still gives the same") {
  crypto::HmacSha256 first(as_bytes("a"));
  crypto::HmacSha256 second(as_bytes("b"));
  second = std::move(first);
  CHECK(second.of(as_bytes("x")) == crypto::hmac_sha256(as_bytes("a"), as_bytes("x")));
}

TEST_CASE("a digest is read from exactly 32 bytes or 64 hex digits") {
  const auto digest = crypto::sha256(as_bytes("abc"));
  CHECK(crypto::Digest::from(digest.view()) == digest);
  CHECK(crypto::Digest::from_hex(digest.hex()) == digest);
  for (const std::size_t size : {0U, 31U, 33U, 64U}) {
    const auto wrong = crypto::Digest::from(Bytes(size));
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == ErrorCode::invalid_input);
  }
  CHECK_FALSE(crypto::Digest::from_hex(digest.hex().substr(2)));
  CHECK_FALSE(crypto::Digest::from_hex(digest.hex() + "00"));
  CHECK_FALSE(crypto::Digest::from_hex(std::string(64, 'x')));
}

TEST_CASE("SHA-256 and HMAC agree with the openssl command on random bytes") {
  crypto::SystemRandom random;
  const test::TemporaryDirectory directory;
  for (const std::size_t length : {0U, 55U, 56U, 64U, 1000U, 100'000U}) {
    Bytes bytes(length);
    random.fill(bytes);
    Bytes key(length % 100 + 1);
    random.fill(key);
    const auto file = (directory / "bytes").string();
    test::write_file(file, as_text(bytes));
    const auto hash = test::run(fmt::format("openssl dgst -sha256 -r {}", file));
    REQUIRE(hash.status == 0);
    CHECK(hash.output.substr(0, 64) == crypto::sha256(bytes).hex());
    const auto mac = test::run(fmt::format(
        "openssl mac -digest SHA256 -macopt hexkey:{} -in {} HMAC", crypto::to_hex(key), file));
    REQUIRE(mac.status == 0);
    CHECK(crypto::Digest::from_hex(mac.output.substr(0, 64)) == crypto::hmac_sha256(key, bytes));
  }
}
