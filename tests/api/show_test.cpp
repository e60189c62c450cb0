// SPDX-License-Identifier: Apache-2.0
#include "api/show.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/api.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

constexpr std::string_view in_text =
    R"("messages":[{"from":"5491160000002","id":"w1","timestamp":"1795521000","type":"text",)"
    R"("text":{"body":"primero"}}])";
constexpr std::string_view in_edit =
    R"("messages":[{"from":"5491160000002","id":"w2","timestamp":"1795521240","type":"edit",)"
    R"("edit":{"original_message_id":"w1","message":{"type":"text","text":{"body":"segundo"}}}}])";
constexpr std::string_view in_revoke =
    R"("messages":[{"from":"5491160000002","id":"w3","timestamp":"1795521600","type":"revoke",)"
    R"("revoke":{"original_message_id":"w1"}}])";
constexpr std::string_view out_text =
    R"("message_echoes":[{"from":"5491150000001","to":"5491160000002","id":"w7",)"
    R"("timestamp":"1795521000","type":"text","text":{"body":"de la abogada"}}])";
constexpr std::string_view reaction =
    R"("messages":[{"from":"5491160000002","id":"w8","timestamp":"1795521060",)"
    R"("type":"reaction","reaction":{"message_id":"w7","emoji":"👍"}}])";

std::string state(std::string_view name, std::string_view more = "") {
  return fmt::format(R"("statuses":[{{"id":"w7","status":"{}","timestamp":"1795521100",)"
                     R"("recipient_id":"5491160000002"{}}}])",
                     name, more);
}

void take(TestVault& vault, std::string_view field, std::string_view members) {
  vault.ingest(delivery_from(webhook(field, members), vault.clock.now()));
}

std::vector<std::string> whats(const json::Object& shown) {
  std::vector<std::string> found;
  for (const auto& step : shown.at("life").as_array())
    found.emplace_back(step.at("what").as_string());
  return found;
}

using Texts = std::vector<std::string>;

/// A message with a file whose record is number 1.
void take_image(TestVault& vault) {
  take(vault, "messages",
       R"("messages":[{"from":"5491160000002","id":"w5","timestamp":"1795521000",)"
       R"("type":"document","document":{"id":"900","mime_type":"application/pdf",)"
       R"("sha256":"ab","filename":"../contrato.pdf"}}])");
}

}  // namespace

TEST_CASE("an edited and revoked message keeps each text, with who, when and how long after") {
  TestVault vault;
  take(vault, "messages", in_text);
  take(vault, "messages", in_edit);
  take(vault, "messages", in_revoke);
  Desk desk(vault);
  const auto shown = desk.get("/v1/messages/1").object();
  CHECK(shown.at("text").as_string() == "primero");
  CHECK(shown.at("edited").as_bool());
  CHECK(shown.at("revoked").as_bool());
  CHECK(whats(shown) == Texts{"message", "edit", "revoke"});
  const auto& life = shown.at("life").as_array();
  CHECK(life[0].at("text").as_string() == "primero");
  CHECK(life[0].at("after").is_null());
  CHECK(life[1].at("text").as_string() == "segundo");
  CHECK(life[1].at("after").as_int64() == 240);
  CHECK(life[1].at("by").as_string() == "party");
  CHECK(life[1].at("at").as_string() == "2026-11-24T11:54:00.000000Z");
  CHECK(life[2].at("after").as_int64() == 600);
  CHECK(life[2].at("seq").as_int64() == 3);

  // Asked for by its edit it is the same life, and the list says what became of it.
  CHECK(desk.get("/v1/messages/2").object().at("life") == shown.at("life"));
  const auto listed = desk.get("/v1/messages").array();
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].at("edited").as_bool());
  CHECK(listed[0].at("revoked").as_bool());
  CHECK(desk.get("/v1/messages?kind=edit").array().size() == 1);
  CHECK(desk.get("/v1/messages?kind=revoke").array()[0].at("about").as_string() == "w1");
}

TEST_CASE(
    "an edit before its message, and one of a message that never came, are told as they are") {
  TestVault vault;
  take(vault, "messages", in_edit);
  Desk desk(vault);
  auto shown = desk.get("/v1/messages/1").object();
  CHECK(whats(shown) == Texts{"edit"});
  CHECK(shown.at("life").as_array()[0].at("after").is_null());
  take(vault, "messages", in_text);
  shown = desk.get("/v1/messages/1").object();
  CHECK(whats(shown) == Texts{"edit", "message"});
  CHECK(shown.at("life").as_array()[0].at("after").as_int64() == 240);
}

