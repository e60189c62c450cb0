// SPDX-License-Identifier: Apache-2.0
#include "ledger/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/encoding.hpp"

using namespace sigilo;
using namespace sigilo::ledger;

namespace {

const std::string vault = "0b0e2c1e-6a1f-4b47-9a63-0f0e2d1c3b4a";

crypto::SigningKey key_of(std::uint8_t seed) {
  return *crypto::SigningKey::from_seed(Bytes(32, seed));
}

Checkpoint example() {
  return {origin_of(vault), 1042, crypto::sha256(as_bytes("root"))};
}

/// The note with one part replaced by another; the part must be there.
std::string with(std::string note, std::string_view part, std::string_view other) {
  const auto at = note.find(part);
  REQUIRE(at != std::string::npos);
  return note.replace(at, part.size(), other);
}

/// Any text as a note properly signed by `key` under `name`.
std::string signed_note(const std::string& text, const std::string& name,
                        const crypto::SigningKey& key) {
  const auto hash = key_hash(name, key.public_key());
  std::array<std::uint8_t, 68> blob{};  // key hash, signature
  for (std::size_t i = 0; i < 4; ++i) blob[i] = static_cast<std::uint8_t>(hash >> (24 - 8 * i));
  const auto signature = key.sign(as_bytes(text));
  std::copy(signature.bytes.begin(), signature.bytes.end(), blob.begin() + 4);
  return text + "\n\u2014 " + name + " " + crypto::to_base64(blob) + "\n";
}

ErrorCode refusal(std::string_view note) {
  INFO(note);
  const auto parsed = parse_checkpoint(note);
  const auto opened = open_checkpoint(note, key_of(1).public_key());
  REQUIRE_FALSE(parsed);
  REQUIRE_FALSE(opened);
  CHECK(parsed.error().code == opened.error().code);
  return parsed.error().code;
}

}  // namespace

TEST_CASE("a checkpoint's text is origin, size and root, a line each") {
  CHECK(checkpoint_text(example()) ==
        "sigilo/" + vault + "\n1042\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n");
}

TEST_CASE("a signed checkpoint has a blank line and a dash before the signer's name") {
  const auto key = key_of(1);
  const auto note = sign_checkpoint(example(), key);
  CHECK(note == signed_note(checkpoint_text(example()), example().origin, key));
  const std::string head = checkpoint_text(example()) + "\n\xE2\x80\x94 sigilo/" + vault + " ";
  REQUIRE(note.starts_with(head));
  REQUIRE(note.ends_with("\n"));
  const auto blob = crypto::from_base64(note.substr(head.size(), note.size() - head.size() - 1));
  REQUIRE(blob);
  REQUIRE(blob->size() == 68);
  CHECK(key.public_key().verify(as_bytes(checkpoint_text(example())),
                                *crypto::Signature::from(BytesView(*blob).subspan(4))));
}

TEST_CASE("key hash and signature agree with the example of Go's sumdb/note package") {
  // PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW, as its documentation prints
  // it.
  const auto encoded = crypto::from_base64("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  REQUIRE(encoded);
  const auto key = crypto::PublicKey::from(BytesView(*encoded).subspan(1));
  REQUIRE(key);
  CHECK(key_hash("PeterNeumann", *key) == 0xc74f20a3);
  const auto blob = crypto::from_base64(
      "x08go/ZJkuBS9UG/"
      "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=");
  REQUIRE(blob);
  CHECK(key->verify(as_bytes("If you think cryptography is the answer to your problem,\nthen you "
                             "don't know what your problem is.\n"),
                    *crypto::Signature::from(BytesView(*blob).subspan(4))));
}

TEST_CASE("what was signed is read back, for every size of tree") {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1},
                                   std::uint64_t{9'007'199'254'740'991}, ~std::uint64_t{0}}) {
    auto checkpoint = example();
    checkpoint.size = size;
    const auto note = sign_checkpoint(checkpoint, key_of(1));
    CHECK(open_checkpoint(note, key_of(1).public_key()) == checkpoint);
    CHECK(parse_checkpoint(note) == checkpoint);
  }
}

TEST_CASE("an altered checkpoint is not by that key any more") {
  const auto note = sign_checkpoint(example(), key_of(1));
  const auto code = [&](const std::string& altered) {
    const auto opened = open_checkpoint(altered, key_of(1).public_key());
    REQUIRE_FALSE(opened);
    return opened.error().code;
  };
  CHECK(code(with(note, "\n1042\n", "\n1041\n")) == ErrorCode::crypto);
  CHECK(code(with(note, "SBNJ", "SBNK")) == ErrorCode::crypto);
  CHECK(code(with(note, "sigilo/0b", "sigilo/1b")) == ErrorCode::crypto);
  CHECK(code(with(note, "\n\n", "\nan extension\n\n")) == ErrorCode::crypto);
  CHECK(parse_checkpoint(with(note, "\n1042\n", "\n1041\n"))->size == 1041);
}

