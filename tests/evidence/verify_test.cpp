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
