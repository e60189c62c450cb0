// SPDX-License-Identifier: Apache-2.0
// What somebody can do who holds the present signing key, or makes one; and what a faulty program
// could seal.
#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "ledger/checkpoint.hpp"
#include "support/forger.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

ledger::Header service(ledger::Header header) {
  header.kind = RecordKind::service;
  return header;
}

const std::string some_body = R"({"event":"start","v":1})";

/// What both verifiers say after this.
void check(const SampleVault& sample, const std::string& sql, const Problems& expected,
           const Problems& by_tree) {
  const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
  damage(copy, sql);
  CHECK(shown(problems_of(verify(copy))) == shown(expected));
  CHECK(shown(problems_of(second_opinion({export_plain(copy, sample.scratch("plain.db"))})[0])) ==
        shown(expected));
  CHECK(shown(problems_of(verify(copy, {.depth = evidence::Depth::tree}))) == shown(by_tree));
}

}  // namespace

TEST_CASE("a record put in with a wrong key is found, also where the tree was made to fit") {
  const SampleVault sample;
  FakeRandom random(99);
  const auto wrong = crypto::SigningKey::generate(random);
  SECTION("at the end") {
    Forger forger(sample.directory());
    const auto sql = forger.write(service(forger.next()), wrong, some_body);
    check(sample, sql + forger.write_tree(), {{21, "signature-invalid"}},
          {{21, "signature-invalid"}});
  }
  SECTION("in another's place") {
    Forger forger(sample.directory());
    auto header = service(forger.next());
    header.seq = Seq(13);
    header.epoch = Epoch(1);
    header.root = forger.root(13);
    const auto sql = forger.write(header, wrong, some_body);
    check(sample, sql + forger.write_tree(), {{13, "signature-invalid"}},
          {{13, "signature-invalid"}});
  }
}

TEST_CASE("who holds the present key can't exchange what was recorded under it before") {
  const SampleVault sample;
  Forger forger(sample.directory());
  auto header = forger.next();
  header.seq = Seq(19);
  header.root = forger.root(19);
  const auto sql = forger.write(service(header), forger.present_key(), some_body);
  SECTION("while the stored tree is as it was") {
    check(sample, sql, {{19, "record-altered"}, {19, "event-surplus"}, {19, "delivery-surplus"}},
          {{19, "record-altered"}});
  }
  SECTION("nor when the stored tree is made to fit") {
    check(sample, sql + forger.write_tree(),
          {{20, "root-mismatch"}, {19, "event-surplus"}, {19, "delivery-surplus"}},
          {{20, "root-mismatch"}});
  }
}

TEST_CASE("who holds the present key can't add a record that doesn't follow") {
  const SampleVault sample;
  Forger forger(sample.directory());
  const auto key = forger.present_key();
  auto header = service(forger.next());
  const auto add = [&](const Problems& expected, const std::string& body = some_body) {
    const auto sql = forger.write(header, key, body);
    check(sample, sql + forger.write_tree(), expected, expected);
  };
  SECTION("over another history") {
    header.root = forger.root(20);
    add({{21, "root-mismatch"}});
  }
  SECTION("dated before the last") {
    header.time = header.time - Duration(1);
    add({{21, "time-backwards"}});
  }
  SECTION("of another epoch") {
    header.epoch = Epoch(7);
    add({{21, "epoch-mismatch"}});
  }
  SECTION("a second genesis") {
    header.kind = RecordKind::genesis;
    add({{21, "body-invalid"}});
  }
  SECTION("a key record for an epoch that isn't the next") {
    header.kind = RecordKind::key;
    add({{21, "body-invalid"}},
        fmt::format(R"({{"epoch":9,"public_key":"{}","v":1}})", std::string(64, 'a')));
  }
}

