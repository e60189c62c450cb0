// SPDX-License-Identifier: Apache-2.0
#include "api/query.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {
net::Request asking(std::string target) {
  return {"GET", std::move(target), {}, {}};
}
}  // namespace

TEST_CASE("parameters are decoded, and none is passed over") {
  const auto given = api::parameters(asking("/x?a=1%20%2B&b=%C3%B1&&"), {"a", "b", "c"});
  REQUIRE(given);
  CHECK(*given == api::Parameters{{"a", "1 +"}, {"b", "ñ"}});
  for (const auto* bad : {"/x?d=1", "/x?a", "/x?a=", "/x?a=%", "/x?a=%4", "/x?a=%c3", "/x?a=1&a=1",
                          "/x?%61=1", "/x?=1", "/x?a=%ed%a0%80"}) {
    CAPTURE(bad);
    const auto refused = api::parameters(asking(bad), {"a", "b", "c"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::invalid_input);
  }
}

TEST_CASE("a value may have so many bytes and no more") {
  const std::string longest(api::max_parameter, 'x');
  CHECK(api::parameters(asking("/x?a=" + longest), {"a"}));
  CHECK_FALSE(api::parameters(asking("/x?a=" + longest + "x"), {"a"}));
}

TEST_CASE("a filter is what was asked for") {
  const auto filter = api::message_filter(
      asking("/v1/messages?line=5491150000001&party=%2B54%2011%206000-0002&limit=100000"
             "&since=2026-11-24T12:00:00Z&kind=unrecognised"));
  REQUIRE(filter);
  CHECK(filter->line == E164("+5491150000001"));
  CHECK(filter->party == "+5491160000002");
  CHECK(filter->limit == vault::max_rows);
  CHECK(filter->since == Timestamp::from_seconds(1'795'521'600));
  CHECK_FALSE(filter->until);
  CHECK(filter->kind == RecordKind::unrecognised);
  CHECK(api::filter_json(asking("/v1/messages?line=54%209&limit=2")) ==
        json::Object{{"limit", "2"}, {"line", "54 9"}});
}

TEST_CASE("a fingerprint is 64 hex digits in either case") {
  const std::string hex(64, 'A');
  const auto wanted = api::verify_request(asking("/v1/verify?fingerprint=" + hex));
  REQUIRE(wanted);
  CHECK(wanted->options.fingerprint == std::string(64, 'a'));
  CHECK(wanted->options.depth == evidence::Depth::full);
  CHECK_FALSE(api::verify_request(asking("/v1/verify?fingerprint=" + hex + "a")));
  CHECK_FALSE(api::verify_request(asking("/v1/verify?fingerprint=" + std::string(64, 'g'))));
}

TEST_CASE("a record number is decimal and exact") {
  CHECK(api::seq_of("0")->value() == 0);
  CHECK(api::seq_of("9007199254740991")->value() == 9'007'199'254'740'991);
  for (const auto* bad :
       {"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "9007199254740992", "99999999999999999999999"})
    CHECK_FALSE(api::seq_of(bad));
}

TEST_CASE("a bundle is chosen in exactly one way") {
  const auto ask = [](std::string query) {
    return api::bundle_ask({"POST", "/v1/export/bundle?" + std::move(query), {}, {}});
  };
  const auto by_party =
      must(ask("party=%2B54%2011%206000-0002&language=pt&since=2026-11-01T00:00:00Z"));
  CHECK(by_party.party == "+5491160000002");
  CHECK(by_party.language == Language::pt);
  CHECK(by_party.timezone == "UTC");
  const auto by_record = must(ask("record=7,3&timezone=America/Sao_Paulo"));
  CHECK(by_record.records == std::vector{Seq(7), Seq(3)});
  CHECK(must(ask("alert=9")).alert == Seq(9));
  for (const auto* wrong : {"", "language=es", "alert=1&record=2", "alert=1&party=x", "record=1,,2",
                            "record=x", "party=x&language=fr", "party=x&timezone=ART", "kind=edit"})
    CHECK(ask(wrong).error().code == ErrorCode::invalid_input);
  std::string many = "record=1";
  for (std::size_t n = 0; n < bundle::max_named; ++n) many += ",1";
  CHECK(ask(many).error().code == ErrorCode::invalid_input);
}
