// SPDX-License-Identifier: Apache-2.0
#include "api/access.hpp"

#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"

using namespace sigilo;

TEST_CASE("a reading names its records once and in order, as canonical JSON") {
  api::Reading reading{0, "alerts", {{"open", "1"}}, {Seq(7), Seq(3), Seq(7)}};
  const auto body = api::access_body(reading);
  CHECK(body ==
        R"({"count":2,"event":"read","filter":{"open":"1"},"seqs":[3,7],"uid":0,"user":"root",)"
        R"("v":1,"what":"alerts"})");
  CHECK(json::is_canonical(body));
}

TEST_CASE("a long reading is written as first, last and count") {
  api::Reading reading{0, "messages", {}, {}};
  for (std::uint64_t seq = 10; seq < 10 + api::max_listed_seqs; ++seq)
    reading.shown.emplace_back(seq);
  CHECK(api::access_body(reading).find("seqs") != std::string::npos);
  reading.shown.emplace_back(5);
  CHECK(api::access_body(reading) ==
        R"({"count":1001,"event":"read","filter":{},"first":5,"last":1009,"uid":0,"user":"root",)"
        R"("v":1,"what":"messages"})");
}

TEST_CASE("a user without a name has none") {
  CHECK(api::user_name(0) == "root");
  CHECK(api::user_name(3'999'999'999U).empty());
}
