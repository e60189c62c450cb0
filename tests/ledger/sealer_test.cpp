// SPDX-License-Identifier: Apache-2.0
#include "ledger/sealer.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "support/process.hpp"

using namespace sigilo;
using namespace sigilo::ledger;

namespace {

const std::string vault = "0b0e2c1e-6a1f-4b47-9a63-0f0e2d1c3b4a";

struct HandClock final : Clock {
  Timestamp time = *parse_rfc3339("2026-11-23T18:04:11.123456Z");
  [[nodiscard]] Timestamp now() const override { return time; }
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override { return {}; }
};

/// Each draw is one byte value repeated, the next draw the next value.
struct CountingRandom final : Random {
  std::uint8_t next = 0;
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = next;
    ++next;
  }
};

crypto::SigningKey key_of(std::uint8_t seed) {
  return *crypto::SigningKey::from_seed(Bytes(32, seed));
}

struct Fixture {
  HandClock clock;
  CountingRandom random;
  Sealer sealer{vault, key_of(1), clock, random};
};

bool signature_holds(const Record& record, const crypto::PublicKey& key) {
  return key.verify(as_bytes(header_line(record.header)), record.signature);
}

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "records are numbered, dated, committed to and signed, each over all before it") {
  Frontier tree;
  for (std::uint64_t i = 0; i < 20; ++i) {
    CHECK(sealer.next() == Seq(i));
    const auto record = sealer.seal(RecordKind::message, fmt::format("{{\"n\":{}}}", i));
    CHECK(record.header.vault == vault);
    CHECK(record.header.seq == Seq(i));
    CHECK(record.header.time == clock.time);
    CHECK(record.header.epoch == Epoch(0));
    CHECK(record.header.kind == RecordKind::message);
    CHECK(record.header.root == tree.root());
    CHECK(record.header.body == commitment(record.salt, record.body));
    CHECK(record.body == fmt::format("{{\"n\":{}}}", i));
    CHECK(signature_holds(record, sealer.key().public_key()));
    tree.append(leaf_hash(record.header, record.signature));
    CHECK(sealer.frontier().root() == tree.root());
    clock.time = clock.time + Duration(1);
  }
}

TEST_CASE_METHOD(Fixture, "equal bodies have different salts and commitments") {
  std::set<std::string> commitments;
  for (int i = 0; i < 10; ++i)
    commitments.insert(sealer.seal(RecordKind::access, "{}").header.body.hex());
  CHECK(commitments.size() == 10);
}

TEST_CASE_METHOD(Fixture, "a record altered after sealing fails verification") {
  const auto key = sealer.key().public_key();
  const auto record = sealer.seal(RecordKind::message, "{}");
  const auto fails = [&](auto&& alter) {
    Record altered = record;
    alter(altered.header);
    return !signature_holds(altered, key);
  };
  CHECK(fails([](Header& h) { h.seq = Seq(1); }));
  CHECK(fails([](Header& h) { h.time = h.time + Duration(1); }));
  CHECK(fails([](Header& h) { h.kind = RecordKind::edit; }));
  CHECK(fails([](Header& h) { h.epoch = Epoch(1); }));
  CHECK(fails([](Header& h) { h.root.bytes[0] ^= 1; }));
  CHECK(fails([](Header& h) { h.body.bytes[31] ^= 1; }));
  CHECK(fails([](Header& h) { h.vault.back() = 'b'; }));
  CHECK_FALSE(fails([](Header&) {}));
}

TEST_CASE_METHOD(Fixture, "time never runs backwards, whatever the clock does") {
  const Timestamp first = clock.time;
  sealer.seal(RecordKind::service, "{}");
  CHECK(sealer.clock_behind() == Duration::zero());
  clock.time = first - Duration(5'000'000);
  CHECK(sealer.clock_behind() == Duration(5'000'000));
  CHECK(sealer.seal(RecordKind::clock, "{}").header.time == first);
  clock.time = first + Duration(1);
  CHECK(sealer.clock_behind() == Duration::zero());
  CHECK(sealer.seal(RecordKind::service, "{}").header.time == clock.time);
}

TEST_CASE_METHOD(Fixture, "after a succession the new key signs under the next epoch") {
  const auto old_key = sealer.key().public_key();
  const auto announcing = sealer.seal(RecordKind::key, "{}");
  sealer.succeed(key_of(2));
  const auto next = sealer.seal(RecordKind::message, "{}");
  CHECK(announcing.header.epoch == Epoch(0));
  CHECK(signature_holds(announcing, old_key));
  CHECK(next.header.epoch == Epoch(1));
  CHECK(sealer.epoch() == Epoch(1));
  CHECK(signature_holds(next, key_of(2).public_key()));
  CHECK_FALSE(signature_holds(next, old_key));
}

