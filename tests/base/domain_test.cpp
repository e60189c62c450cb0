// SPDX-License-Identifier: Apache-2.0
#include "base/domain.hpp"

#include <set>
#include <string>
#include <type_traits>
#include <unordered_set>

#include <catch2/catch_test_macros.hpp>

using namespace sigilo;

TEST_CASE("record kinds have the names that the evidence format fixes, and read back") {
  constexpr std::string_view names[] = {
      "genesis", "key",     "message", "edit",   "revoke",     "status", "media",  "unrecognised",
      "line",    "consent", "policy",  "alert",  "mail",       "review", "access", "export",
      "hold",    "release", "erasure", "config", "checkpoint", "gap",    "clock",  "service"};
  std::set<RecordKind> kinds;
  for (const auto name : names) {
    INFO(name);
    const auto kind = parse_record_kind(name);
    REQUIRE(kind);
    CHECK(to_string(*kind) == name);
    kinds.insert(*kind);
  }
  CHECK(kinds.size() == std::size(names));
  CHECK(static_cast<std::size_t>(RecordKind::service) + 1 ==
        std::size(names));  // none is forgotten
}

TEST_CASE("directions, severities and languages read back") {
  for (const auto value : {Direction::in, Direction::out})
    CHECK(parse_direction(to_string(value)) == value);
  for (const auto value : {Severity::low, Severity::medium, Severity::high}) {
    CHECK(parse_severity(to_string(value)) == value);
  }
  for (const auto value : {Language::es, Language::pt, Language::en})
    CHECK(parse_language(to_string(value)) == value);
  CHECK(to_string(Direction::out) == "out");
  CHECK(to_string(Severity::high) == "high");
  CHECK(to_string(Language::pt) == "pt");
}

TEST_CASE("other words are no names") {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("IN"), std::string_view("in "),
        std::string_view("in\0", 3), std::string_view("export_")}) {
    CHECK_FALSE(parse_direction(text));
    CHECK_FALSE(parse_severity(text));
    CHECK_FALSE(parse_language(text));
    CHECK_FALSE(parse_record_kind(text));
  }
}

TEST_CASE("strong types compare and hash by value, and do not mix") {
  CHECK(Seq(1) < Seq(2));
  CHECK(E164("+1") == E164("+1"));
  CHECK(std::unordered_set<Seq>{Seq(1), Seq(1), Seq(2)}.size() == 2);
  CHECK(Epoch().value() == 0);
  STATIC_CHECK_FALSE(std::is_convertible_v<Seq, Epoch>);
  STATIC_CHECK_FALSE(std::is_convertible_v<std::uint64_t, Seq>);
  STATIC_CHECK_FALSE(std::is_convertible_v<Seq, std::uint64_t>);
  STATIC_CHECK_FALSE(std::is_constructible_v<E164, PhoneNumberId>);
}
