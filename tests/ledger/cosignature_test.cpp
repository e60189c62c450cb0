// SPDX-License-Identifier: Apache-2.0
// How lines are added to a note; what lines are worth is in the vectors.
#include "ledger/cosignature.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "ledger/checkpoint.hpp"

using namespace sigilo;
using namespace sigilo::ledger;

namespace {

constexpr std::uint64_t signed_at = 1'679'315'147;
const Timestamp latest = Timestamp::from_seconds(signed_at + 100);

crypto::SigningKey key_of(std::uint8_t seed) {
  return *crypto::SigningKey::from_seed(Bytes(32, seed));
}

std::string note() {
  return sign_checkpoint({"sigilo/x", 7, crypto::sha256({})}, key_of(1));
}

WitnessKey witness(std::uint8_t seed) {
  return {fmt::format("w{}.example", seed), key_of(seed).public_key()};
}

/// A witness' line on note().
std::string line(std::uint8_t seed, std::uint64_t seconds = signed_at) {
  const auto message = cosigned_message(parse_note(note())->text, seconds);
  const auto signature = key_of(seed).sign(as_bytes(message));
  Bytes blob(8 + signature.bytes.size());  // date, signature
  for (std::size_t i = 0; i < 8; ++i) blob[i] = static_cast<std::uint8_t>(seconds >> (56 - 8 * i));
  std::copy(signature.bytes.begin(), signature.bytes.end(), blob.begin() + 8);
  const auto [name, key] = witness(seed);
  return signature_line(
      NoteSignature{name, key_hash(name, SignatureType::cosignature, key), std::move(blob)});
}

}  // namespace

TEST_CASE("the message that a witness signs is that of tlog-cosignature's example") {
  CHECK(cosigned_message("example.com/behind-the-sofa\n20852163\n"
                         "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
                         signed_at) ==
        "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
}

TEST_CASE("several witnesses' lines are kept side by side, each witness once") {
  const std::vector<WitnessKey> known{witness(7), witness(8), witness(9)};
  const auto one = add_cosignatures(note(), line(8), known, latest);
  REQUIRE(one);
  CHECK(*one == note() + line(8));
  const auto three =
      add_cosignatures(*one, line(7) + line(8, signed_at + 5) + line(9), known, latest);
  REQUIRE(three);
  CHECK(*three == note() + line(8) + line(7) + line(9));
  CHECK(cosignatures_on(*three, known)->size() == 3);
  CHECK(cosignatures_on(*three, {witness(9)})->size() == 1);
  CHECK(cosignatures_on(*three, {})->empty());
}

TEST_CASE("a cosignature may be as late as allowed, and not a second later") {
  CHECK(add_cosignatures(note(), line(7, signed_at + 100), {witness(7)}, latest));
  const auto late = add_cosignatures(note(), line(7, signed_at + 101), {witness(7)}, latest);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::crypto);
}

TEST_CASE("an answer without a line of a known witness adds nothing, and is an error") {
  const auto stranger = add_cosignatures(note(), line(9), {witness(7)}, latest);
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().code == ErrorCode::crypto);
  CHECK(add_cosignatures(note(), "", {witness(7)}, latest).error().code ==
        ErrorCode::invalid_input);
  CHECK(add_cosignatures("no note", line(7), {witness(7)}, latest).error().code ==
        ErrorCode::invalid_input);
}

TEST_CASE("a note that bears a known witness' broken line is not added to") {
  const auto other = sign_checkpoint({"sigilo/x", 8, crypto::sha256({})}, key_of(1));
  CHECK(add_cosignatures(other + line(7), line(7), {witness(7)}, latest).error().code ==
        ErrorCode::crypto);
}

TEST_CASE("a note is not filled beyond what is read again") {
  std::string full = note();
  for (std::size_t i = 1; i < max_note_signatures; ++i) full += "\u2014 stranger AAAAAAAA\n";
  REQUIRE(parse_note(full));
  const auto added = add_cosignatures(full, line(7), {witness(7)}, latest);
  REQUIRE_FALSE(added);
  CHECK(added.error().code == ErrorCode::invalid_input);
}
