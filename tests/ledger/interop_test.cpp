// SPDX-License-Identifier: Apache-2.0
// Writes checkpoints, cosignatures and proofs for tests/ledger/interop, where Go's packages for
// transparency logs check them. Hidden: that test runs it, with SIGILO_INTEROP naming the file.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "json/quoted.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/cosignature.hpp"
#include "ledger/sealer.hpp"
#include "support/fakes.hpp"
#include "support/process.hpp"
#include "support/tree.hpp"

using namespace sigilo;
using namespace sigilo::ledger;

namespace {

const std::string vault = "0b0e2c1e-6a1f-4b47-9a63-0f0e2d1c3b4a";
constexpr std::uint64_t small = 70;
constexpr std::uint64_t large = 65'800;  // reaches into a third level of tiles

crypto::SigningKey key_of(std::uint8_t seed) {
  return *crypto::SigningKey::from_seed(Bytes(32, seed));
}

std::string quoted(const std::string& text) {
  std::string quoted;
  REQUIRE(json::append_quoted(quoted, text));
  return quoted;
}

std::string hashes(const std::vector<crypto::Digest>& list) {
  std::string text;
  for (const auto& hash : list)
    text += (text.empty() ? "\"" : ",\"") + crypto::to_base64(hash.view()) + "\"";
  return "[" + text + "]";
}

std::string inclusion(test::MemoryLog& log, std::uint64_t index, std::uint64_t size) {
  return fmt::format(R"({{"index":{},"size":{},"proof":{}}})", index, size,
                     hashes(*inclusion_proof(index, size, log.tiles())));
}

std::string consistency(test::MemoryLog& log, std::uint64_t old_size, std::uint64_t size) {
  return fmt::format(R"({{"old":{},"size":{},"proof":{}}})", old_size, size,
                     hashes(*consistency_proof(old_size, size, log.tiles())));
}

/// Real records: two lines each.
std::vector<std::string> sealed_records() {
  test::FakeClock clock;
  test::FakeRandom random;
  Sealer sealer(vault, key_of(1), clock, random);
  std::vector<std::string> records;
  for (std::uint64_t i = 0; i < small; ++i) {
    const auto record = sealer.seal(RecordKind::service, R"({"v":1})");
    records.push_back(header_line(record.header) + signature_line(record.signature));
  }
  CHECK(sealer.frontier().root() == [&] {
    test::MemoryLog log;
    for (const auto& record : records) log.append(record);
    return log.root(small);
  }());
  return records;
}

/// A log's roots and proofs at the given sizes, for some records of each.
std::string log_json(test::MemoryLog& log, const std::vector<std::uint64_t>& sizes,
                     const std::vector<std::uint64_t>& indexes) {
  std::string roots;
  std::string inclusions;
  std::string consistencies;
  const auto add = [](std::string& list, const std::string& item) {
    list += (list.empty() ? "" : ",\n") + item;
  };
  for (const auto size : sizes) {
    add(roots, fmt::format(R"({{"size":{},"root":"{}"}})", size,
                           crypto::to_base64(log.root(size).view())));
    for (const auto index : indexes)
      if (index < size) add(inclusions, inclusion(log, index, size));
    for (const auto old_size : sizes)
      if (old_size <= size) add(consistencies, consistency(log, old_size, size));
  }
  return fmt::format("\"roots\":[{}],\n\"inclusion\":[{}],\n\"consistency\":[{}]", roots,
                     inclusions, consistencies);
}

std::string verifier_key(const std::string& name, SignatureType type,
                         const crypto::PublicKey& key) {
  std::array<std::uint8_t, 33> material{static_cast<std::uint8_t>(type)};
  std::copy(key.bytes.begin(), key.bytes.end(), material.begin() + 1);
  return fmt::format("{}+{:08x}+{}", name, key_hash(name, type, key), crypto::to_base64(material));
}

/// A cosignature as a witness makes it, over the message that this library verifies.
std::string cosigned(const std::string& note, const std::string& name, std::uint64_t seconds) {
  const auto key = key_of(7);
  const auto text = parse_note(note)->text;
  const auto signature = key.sign(as_bytes(cosigned_message(text, seconds)));
  Bytes blob(8 + signature.bytes.size());  // date, signature
  for (std::size_t i = 0; i < 8; ++i) blob[i] = static_cast<std::uint8_t>(seconds >> (56 - 8 * i));
  std::copy(signature.bytes.begin(), signature.bytes.end(), blob.begin() + 8);
  return note + signature_line(NoteSignature{
                    name, key_hash(name, SignatureType::cosignature, key.public_key()), blob});
}

}  // namespace

TEST_CASE("writes what Go's packages for transparency logs check", "[.interop]") {
  const char* const path = std::getenv("SIGILO_INTEROP");
  REQUIRE(path != nullptr);
  const auto records = sealed_records();
  test::MemoryLog sealed;
  std::string texts;
  for (const auto& record : records) {
    sealed.append(record);
    texts += (texts.empty() ? "" : ",\n") + quoted(record);
  }
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = 0; i <= small; ++i) all.push_back(i);
  const std::vector<std::uint64_t> sizes(all.begin() + 1, all.end());

  test::MemoryLog tall(large);
  const std::vector<std::uint64_t> borders{
      1,      2,      127,    128,    129,    255,    256,    257,    258,    511,    512,  513,
      32'768, 65'279, 65'280, 65'281, 65'535, 65'536, 65'537, 65'791, 65'792, 65'793, large};
  const std::string origin = origin_of(vault);
  std::string notes;
  for (std::uint64_t size = 0; size <= small; ++size) {
    notes += (notes.empty() ? "" : ",\n") +
             quoted(sign_checkpoint({origin, size, sealed.root(size)}, key_of(1)));
  }
  const std::string witness = "witness.example/w1";
  const auto last = sign_checkpoint({origin, small, sealed.root(small)}, key_of(1));
  test::write_file(
      path, fmt::format(
                "{{\"origin\":{},\"key\":{},\"notes\":[{}],\n\"witness_key\":{},\"cosigned\":{},"
                "\"time\":1795521600,\n\"sealed\":{{\"records\":[{}],\n{}}},\n"
                "\"tall\":{{\"count\":{},\n{}}}}}\n",
                quoted(origin),
                quoted(verifier_key(origin, SignatureType::ed25519, key_of(1).public_key())), notes,
                quoted(verifier_key(witness, SignatureType::cosignature, key_of(7).public_key())),
                quoted(cosigned(last, witness, 1'795'521'600)), texts, log_json(sealed, sizes, all),
                large, log_json(tall, borders, borders)));
}
