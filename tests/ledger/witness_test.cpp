// SPDX-License-Identifier: Apache-2.0
// Requests and answers against tests/support/witness_server.py, which verifies for itself.
#include "ledger/witness.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/cosignature.hpp"
#include "support/process.hpp"
#include "support/tree.hpp"

using namespace sigilo;
using namespace sigilo::ledger;
using Meaning = WitnessAnswer::Meaning;

namespace {

const std::string vault = "0b0e2c1e-6a1f-4b47-9a63-0f0e2d1c3b4a";
constexpr std::int64_t witness_time = 1'795'521'600;
const Timestamp latest = Timestamp::from_seconds(witness_time + 60);

crypto::SigningKey key_of(std::uint8_t seed) {
  return *crypto::SigningKey::from_seed(Bytes(32, seed));
}

std::string note_of(test::MemoryLog& log, std::uint64_t size, std::uint8_t seed = 1) {
  return sign_checkpoint({origin_of(vault), size, log.root(size)}, key_of(seed));
}

std::vector<crypto::Digest> proof_of(test::MemoryLog& log, std::uint64_t from, std::uint64_t to) {
  if (from == 0 || from > to) return {};
  return *consistency_proof(from, to, log.tiles());
}

/// A witness that remembers between requests.
class Witness {
 public:
  WitnessAnswer ask(std::uint64_t old_size, const std::vector<crypto::Digest>& proof,
                    const std::string& note, const std::string& options = "") {
    test::write_file(directory_ / "body", add_checkpoint_request(old_size, proof, note));
    const auto answered = test::run(fmt::format(
        "/usr/bin/python3 {}/tests/support/witness_server.py --once --directory {} --time {} "
        "--log {}={} {} < {}",
        SIGILO_SOURCE_DIR, directory_.path().string(), witness_time, origin_of(vault),
        crypto::to_hex(key_of(1).public_key().view()), options, (directory_ / "body").string()));
    REQUIRE(answered.status == 0);
    const auto end = answered.output.find('\n');
    const std::string head = answered.output.substr(0, end);
    return read_witness_answer(std::stoi(head), head.substr(4), answered.output.substr(end + 1),
                               old_size, parse_checkpoint(note)->size);
  }
  WitnessAnswer ask(test::MemoryLog& log, std::uint64_t from, std::uint64_t to,
                    const std::string& options = "") {
    return ask(from, proof_of(log, from, to), note_of(log, to), options);
  }
  [[nodiscard]] std::vector<WitnessKey> key() const {
    return {*parse_witness_key(test::read_file(directory_ / "vkey"))};
  }