TEST_CASE("states, errors, reactions and each way of being told are in the life") {
  TestVault vault;
  take(vault, "smb_message_echoes", out_text);
  take(vault, "messages", state("delivered"));
  take(vault, "messages", reaction);
  take(vault, "messages",
       state("failed", R"(,"errors":[{"code":131026,"title":"Message undeliverable"}])"));
  Desk desk(vault);
  const auto shown = desk.get("/v1/messages/1").object();
  CHECK(shown.at("state").as_string() == "failed");
  CHECK(shown.at("via").as_string() == "app");
  CHECK(whats(shown) == Texts{"message", "state", "reaction", "state"});
  const auto& life = shown.at("life").as_array();
  CHECK(life[0].at("by").as_string() == "line");
  CHECK(life[1].at("type").as_string() == "delivered");
  CHECK(life[1].at("by").is_null());
  CHECK(life[2].at("by").as_string() == "party");
  const auto& error = life[3].at("errors").as_array().at(0).as_object();
  CHECK(error.at("code").as_string() == "131026");
  CHECK(error.at("title").as_string() == "Message undeliverable");
}

TEST_CASE("who was shown a message, or a list that had it, is told at the next showing") {
  TestVault vault;
  take(vault, "messages", in_text);
  take(vault, "messages", in_edit);
  Desk desk(vault);
  CHECK(desk.get("/v1/messages/1").object().at("accesses").as_array().empty());
  static_cast<void>(desk.get("/v1/messages"));
  static_cast<void>(desk.get("/v1/messages/2"));  // shows the first text too
  const auto accesses = desk.get("/v1/messages/1").object().at("accesses").as_array();
  REQUIRE(accesses.size() == 3);
  CHECK(accesses[0].at("what").as_string() == "show");
  CHECK(accesses[1].at("what").as_string() == "messages");
  CHECK(accesses[2].at("uid").as_int64() == Desk::own_uid);
}

TEST_CASE("a file that waits, one that is lost and one that is stored say so, and why") {
  TestVault vault;
  take_image(vault);
  Desk desk(vault);
  const auto file = [&] {
    return desk.get("/v1/messages/1").object().at("media").as_array().at(0).as_object();
  };
  CHECK(file().at("state").as_string() == "waiting");
  CHECK(file().at("name").as_string() == "../contrato.pdf");
  CHECK(file().at("declared").as_string() == "application/pdf");
  CHECK(file().at("record").is_null());
  vault::MediaOutcome outcome;
  outcome.message = Seq(1);
  outcome.declared = "application/pdf";
  outcome.reason = "the token has expired";
  const auto report = [&] {
    must(vault.run(
        [&](vault::WriteTransaction& transaction) { return transaction.media_outcome(outcome); }));
  };
  report();
  CHECK(file().at("attempts").as_int64() == 1);
  CHECK(file().at("reason").as_string() == "the token has expired");
  SECTION("lost") {
    outcome.state = vault::MediaState::lost;
    outcome.reason = "the provider keeps it no longer";
    report();
    CHECK(file().at("state").as_string() == "lost");
    CHECK(file().at("reason").as_string() == "the provider keeps it no longer");
    CHECK(file().at("size").is_null());
    CHECK(file().at("record").is_int64());
  }
  SECTION("stored") {
    outcome.state = vault::MediaState::stored;
    outcome.reason.clear();
    outcome.sniffed = "image/jpeg";
    outcome.file = vault::SealedFile{"aa/bb", vault_key(), crypto::sha256(as_bytes("x")), 1};
    report();
    CHECK(file().at("state").as_string() == "stored");
    CHECK(file().at("sniffed").as_string() == "image/jpeg");
    CHECK(file().at("size").as_int64() == 1);
    CHECK(file().at("sha256").as_string() == crypto::sha256(as_bytes("x")).hex());
  }
}

TEST_CASE("the mails about a message are told with what became of them") {
  TestVault vault;
  auto delivery = delivery_from(webhook("messages", in_text), vault.clock.now());
  delivery.events[0].alerts = {alert_about(0, 3)};
  delivery.events[0].mails = {{"ana@estudio.example", Language::es, "litigios"}};
  vault.ingest(delivery);
  Desk desk(vault);
  const auto mails = desk.get("/v1/messages/1").object().at("mails").as_array();
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].at("recipient").as_string() == "ana@estudio.example");
  CHECK(mails[0].at("state").as_string() == "queued");
}

TEST_CASE("what is said of a line or is not understood has no life") {
  TestVault vault;
  take(vault, "phone_number_quality_update",
       R"("display_phone_number":"5491150000001","event":"DOWNGRADE","current_limit":"TIER_1K")");
  Desk desk(vault);
  const auto shown = desk.get("/v1/messages/1").object();
  CHECK(shown.at("kind").as_string() == "line");
  CHECK(shown.at("life").as_array().empty());
  CHECK(desk.get("/v1/messages?kind=line").array().size() == 1);
}
