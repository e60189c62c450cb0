// SPDX-License-Identifier: Apache-2.0
#include "ledger/record.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"
#include "json/canonical.hpp"

using namespace sigilo;
using namespace sigilo::ledger;

namespace {

Header example() {
  Header header;
  header.vault = "0b0e2c1e-6a1f-4b47-9a63-0f0e2d1c3b4a";
  header.seq = Seq(1041);
  header.time = *parse_rfc3339("2026-11-23T18:04:11.123456Z");
  header.kind = RecordKind::message;
  header.epoch = Epoch(3);
  header.root = crypto::sha256(as_bytes("root"));
  header.body = crypto::sha256(as_bytes("body"));
  return header;
}

json::Value as_json(const Header& header) {
  return json::Object{{"vault", header.vault},
                      {"type", "sigilo.record.v1"},
                      {"time", format_rfc3339(header.time)},
                      {"seq", header.seq.value()},
                      {"root", header.root.hex()},
                      {"kind", std::string(to_string(header.kind))},
                      {"epoch", header.epoch.value()},
                      {"body", header.body.hex()}};
}

}  // namespace

TEST_CASE("line 1 is written as the evidence format shows it") {
  CHECK(
      header_line(example()) ==
      R"({"body":"230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5","epoch":3,"kind":"message",)"
      R"("root":"4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2","seq":1041,)"
      R"("time":"2026-11-23T18:04:11.123456Z","type":"sigilo.record.v1","vault":"0b0e2c1e-6a1f-4b47-9a63-0f0e2d1c3b4a"})"
      "\n");
}

TEST_CASE("line 1 is the canonical JSON of its members, for every kind and for extreme values") {
  Header header = example();
  for (int kind = 0; kind <= static_cast<int>(RecordKind::service); ++kind) {
    header.kind = static_cast<RecordKind>(kind);
    REQUIRE_FALSE(to_string(header.kind).empty());
    CHECK(header_line(header) == json::canonical(as_json(header)) + "\n");
  }
  for (const std::uint64_t seq : {std::uint64_t{0}, (std::uint64_t{1} << 53) - 1}) {
    header.seq = Seq(seq);
    header.epoch = Epoch(seq);
    header.time =
        Timestamp::from_micros(seq == 0 ? 0 : 253402300799999999);  // 9999-12-31T23:59:59.999999Z
    CHECK(header_line(header) == json::canonical(as_json(header)) + "\n");
  }
}

TEST_CASE("line 2 is the signature in base64 and a newline") {
  crypto::Signature signature;
  signature.bytes.fill(0xff);
  const auto line = signature_line(signature);
  CHECK(line.size() == 89);
  CHECK(line.back() == '\n');
  CHECK(crypto::from_base64(line.substr(0, 88)) == Bytes(64, 0xff));
}

TEST_CASE("a leaf is the hash of a zero byte and both lines, and changes with either") {
  const Header header = example();
  crypto::Signature signature;
  const auto leaf = leaf_hash(header, signature);
  const std::string bytes = std::string(1, '\0') + header_line(header) + signature_line(signature);
  CHECK(leaf == crypto::sha256(as_bytes(bytes)));
  CHECK(leaf == leaf_hash(header_line(header), signature));
  signature.bytes[63] = 1;
  CHECK_FALSE(leaf == leaf_hash(header, signature));
  Header later = header;
  later.time = later.time + Duration(1);
  CHECK_FALSE(leaf == leaf_hash(later, crypto::Signature{}));
}

TEST_CASE("a commitment is HMAC-SHA-256 with the salt as key") {
  Salt salt{};
  salt[31] = 1;
  CHECK(commitment(salt, "{}") == crypto::hmac_sha256(salt, as_bytes("{}")));
  CHECK_FALSE(commitment(salt, "{}") == commitment(Salt{}, "{}"));
  CHECK_FALSE(commitment(salt, "{}") == commitment(salt, "{} "));
}
