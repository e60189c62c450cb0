// SPDX-License-Identifier: Apache-2.0
#include "message/contacts.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "json/parse.hpp"

using namespace sigilo;
using namespace sigilo::message;

namespace {

Party party_of(std::string_view contacts, std::string_view number, std::string_view user_id = "") {
  const auto value = json::parse(contacts);
  REQUIRE(value);
  return Contacts(value->if_array()).party(number, user_id);
}

constexpr std::string_view two = R"([
  {"profile":{"name":"Ana"},"wa_id":"5491155550101","user_id":"AR.1"},
  {"profile":{"name":"Bia"},"wa_id":"5511955550102","user_id":"BR.2"}])";

}  // namespace

TEST_CASE(
    "a party takes name and identifiers of the contact with its number, not of the one at its "
    "position") {
  CHECK(party_of(two, "5511955550102") == Party{"+5511955550102", "BR.2", "Bia"});
  CHECK(party_of(two, "5491155550101") == Party{"+5491155550101", "AR.1", "Ana"});
  CHECK(party_of(two, "5491155550199") == Party{"+5491155550199", "", ""});
}

TEST_CASE("a party is matched by user id where its number is hidden") {
  CHECK(party_of(two, "", "BR.2") == Party{"+5511955550102", "BR.2", "Bia"});
  CHECK(party_of(two, "", "BR.9") == Party{"", "BR.9", ""});
}

TEST_CASE("variants of a mobile number are one party") {
  for (const char* spelling : {"+5491155550101", "541155550101", "+54 11 5555-0101"}) {
    CHECK(party_of(two, spelling) == Party{"+5491155550101", "AR.1", "Ana"});
  }
  CHECK(party_of(two, "551195550102").name.empty());
  CHECK(party_of(R"([{"wa_id":"551195550102","profile":{"name":"Bia"}}])", "551195550102").name ==
        "Bia");
  CHECK(party_of(R"([{"wa_id":"551185550102","profile":{"name":"Bia"}}])", "5511985550102") ==
        Party{"+5511985550102", "", "Bia"});
  CHECK(party_of(R"([{"wa_id":"5215555550104","profile":{"name":"Pedro"}}])", "525555550104") ==
        Party{"+525555550104", "", "Pedro"});
}

TEST_CASE("an element that names nobody belongs to the only contact, and to none of several") {
  CHECK(party_of(R"([{"user_id":"BR.2","profile":{"name":"Bia"}}])", "") ==
        Party{"", "BR.2", "Bia"});
  CHECK(party_of(two, "") == Party{});
  CHECK(party_of("[]", "") == Party{});
  CHECK(Contacts(nullptr).party("", "") == Party{});
}

TEST_CASE("an identifier that is no telephone number is kept as user id") {
  CHECK(party_of("[]", "fowefinoewcnw") == Party{"", "fowefinoewcnw", ""});
  CHECK(party_of("[]", "fowefinoewcnw", "BR.2") == Party{"", "BR.2", ""});
}

TEST_CASE("contacts of another shape are passed over") {
  CHECK(party_of(R"([null,1,"a",[],{},{"wa_id":5},{"profile":[]},{"wa_id":""}])", "") == Party{});
  CHECK(party_of(R"([{"wa_id":"5491155550101","profile":{"name":7}}])", "") ==
        Party{"+5491155550101", "", ""});
  const std::string long_id(max_id_length + 1, 'x');
  CHECK(party_of(R"([{"user_id":")" + long_id + R"("}])", "") == Party{});
}

TEST_CASE("a name is cut between characters") {
  std::string name(max_name_length - 1, 'a');
  const auto named = [&] { return R"([{"user_id":"AR.1","profile":{"name":")" + name + R"("}}])"; };
  name += "b";
  CHECK(party_of(named(), "").name == name);
  name.back() = '\xc3';
  name += "\xb1";  // ñ over the limit
  CHECK(party_of(named(), "").name == std::string(max_name_length - 1, 'a'));
}