TEST_CASE("a checkpoint that certifies something else is found") {
  const SampleVault sample;
  Forger forger(sample.directory());
  const auto key = forger.present_key();
  auto header = forger.next();
  header.kind = RecordKind::checkpoint;
  ledger::Checkpoint says{ledger::origin_of(header.vault), 21, header.root};
  FakeRandom random(99);
  std::string note;
  SECTION("another root") {
    says.root = forger.root(20);
    note = ledger::sign_checkpoint(says, key);
  }
  SECTION("another number of records") {
    says.size = 20;
    note = ledger::sign_checkpoint(says, key);
  }
  SECTION("another vault") {
    says.origin = "sigilo/other";
    note = ledger::sign_checkpoint(says, key);
  }
  SECTION("another key") {
    note = ledger::sign_checkpoint(says, crypto::SigningKey::generate(random));
  }
  SECTION("no note") {
    note = "all is well";
  }
  const std::string sql =
      forger.write(header, key, json::canonical(json::Object{{"note", note}, {"v", 1}})) +
      fmt::format("INSERT INTO checkpoint VALUES (21, {}, '{}');", says.size == 20 ? 21 : 21, note);
  check(sample, sql + forger.write_tree(), {{21, "checkpoint-mismatch"}},
        {{21, "checkpoint-mismatch"}});
}