TEST_CASE("each bit of the note matters") {
  const auto note = sign_checkpoint(example(), key_of(1));
  const auto key = key_of(1).public_key();
  for (std::size_t bit = 0; bit < note.size() * 8; ++bit) {
    std::string bent = note;
    bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << bit % 8));
    CAPTURE(bit, bent);
    REQUIRE_FALSE(open_checkpoint(bent, key));
  }
  for (std::size_t length = 0; length < note.size(); ++length)
    REQUIRE_FALSE(open_checkpoint(note.substr(0, length), key));
}

TEST_CASE("another key's signature is not ours") {
  const auto opened =
      open_checkpoint(sign_checkpoint(example(), key_of(2)), key_of(1).public_key());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::crypto);
  // The right key under another name, or another key that claims our key hash, don't count either.
  CHECK_FALSE(open_checkpoint(signed_note(checkpoint_text(example()), "sigilo/other", key_of(1)),
                              key_of(1).public_key()));
}

TEST_CASE("witnesses' signatures before and after ours are passed over") {
  const auto text = checkpoint_text(example());
  const auto ours = sign_checkpoint(example(), key_of(1)).substr(text.size() + 1);
  const auto witness = signed_note(text, "witness.example/w1", key_of(9)).substr(text.size() + 1);
  const std::string cosigned =
      "\u2014 witness.example/w2 " + crypto::to_base64(Bytes(4 + 8 + 64, 3)) + "\n";
  const auto key = key_of(1).public_key();
  CHECK(open_checkpoint(text + "\n" + witness + ours + cosigned, key) == example());
  CHECK(open_checkpoint(text + "\n" + cosigned + witness + ours, key) == example());
  CHECK(open_checkpoint(text + "\n" + witness + cosigned, key).error().code == ErrorCode::crypto);
}

TEST_CASE("signed extension lines are covered by the signature and passed over") {
  const auto text = checkpoint_text(example()) + "an extension\nanother\n";
  CHECK(open_checkpoint(signed_note(text, example().origin, key_of(1)), key_of(1).public_key()) ==
        example());
}

TEST_CASE("a properly signed text that is no checkpoint is refused") {
  const std::string root = crypto::to_base64(example().root.view());
  const std::string origin = example().origin;
  for (const std::string& text :
       {std::string("a text\n"), origin + "\n", origin + "\n1\n", "\n1\n" + root + "\n",
        origin + "\n01\n" + root + "\n", origin + "\n-1\n" + root + "\n",
        origin + "\n+1\n" + root + "\n", origin + "\n 1\n" + root + "\n",
        origin + "\n1 \n" + root + "\n", origin + "\n0x1\n" + root + "\n",
        origin + "\n\n" + root + "\n", origin + "\n18446744073709551616\n" + root + "\n",
        origin + "\n1\n" + root.substr(0, 40) + "\n", origin + "\n1\n" + root + " \n",
        origin + "\n1\n" + example().root.hex() + "\n",
        origin + "\n1\n" + root + "\n\nafter a blank line\n"})
    CHECK(refusal(signed_note(text, origin, key_of(1))) == ErrorCode::invalid_input);
}

TEST_CASE("what is no signed note is refused") {
  const auto note = sign_checkpoint(example(), key_of(1));
  const auto text = checkpoint_text(example());
  const std::string dash = "\u2014 ";
  for (const std::string& bad : {std::string(),
                                 std::string("\n"),
                                 std::string("\n\n"),
                                 text,
                                 text + "\n",
                                 note + "\n",
                                 note + "x",
                                 "\n\n" + note.substr(text.size() + 1),
                                 with(note, dash, "- "),
                                 with(note, dash, "\u2014"),
                                 with(note, dash, "\u2013 "),
                                 with(note, dash + "sigilo", dash + " sigilo"),
                                 note.substr(0, note.size() - 1),
                                 with(note, "\n\n", "\r\n\r\n"),
                                 with(note, "1042", "10\t42"),
                                 with(note, "1042", std::string("10\0", 3)),
                                 text + "\n" + dash + "name \n",
                                 text + "\n" + dash + "name AAAA\n",
                                 text + "\n" + dash + "name AAAAAA==\n",
                                 text + "\n" + dash + "name!AAAA\n",
                                 text + "\n" + dash + "name AAAAAAAA=\n",
                                 note + "not a signature\n"})
    CHECK(refusal(bad) == ErrorCode::invalid_input);
}

TEST_CASE("limits of size and number of signatures hold exactly") {
  const auto text = checkpoint_text(example());
  const auto ours = sign_checkpoint(example(), key_of(1)).substr(text.size() + 1);
  const auto key = key_of(1).public_key();
  std::string many = text + "\n";
  for (std::size_t i = 0; i + 1 < max_note_signatures; ++i) many += "\u2014 w AAAAAAAA\n";
  CHECK(open_checkpoint(many + ours, key) == example());
  CHECK(open_checkpoint(many + "\u2014 w AAAAAAAA\n" + ours, key).error().code ==
        ErrorCode::invalid_input);
  const std::string filler(max_note_size - text.size() - ours.size() - 2, 'x');
  const auto extended = [&](const std::string& line) {
    return signed_note(text + line + "\n", example().origin, key_of(1));
  };
  CHECK(extended(filler).size() == max_note_size);
  CHECK(open_checkpoint(extended(filler), key) == example());
  CHECK(open_checkpoint(extended(filler + "x"), key).error().code == ErrorCode::invalid_input);
}