 private:
  test::TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("a request is old size, proof, blank line and note, as tlog-witness says") {
  const auto hash = crypto::sha256(as_bytes("x"));
  CHECK(add_checkpoint_request(20852014, {hash, hash}, "note\n") ==
        fmt::format("old 20852014\n{0}\n{0}\n\nnote\n", crypto::to_base64(hash.view())));
  CHECK(add_checkpoint_request(0, {}, "note\n") == "old 0\n\nnote\n");
}

TEST_CASE("a witness cosigns one checkpoint after the other, and its lines are kept on the note") {
  test::MemoryLog log(600);
  Witness witness;
  std::uint64_t last = 0;
  for (const std::uint64_t size : {1, 2, 7, 255, 256, 257, 257, 511, 600}) {
    CAPTURE(last, size);
    const auto answer = witness.ask(log, last, size);
    REQUIRE(answer.meaning == Meaning::cosigned);
    const auto note = note_of(log, size);
    const auto cosigned = add_cosignatures(note, answer.lines, witness.key(), latest);
    REQUIRE(cosigned);
    CHECK(cosigned->starts_with(note));
    CHECK(open_checkpoint(*cosigned, key_of(1).public_key())->size == size);
    const std::vector<Cosignature> expected{
        {"witness.example/w1", Timestamp::from_seconds(witness_time)}};
    CHECK(cosignatures_on(*cosigned, witness.key()) == expected);
    CHECK(add_cosignatures(*cosigned, answer.lines, witness.key(), latest) == *cosigned);
    last = size;
  }
}

TEST_CASE("a witness that knows another size says which, and a proof from there satisfies it") {
  test::MemoryLog log(100);
  Witness witness;
  REQUIRE(witness.ask(log, 0, 40).meaning == Meaning::cosigned);
  for (const std::uint64_t guess : {0, 39, 60}) {
    const auto answer = witness.ask(log, guess, 100);
    CHECK(answer.meaning == Meaning::retry);
    CHECK(answer.size == 40);
    CHECK_FALSE(answer.is_alarm());
  }
  CHECK(witness.ask(log, 40, 100).meaning == Meaning::cosigned);
}

TEST_CASE("a witness that saw more than there is raises the alarm: a cut or an old backup") {
  test::MemoryLog log(100);
  Witness witness;
  REQUIRE(witness.ask(log, 0, 100).meaning == Meaning::cosigned);
  const auto answer = witness.ask(log, 40, 60);
  CHECK(answer.meaning == Meaning::ahead);
  CHECK(answer.size == 100);
  CHECK(answer.is_alarm());
  CHECK(answer.what == "the witness has cosigned 100 records of this vault, which now has 60");
}

TEST_CASE("a witness that cosigned another history raises the alarm") {
  test::MemoryLog log(100);
  test::MemoryLog other(100, "another ");
  Witness witness;
  REQUIRE(witness.ask(other, 0, 50).meaning == Meaning::cosigned);
  const auto longer = witness.ask(log, 50, 100);
  CHECK(longer.meaning == Meaning::fork);
  CHECK(longer.is_alarm());
  CHECK(witness.ask(log, 50, 50).meaning == Meaning::fork);
  CHECK(witness.ask(other, 50, 100).meaning == Meaning::cosigned);
}

TEST_CASE("a witness refuses every proof that isn't exactly the right one") {
  test::MemoryLog log(100);
  const auto good = proof_of(log, 50, 100);
  auto shorter = good;
  shorter.pop_back();
  auto longer = good;
  longer.push_back(good.back());
  auto bent = good;
  bent[1].bytes[31] ^= 1;
  for (const auto& proof : {shorter, longer, bent, std::vector<crypto::Digest>()}) {
    Witness witness;
    REQUIRE(witness.ask(log, 0, 50).meaning == Meaning::cosigned);
    CHECK(witness.ask(50, proof, note_of(log, 100)).meaning == Meaning::fork);
  }
}

TEST_CASE("a witness must be told of the vault and of its key") {
  test::MemoryLog log(10);
  Witness witness;
  CHECK(witness.ask(0, {}, note_of(log, 10, 2)).meaning == Meaning::not_trusted);
  const auto foreign = sign_checkpoint({origin_of("another"), 10, log.root(10)}, key_of(1));
  CHECK(witness.ask(0, {}, foreign).meaning == Meaning::not_known);
}

TEST_CASE("a faulty witness adds nothing to a note") {
  test::MemoryLog log(10);
  const auto note = note_of(log, 10);
  const auto added = [&](const std::string& fault) {
    Witness witness;
    const auto answer = witness.ask(0, {}, note, "--fault " + fault);
    REQUIRE(answer.meaning == Meaning::cosigned);
    return add_cosignatures(note, answer.lines, witness.key(), latest);
  };
  CHECK(added("wrong-key").error().code == ErrorCode::crypto);
  CHECK(added("other-checkpoint").error().code == ErrorCode::crypto);
  const auto ahead = added("wrong-time");
  REQUIRE_FALSE(ahead);
  CHECK(ahead.error().what.find("2027-11-25T12:00:00") != std::string::npos);

  // Strangers' lines around its own are left out.
  Witness witness;
  const auto plain = witness.ask(0, {}, note);
  Witness chatty;
  const auto extra = chatty.ask(0, {}, note, "--fault extra");
  const auto cosigned = add_cosignatures(note, extra.lines, chatty.key(), latest);
  REQUIRE(cosigned);
  CHECK(*cosigned == note + plain.lines);
}

TEST_CASE("a witness that breaks the protocol or has no time is told from an alarm") {
  test::MemoryLog log(10);
  const auto meaning = [&](std::uint64_t old_size, const std::string& fault) {
    Witness witness;
    const auto answer =
        witness.ask(old_size, proof_of(log, old_size, 10), note_of(log, 10), "--fault " + fault);
    CHECK_FALSE(answer.what.empty());
    return answer.meaning;
  };
  CHECK(meaning(0, "busy") == Meaning::busy);
  CHECK(meaning(0, "garbage") == Meaning::refused);
  CHECK(meaning(0, "long") == Meaning::refused);
  CHECK(meaning(5, "stubborn") == Meaning::refused);
  CHECK(meaning(5, "no-type") == Meaning::refused);
}

TEST_CASE("each answer that the protocol knows has its meaning") {
  const auto meaning = [](int status, std::string_view type, std::string_view body,
                          std::uint64_t old_size = 5, std::uint64_t size = 10) {
    return read_witness_answer(status, type, body, old_size, size).meaning;
  };
  CHECK(meaning(409, "text/x.tlog.size", "7\n") == Meaning::retry);
  CHECK(meaning(409, "text/x.tlog.size", "0\n") == Meaning::retry);
  CHECK(meaning(409, "text/x.tlog.size", "10") == Meaning::retry);
  CHECK(meaning(409, "text/x.tlog.size; charset=utf-8", "7\n") == Meaning::retry);
  CHECK(meaning(409, "text/x.tlog.size", "11\n") == Meaning::ahead);
  CHECK(meaning(409, "text/x.tlog.size", "18446744073709551615\n") == Meaning::ahead);
  CHECK(meaning(409, "text/x.tlog.size", "10\n", 10, 10) == Meaning::fork);
  CHECK(meaning(409, "text/plain", "other root\n", 10, 10) == Meaning::fork);
  for (const char* body :
       {"", "\n", "07\n", "-1\n", "7\n\n", " 7\n", "seven\n", "18446744073709551616\n"})
    CHECK(meaning(409, "text/x.tlog.size", body) == Meaning::refused);
  CHECK(meaning(409, "text/plain", "7\n") == Meaning::refused);
  CHECK(meaning(422, "text/plain", "") == Meaning::fork);
  CHECK(meaning(422, "text/plain", "", 0) == Meaning::refused);
  CHECK(meaning(403, "", "") == Meaning::not_trusted);
  CHECK(meaning(404, "", "") == Meaning::not_known);
  for (const int status : {408, 429, 500, 502, 503, 599})
    CHECK(meaning(status, "", "") == Meaning::busy);
  for (const int status : {100, 201, 301, 400, 401, 405, 413, 418, 600})
    CHECK(meaning(status, "", "") == Meaning::refused);
  CHECK(meaning(200, "text/plain", "\u2014 w AAAAAAAA\n") == Meaning::cosigned);
  CHECK(meaning(200, "text/plain", "") == Meaning::refused);
}
