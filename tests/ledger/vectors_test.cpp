// SPDX-License-Identifier: Apache-2.0
// The vectors that tests/ledger/vectors_test.py makes and reads too, without sharing code.
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"
#include "json/parse.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/cosignature.hpp"
#include "ledger/tree.hpp"
#include "support/process.hpp"

using namespace sigilo;
using namespace sigilo::ledger;

namespace {

json::Array vectors(const std::string& name) {
  const auto file =
      json::parse(test::read_file(std::string(SIGILO_SOURCE_DIR "/tests/vectors/ledger/") + name));
  REQUIRE(file);
  REQUIRE(file->as_array().size() > 10);
  return file->as_array();
}

std::string text_of(const json::Value& value) {
  return std::string(value.as_string());
}

crypto::Digest digest_of(const json::Value& value) {
  return *crypto::Digest::from_hex(text_of(value));
}

std::vector<crypto::Digest> proof_of(const json::Object& input) {
  std::vector<crypto::Digest> proof;
  for (const auto& hash : input.at("proof").as_array()) proof.push_back(digest_of(hash));
  return proof;
}

bool is_refused(const json::Value& expected) {
  return expected.is_string() && expected.as_string() == "refused";
}

}  // namespace

TEST_CASE("vectors: checkpoints") {
  for (const auto& value : vectors("checkpoints.json")) {
    const auto& vector = value.as_object();
    INFO(text_of(vector.at("name")));
    const auto& input = vector.at("input").as_object();
    const auto key = crypto::PublicKey::from(*crypto::from_hex(text_of(input.at("public_key"))));
    const auto opened = open_checkpoint(text_of(input.at("note")), *key);
    const auto& expected = vector.at("expected");
    CHECK(opened.has_value() == !is_refused(expected));
    if (!opened || is_refused(expected)) continue;
    CHECK(*opened == Checkpoint{text_of(expected.at("origin")),
                                expected.at("size").to_number<std::uint64_t>(),
                                digest_of(expected.at("root"))});
  }
}

TEST_CASE("vectors: cosignatures") {
  for (const auto& value : vectors("cosignatures.json")) {
    const auto& vector = value.as_object();
    INFO(text_of(vector.at("name")));
    const auto& input = vector.at("input").as_object();
    std::vector<WitnessKey> witnesses;
    for (const auto& key : input.at("witnesses").as_array())
      witnesses.push_back(*parse_witness_key(text_of(key)));
    const auto found = cosignatures_on(text_of(input.at("note")), witnesses);
    const auto& expected = vector.at("expected");
    CHECK(found.has_value() == !is_refused(expected));
    if (!found || is_refused(expected)) continue;
    std::vector<Cosignature> wanted;
    for (const auto& one : expected.as_array()) {
      wanted.push_back({text_of(one.at("witness")),
                        Timestamp::from_seconds(one.at("time").to_number<std::int64_t>())});
    }
    CHECK(*found == wanted);
  }
}

TEST_CASE("vectors: keys of witnesses") {
  for (const auto& value : vectors("witness-keys.json")) {
    const auto& vector = value.as_object();
    INFO(text_of(vector.at("name")));
    const auto key = parse_witness_key(text_of(vector.at("input")));
    const auto& expected = vector.at("expected");
    CHECK(key.has_value() == !is_refused(expected));
    if (!key || is_refused(expected)) continue;
    CHECK(key->name == text_of(expected.at("name")));
    CHECK(crypto::to_hex(key->key.view()) == text_of(expected.at("public_key")));
  }
}

TEST_CASE("vectors: proofs of inclusion and consistency") {
  for (const auto& value : vectors("proofs.json")) {
    const auto& vector = value.as_object();
    INFO(text_of(vector.at("name")));
    const auto& input = vector.at("input").as_object();
    const auto number = [&](const char* name) { return input.at(name).to_number<std::uint64_t>(); };
    const bool holds =
        vector.at("kind").as_string() == "inclusion"
            ? verify_inclusion(digest_of(input.at("leaf")), number("index"), number("size"),
                               proof_of(input), digest_of(input.at("root")))
            : verify_consistency(number("old_size"), digest_of(input.at("old_root")),
                                 number("size"), digest_of(input.at("root")), proof_of(input));
    CHECK(holds == vector.at("expected").as_bool());
  }
}
