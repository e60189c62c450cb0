// SPDX-License-Identifier: Apache-2.0
#include "crypto/sign.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "crypto/random.hpp"
#include "support/process.hpp"

using namespace sigilo;

namespace {

Bytes hex(std::string_view text) {
  return *crypto::from_hex(text);
}

struct Vector {
  std::string seed, key, message, signature;
};

/// RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc).
const Vector vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "bbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e"
     "0303dca179c138ac17ad9bef1177331a704"},
};

crypto::SigningKey some_key() {
  return *crypto::SigningKey::from_seed(Bytes(32, 7));
}

}  // namespace

TEST_CASE("keys and signatures are those of RFC 8032") {
  for (const auto& vector : vectors) {
    const auto key = crypto::SigningKey::from_seed(hex(vector.seed));
    REQUIRE(key);
    CHECK(crypto::to_hex(key->public_key().view()) == vector.key);
    CHECK(crypto::to_hex(key->seed()) == vector.seed);
    const auto signature = key->sign(hex(vector.message));
    CHECK(crypto::to_hex(signature.view()) == vector.signature);
    CHECK(key->public_key().verify(hex(vector.message), signature));
  }
}

TEST_CASE("one flipped bit anywhere fails verification") {
  const auto key = some_key();
  const Bytes message = hex("00112233445566778899");
  const auto signature = key.sign(message);
  for (std::size_t bit = 0; bit < 512; ++bit) {
    auto bent = signature;
    bent.bytes[bit / 8] = static_cast<std::uint8_t>(bent.bytes[bit / 8] ^ (1U << bit % 8));
    CHECK_FALSE(key.public_key().verify(message, bent));
  }
  for (std::size_t bit = 0; bit < 256; ++bit) {
    auto bent = key.public_key();
    bent.bytes[bit / 8] = static_cast<std::uint8_t>(bent.bytes[bit / 8] ^ (1U << bit % 8));
    CHECK_FALSE(bent.verify(message, signature));
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    Bytes bent = message;
    bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1U << bit % 8));
    CHECK_FALSE(key.public_key().verify(bent, signature));
  }
  CHECK_FALSE(key.public_key().verify(BytesView(message).first(9), signature));
  CHECK(key.public_key().verify(message, signature));
}

TEST_CASE("a second form of a valid signature (S plus the group's order) is refused") {
  const auto key = some_key();
  auto signature = key.sign({});
  const Bytes order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned>(signature.bytes[32 + i] + order[i]);
    signature.bytes[32 + i] = static_cast<std::uint8_t>(carry & 0xFF);
    carry >>= 8;
  }
  CHECK_FALSE(key.public_key().verify({}, signature));
}

TEST_CASE("a public key of low order, under which anything verifies, is refused") {
  const char* const keys[] = {"0100000000000000000000000000000000000000000000000000000000000000",
                              "0000000000000000000000000000000000000000000000000000000000000000",
                              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                              "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                              "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  for (const char* text : keys) {
    const auto key = crypto::PublicKey::from(hex(text));
    REQUIRE(key);
    crypto::Signature forged;  // R is the key itself, S is zero
    std::copy(key->bytes.begin(), key->bytes.end(), forged.bytes.begin());
    CHECK_FALSE(key->verify(as_bytes("anything"), forged));
    forged = {};
    forged.bytes[0] = 1;  // R is the neutral element
    CHECK_FALSE(key->verify(as_bytes("anything"), forged));
  }
}

TEST_CASE("keys and signatures are read from their exact sizes only") {
  for (const std::size_t size : {0U, 31U, 33U, 63U, 65U}) {
    CHECK_FALSE(crypto::SigningKey::from_seed(Bytes(size)));
    CHECK_FALSE(crypto::PublicKey::from(Bytes(size)));
    CHECK_FALSE(crypto::Signature::from(Bytes(size)));
  }
  CHECK_FALSE(crypto::Signature::from(Bytes(32)));
  const auto error = crypto::PublicKey::from(Bytes(31)).error();
  CHECK(error.code == ErrorCode::invalid_input);
  CHECK(error.what == "an Ed25519 public key has 32 bytes, not 31");
}

TEST_CASE("generated keys differ, and a key that moves signs on") {
  crypto::SystemRandom random;
  auto first = crypto::SigningKey::generate(random);
  const auto second = crypto::SigningKey::generate(random);
  CHECK_FALSE(first.public_key() == second.public_key());
  const auto key = first.public_key();
  const crypto::SigningKey moved = std::move(first);
  CHECK(key.verify(as_bytes("x"), moved.sign(as_bytes("x"))));
  CHECK(test::aborts([&] { (void)first.sign({}); }));  // not with a key of zeros
}

TEST_CASE("the openssl command accepts our signature and we accept its") {
  crypto::SystemRandom random;
  const auto key = crypto::SigningKey::generate(random);
  const test::TemporaryDirectory directory;
  const auto at = [&](std::string_view name) { return (directory / name).string(); };
  // SubjectPublicKeyInfo and PrivateKeyInfo of RFC 8410 are fixed bytes before the raw key.
  const Bytes public_prefix = hex("302a300506032b6570032100");
  const Bytes private_prefix = hex("302e020100300506032b657004220420");
  test::write_file(at("public.der"), std::string(as_text(public_prefix)) +
                                         std::string(as_text(key.public_key().view())));
  test::write_file(at("private.der"),
                   std::string(as_text(private_prefix)) + std::string(as_text(key.seed())));
  test::write_file(at("message"), "mensaje con ñ\n");
  const auto signature = key.sign(as_bytes("mensaje con ñ\n"));
  test::write_file(at("signature"), as_text(signature.view()));
  const auto verify = [&] {
    return test::run(fmt::format("openssl pkeyutl -verify -pubin -keyform DER -inkey {} -rawin -in "
                                 "{} -sigfile {} 2>&1",
                                 at("public.der"), at("message"), at("signature")))
        .status;
  };
  CHECK(verify() == 0);
  REQUIRE(
      test::run(fmt::format("openssl pkeyutl -sign -keyform DER -inkey {} -rawin -in {} -out {}",
                            at("private.der"), at("message"), at("theirs")))
          .status == 0);
  CHECK(crypto::Signature::from(as_bytes(test::read_file(at("theirs")))) ==
        signature);  // Ed25519 is deterministic
  test::write_file(at("message"), "mensaje con n\n");
  CHECK(verify() == 1);
}