TEST_CASE_METHOD(Fixture,
                 "what a failed transaction sealed is undone, and its numbers are used again") {
  sealer.seal(RecordKind::genesis, "{}");
  const auto before = sealer.state();
  const auto root = sealer.frontier().root();
  clock.time = clock.time + Duration(10);
  sealer.seal(RecordKind::message, "{}");
  sealer.seal(RecordKind::message, "{}");
  sealer.restore(before);
  CHECK(sealer.next() == Seq(1));
  CHECK(sealer.frontier().root() == root);
  clock.time = clock.time - Duration(5);
  CHECK(sealer.seal(RecordKind::message, "{}").header.time ==
        clock.time);  // the undone time holds nobody back
}

TEST_CASE_METHOD(Fixture, "undoing across a succession is a bug that stops the program") {
  const auto before = sealer.state();
  sealer.succeed(key_of(2));
  CHECK(test::aborts([&] { sealer.restore(before); }));
}

TEST_CASE_METHOD(Fixture, "a sealer that goes on from what was stored seals the same records") {
  for (int i = 0; i < 7; ++i) sealer.seal(RecordKind::message, "{}");
  CountingRandom same_random = random;
  Sealer resumed(vault, sealer.epoch(), key_of(1), *Frontier::from(7, sealer.frontier().hashes()),
                 sealer.state().last, clock, same_random);
  clock.time = clock.time - Duration(99);
  const auto here = sealer.seal(RecordKind::message, "{}");
  const auto there = resumed.seal(RecordKind::message, "{}");
  CHECK(header_line(here.header) == header_line(there.header));
  CHECK(here.signature == there.signature);
}

// What docs/evidence-format.md promises to a court's expert, done with nothing of ours.
TEST_CASE_METHOD(Fixture, "records check out with python3 and openssl alone") {
  const char* const program = R"PY(
import base64, hashlib, hmac, json, subprocess, sys
directory, key = sys.argv[1], bytes.fromhex(sys.argv[2])
open(directory + '/key.der', 'wb').write(bytes.fromhex('302a300506032b6570032100') + key)
def root(d):
    if not d: return hashlib.sha256(b'').digest()
    if len(d) == 1: return d[0]
    k = 1
    while k * 2 < len(d): k *= 2
    return hashlib.sha256(b'\1' + root(d[:k]) + root(d[k:])).digest()
leaves = []
for line in open(directory + '/records.jsonl'):
    r = json.loads(line)
    one, two = r['lines'].encode().splitlines(keepends=True)
    h = json.loads(one)
    assert json.dumps(h, sort_keys=True, separators=(',', ':')).encode() + b'\n' == one
    assert h['seq'] == len(leaves) and h['type'] == 'sigilo.record.v1'
    assert h['body'] == hmac.new(bytes.fromhex(r['salt']), r['body'].encode(), hashlib.sha256).hexdigest()
    assert h['root'] == root(leaves).hex()
    open(directory + '/one', 'wb').write(one)
    open(directory + '/sig', 'wb').write(base64.b64decode(two, validate=False))
    subprocess.run(['openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', directory + '/key.der', '-rawin',
                    '-in', directory + '/one', '-sigfile', directory + '/sig'], check=True, stdout=subprocess.DEVNULL)
    leaves.append(hashlib.sha256(b'\0' + one + two).digest())
print(root(leaves).hex())
)PY";
  const test::TemporaryDirectory directory;
  std::string records;
  for (int i = 0; i < 6; ++i) {
    const auto record = sealer.seal(RecordKind::message, fmt::format(R"({{"n":{}}})", i));
    auto lines = header_line(record.header) + signature_line(record.signature);
    for (std::size_t at = 0; (at = lines.find_first_of("\"\n", at)) != std::string::npos; at += 2)
      lines.replace(at, 1, lines[at] == '"' ? "\\\"" : "\\n");
    records += fmt::format(R"({{"lines":"{}","salt":"{}","body":"{{\"n\":{}}}"}})", lines,
                           crypto::to_hex(record.salt), i) +
               "\n";
  }
  test::write_file(directory / "records.jsonl", records);
  test::write_file(directory / "check.py", program);
  const auto checked = test::run(fmt::format("python3 {} {} {}", (directory / "check.py").string(),
                                             directory.path().string(),
                                             crypto::to_hex(sealer.key().public_key().view())));
  CHECK(checked.status == 0);
  CHECK(checked.output == sealer.frontier().root().hex() + "\n");
}