TEST_CASE("a soundly sealed body that says what it may not is found by both verifiers") {
  const SampleVault sample;
  Forger forger(sample.directory());
  const auto key = forger.present_key();
  auto header = forger.next();
  const auto seal = [&](RecordKind kind, const std::string& body, const std::string& problem,
                        const std::string& more = "") {
    header.kind = kind;
    const auto sql = forger.write(header, key, body);
    check(sample, sql + forger.write_tree() + more, {{21, problem}}, {});
  };
  const auto alert = [](int message, const std::string& spans, const std::string& words) {
    return fmt::format(
        R"({{"category":"bribery","content":"{}","message":{},"policies":"","policy":"p","recipients":[],)"
        R"("rule":"r","rules":["r"],"severity":"low","spans":{},"team":"t","v":1,"words":{}}})",
        std::string(64, '0'), message, spans, words);
  };
  const std::string row = "INSERT INTO alert VALUES (21, {}, 'bribery', 'low', 'r', 't', 'open');";
  SECTION("no JSON") {
    seal(RecordKind::service, "hello", "body-invalid");
  }
  SECTION("JSON in another form") {
    seal(RecordKind::service, R"({"v":1, "event":"start"})", "body-invalid");
  }
  SECTION("a member twice") {
    seal(RecordKind::service, R"({"a":"1","a":"1","v":1})", "body-invalid");
  }
  SECTION("no object") {
    seal(RecordKind::config, "[1]", "body-invalid");
  }
  SECTION("of a later version") {
    seal(RecordKind::service, R"({"event":"start","v":2})", "unknown-version");
  }
  SECTION("a message of a later version") {
    seal(RecordKind::message, R"({"v":2})", "unknown-version");
  }
  SECTION("a message without members") {
    seal(RecordKind::message, R"({"v":1})", "body-invalid");
  }
  SECTION("a mail with an unknown outcome") {
    seal(
        RecordKind::mail,
        R"({"alerts":[7],"attempt":1,"message":6,"message_id":"m","outcome":"lost","recipient":"r",)"
        R"("reply":"","v":1})",
        "body-invalid");
  }
  SECTION("a member too many") {
    seal(RecordKind::clock,
         R"({"behind_us":1,"clock":"2026-11-24T12:00:00.000000Z","event":"behind","v":1,"w":1})",
         "body-invalid");
  }
  SECTION("an alert about words of another message") {
    seal(RecordKind::alert, alert(6, "[[0,4]]", R"(["pidi"])"), "alert-mismatch",
         fmt::format(fmt::runtime(row), 6));
  }
  SECTION("an alert about a record that says nothing of a provider's") {
    seal(RecordKind::alert, alert(1, "[]", "[]"), "alert-mismatch",
         fmt::format(fmt::runtime(row), 1));
  }
  SECTION("an alert without words about another state than the one it names") {
    seal(RecordKind::alert, alert(5, "[]", "[]"), "alert-mismatch",
         fmt::format(fmt::runtime(row), 5));
  }
  SECTION("a file of a record that names none") {
    seal(RecordKind::media, R"({"declared":"","loss":"gone","message":2,"outcome":"lost","v":1})",
         "media-mismatch");
  }
  SECTION("a file of a record that is to come") {
    seal(RecordKind::media, R"({"declared":"","loss":"gone","message":22,"outcome":"lost","v":1})",
         "media-mismatch");
  }
  SECTION("a lost file that does not say why") {
    seal(RecordKind::media, R"({"declared":"","message":2,"outcome":"lost","v":1})",
         "body-invalid");
  }
  SECTION("a lost file with a reason of its own making") {
    seal(RecordKind::media, R"({"declared":"","loss":"tired","message":2,"outcome":"lost","v":1})",
         "body-invalid");
  }
  SECTION("a stored file without its hash") {
    seal(RecordKind::media,
         R"({"declared":"","message":2,"outcome":"stored","size":1,"sniffed":"","v":1})",
         "body-invalid");
  }
  SECTION("a lost file with a hash") {
    seal(RecordKind::media,
         fmt::format(
             R"({{"declared":"","loss":"gone","message":2,"outcome":"lost","sha256":"{}","v":1}})",
             std::string(64, 'a')),
         "body-invalid");
  }
  SECTION("a file that is neither stored nor lost") {
    seal(RecordKind::media, R"({"declared":"","message":2,"outcome":"waiting","v":1})",
         "body-invalid");
  }
  SECTION("a file that is lost for no reason that stands there") {
    seal(RecordKind::media,
         R"({"declared":"","loss":"gone","message":2,"outcome":"lost","reason":"","v":1})",
         "body-invalid");
  }
  SECTION("a gap that a later record speaks of") {
    seal(RecordKind::gap, R"({"event":"unseen","how":"reply","provider_id":"q","record":21,"v":1})",
         "body-invalid");
  }
  SECTION("a gap with an empty line") {
    seal(RecordKind::gap,
         R"({"event":"unseen","how":"reply","line":"","provider_id":"q","record":2,"v":1})",
         "body-invalid");
  }
  SECTION("a gap in a history without its phase") {
    seal(RecordKind::gap, R"({"chunk":1,"event":"history-chunk-missing","line":"+1","v":1})",
         "body-invalid");
  }
  SECTION("a second reading of nothing") {
    seal(RecordKind::service, R"({"delivery":1,"event":"reread","records":[],"v":1,"version":"x"})",
         "body-invalid");
  }
  SECTION("a second reading of what is to come") {
    seal(RecordKind::service,
         R"({"delivery":1,"event":"reread","records":[21],"v":1,"version":"x"})", "body-invalid");
  }
  SECTION("a message that came a way that there is not") {
    seal(RecordKind::edit, R"({"v":1,"via":"api"})", "body-invalid");
  }
  SECTION("an alert about what comes after it") {
    seal(RecordKind::alert, alert(22, "[]", "[]"), "alert-mismatch",
         fmt::format(fmt::runtime(row), 22));
  }
  SECTION("an alert without its members") {
    seal(RecordKind::alert, R"({"v":1})", "body-invalid");
  }
}

TEST_CASE(
    "a history made anew from the first record is another vault for whoever holds the "
    "fingerprint") {
  const SampleVault sample;
  const auto report = verify(sample.directory(), {.fingerprint = std::string(64, '0')});
  CHECK(shown(problems_of(report)) == "0 fingerprint-mismatch; ");
  CHECK_FALSE(report.ok);
  const auto second = second_opinion({export_plain(sample.directory(), sample.scratch("plain.db"))},
                                     "--fingerprint " + std::string(64, '0'))[0];
  CHECK(shown(problems_of(second)) == "0 fingerprint-mismatch; ");
}
