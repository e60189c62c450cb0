// SPDX-License-Identifier: Apache-2.0
#include "evidence/verify.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;

TEST_CASE("a vault with every kind of record is clean for both verifiers") {
  const SampleVault sample;
  const auto report = verify(sample.directory(), {.fingerprint = sample.fingerprint()});
  CHECK(shown(problems_of(report)) == "");
  CHECK(report.ok);
  CHECK(report.records == SampleVault::records);
  CHECK(report.fingerprint == sample.fingerprint());

  const auto second = second_opinion({export_plain(sample.directory(), sample.scratch("plain.db"))},
                                     "--fingerprint " + sample.fingerprint())[0];
  CHECK(shown(problems_of(second)) == "");
  CHECK(json::integer_at(second, "records") == SampleVault::records);
  CHECK(json::text_at(second, "root") == report.checkpoint_root);
  CHECK(json::text_at(second, "fingerprint") == report.fingerprint);
}

TEST_CASE("each finding says what is proven all the same") {
  const SampleVault sample;
  const auto remains = [&](const std::string& sql, evidence::Depth depth = evidence::Depth::full) {
    const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
    damage(copy, sql);
    const auto report = verify(copy, {.depth = depth});
    REQUIRE_FALSE(report.problems.empty());
    for (const auto& problem : report.problems)
      CHECK(problem.remains == report.problems.front().remains);
    return report.problems.front().remains;
  };
  // What only repeats records takes nothing from them.
  CHECK(remains("UPDATE alert SET team = 'x';") == "records 0 to 20 are as sealed");
  CHECK(remains("UPDATE tile SET hashes = randomblob(length(hashes));") ==
        "records 0 to 20 are as sealed");
  CHECK(remains("UPDATE record SET time = time + 1 WHERE seq = 4;") ==
        "records 0 to 3 are as sealed");
  CHECK(remains("UPDATE record SET body = NULL WHERE seq IN (1, 9);") == "record 0 is as sealed");
  CHECK(remains("DELETE FROM record WHERE seq >= 18;") == "records 0 to 17 are as sealed");
  CHECK(remains("DELETE FROM record;").starts_with("nothing by what is here alone"));
  CHECK(remains("UPDATE vault SET uuid = 'x';").starts_with("nothing"));
  CHECK(remains("UPDATE epoch SET first = 5;", evidence::Depth::tree) ==
        "records 0 to 20 are as sealed (their contents are not checked at depth tree)");
}

TEST_CASE("any number of threads finds the same") {
  const SampleVault sample;
  damage(sample.directory(),
         "UPDATE record SET signature = randomblob(64) WHERE seq IN (4, 12, 20);"
         "UPDATE record SET body = body || ' ' WHERE seq IN (5, 16);");
  const auto alone = verify(sample.directory(), {.threads = 1});
  for (const unsigned threads : {2U, 5U}) {
    const auto report = verify(sample.directory(), {.threads = threads});
    REQUIRE(report.problems.size() == alone.problems.size());
    for (std::size_t i = 0; i < alone.problems.size(); ++i) {
      CHECK(report.problems[i].seq == alone.problems[i].seq);
      CHECK(report.problems[i].problem == alone.problems[i].problem);
      CHECK(report.problems[i].found == alone.problems[i].found);
    }
  }
  CHECK(shown(problems_of(alone)) ==
        "4 record-altered; 5 body-altered; 12 record-altered; 16 body-altered; 20 "
        "record-altered; ");
}
