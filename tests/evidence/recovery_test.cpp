// SPDX-License-Identifier: Apache-2.0
// What both verifiers say of a succession by the recovery key, and of what only claims to be one.
#include <catch2/catch_test_macros.hpp>

#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

using Remarks = std::vector<std::pair<std::int64_t, std::string>>;

Remarks remarks_of(const json::Object& report) {
  Remarks remarks;
  for (const auto& remark : *json::array_at(report, "remarks"))
    remarks.emplace_back(json::integer_at(remark.get_object(), "seq").value(),
                         std::string(*json::text_at(remark.get_object(), "remark")));
  return remarks;
}

Remarks remarks_of(const evidence::Report& report) {
  Remarks remarks;
  for (const auto& remark : report.remarks)
    remarks.emplace_back(static_cast<std::int64_t>(remark.seq), remark.remark);
  return remarks;
}

void lose_and_recover(TestVault& vault) {
  const auto epoch = vault.opened->epoch();
  vault.close();
  std::filesystem::remove(vault.directory() / fmt::format("keys/epoch-{}.key", epoch.value()));
  must(vault::recover(vault.directory(), vault.key, vault.created.recovery_key, vault.clock,
                      vault.random, vault.log));
  vault.open();
}

void say(TestVault& vault, const std::string& id) {
  TestMessage message;
  message.id = id;
  message.text = "texto de " + id;
  vault.ingest(delivery_of(message));
}

/// Both verifiers, at both depths.
void check(const TestVault& vault, const Problems& problems, const Remarks& remarks) {
  for (const auto depth : {evidence::Depth::full, evidence::Depth::tree}) {
    const auto report = verify(vault.directory(), {.depth = depth});
    CHECK(shown(problems_of(report)) == shown(problems));
    CHECK(remarks_of(report) == remarks);
    CHECK(report.ok == problems.empty());
  }
  const auto second =
      second_opinion({export_plain(vault.directory(), vault.temporary.path() / "plain.db")})[0];
  CHECK(shown(problems_of(second)) == shown(problems));
  CHECK(remarks_of(second) == remarks);
}

}  // namespace

TEST_CASE("a recovery is a remark, not a problem, and the succession goes on after it") {
  TestVault vault;
  say(vault, "w1");                     // 1
  lose_and_recover(vault);              // 2
  say(vault, "w2");                     // 3
  REQUIRE(vault.opened->roll_epoch());  // 4
  say(vault, "w3");                     // 5
  vault.close();
  check(vault, {}, {{2, "recovered"}});
}

TEST_CASE("two recoveries in a row are two remarks") {
  TestVault vault;
  SECTION("right after the vault was made") {
    lose_and_recover(vault);  // 1
    lose_and_recover(vault);  // 2
    say(vault, "w1");
    vault.close();
    check(vault, {}, {{1, "recovered"}, {2, "recovered"}});
  }
  SECTION("with an ordinary succession between") {
    say(vault, "w1");                     // 1
    lose_and_recover(vault);              // 2
    REQUIRE(vault.opened->roll_epoch());  // 3
    lose_and_recover(vault);              // 4
    vault.close();
    check(vault, {}, {{2, "recovered"}, {4, "recovered"}});
  }
}
