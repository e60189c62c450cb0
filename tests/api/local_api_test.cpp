// SPDX-License-Identifier: Apache-2.0
#include "api/local_api.hpp"

#include <stdexcept>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "crypto/encoding.hpp"
#include "crypto/secret_file.hpp"
#include "crypto/sign.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/record.hpp"
#include "support/api.hpp"
#include "support/broken_disk.hpp"
#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

TestMessage said(std::string id, std::string text, std::string party = "+5491160000002") {
  TestMessage message;
  message.id = std::move(id);
  message.text = std::move(text);
  message.party = std::move(party);
  return message;
}

/// Seqs 1 to 4: three messages of two parties, and a state.
void fill(TestVault& vault) {
  vault.ingest(delivery_of(said("w1", "uno")));
  vault.clock.advance(std::chrono::hours(1));
  auto out = said("w2", "dos", "AR.123");
  out.direction = Direction::out;
  vault.ingest(delivery_of(out));
  vault.clock.advance(std::chrono::hours(1));
  auto other = said("w3", "tres");
  other.line = "+5491150000009";
  vault.ingest(delivery_of(other));
  auto state = said("w2", "");
  state.kind = RecordKind::status;
  state.direction = Direction::out;
  vault.ingest(delivery_of(state));
}

void ingest_with_alert(TestVault& vault) {
  auto delivery = delivery_of(said("w9", "una coima"));
  delivery.events[0].alerts = {alert_about(4, 9)};
  delivery.events[0].alerts.push_back(alert_about(0, 3));
  delivery.events[0].alerts[1].category = "threat";
  vault.ingest(delivery);
}

std::vector<std::int64_t> seqs_of(const Answer& answer) {
  std::vector<std::int64_t> seqs;
  for (const auto& row : answer.array()) seqs.push_back(row.at("seq").as_int64());
  return seqs;
}

std::vector<std::int64_t> seqs_of(const json::Object& access) {
  std::vector<std::int64_t> seqs;
  for (const auto& seq : access.at("seqs").as_array()) seqs.push_back(seq.as_int64());
  return seqs;
}

using Seqs = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("only root and the daemon's own user are answered") {
  TestVault vault;
  Desk desk(vault);
  const std::string target = GENERATE("/v1/status", "/v1/messages", "/v1/messages/1", "/nowhere");
  for (const std::optional<uid_t> stranger : {std::optional<uid_t>(1000), std::optional<uid_t>()}) {
    const auto answer = desk.ask("GET", target, stranger);
    CHECK(answer.status() == 403);
    CHECK(answer.accesses.empty());
    REQUIRE(desk.ask_head(target, stranger));
    CHECK(desk.ask_head(target, stranger)->status == 403);
  }
  for (const uid_t user : {uid_t{0}, Desk::own_uid}) {
    CHECK(desk.ask("GET", target, user).status() != 403);
    CHECK_FALSE(desk.ask_head(target, user));
  }
  CHECK(vault.sink.has("refused uid 1000"));
  CHECK(vault.sink.has("refused uid unknown"));
}

TEST_CASE("other paths are 404, other methods 405 with what is allowed") {
  TestVault vault;
  Desk desk(vault);
  for (const auto* path : {"/", "/v1", "/v1/", "/v1/messagesx", "/v2/status", "/v1/status/"})
    CHECK(desk.get(path).status() == 404);
  for (const auto* path : {"/v1/status", "/v1/messages", "/v1/messages/1", "/v1/alerts"}) {
    const auto answer = desk.ask("POST", path);
    CHECK(answer.status() == 405);
    CHECK(answer.response.headers == std::vector<net::Header>{{"Allow", "GET"}});
  }
  for (const auto* path : {"/v1/verify", "/v1/checkpoint"}) {
    const auto answer = desk.get(path);
    CHECK(answer.status() == 405);
    CHECK(answer.response.headers == std::vector<net::Header>{{"Allow", "POST"}});
  }
}

TEST_CASE("a bad parameter is 400, shows nothing and leaves no trace of a reading") {
  TestVault vault;
  fill(vault);
  Desk desk(vault);
  const auto [method, target] = GENERATE(table<std::string, std::string>(
      {{"GET", "/v1/messages?lin=%2B5491150000001"},  // a typing error must not show everything
       {"GET", "/v1/messages?line=abc"},
       {"GET", "/v1/messages?line=%zz"},
       {"GET", "/v1/messages?party=%ff%fe"},
       {"GET", "/v1/messages?party="},
       {"GET", "/v1/messages?since=yesterday"},
       {"GET", "/v1/messages?until=2026-13-01T00:00:00Z"},
       {"GET", "/v1/messages?kind=access"},
       {"GET", "/v1/messages?limit=0"},
       {"GET", "/v1/messages?limit=100001"},
       {"GET", "/v1/messages?limit=-1"},
       {"GET", "/v1/messages?limit=5&limit=6"},
       {"GET", "/v1/messages?open=1"},
       {"GET", "/v1/messages/"},
       {"GET", "/v1/messages/x"},
       {"GET", "/v1/messages/\xff"},
       {"GET", "/v1/messages/-1"},
       {"GET", "/v1/messages/1/2"},
       {"GET", "/v1/messages/9007199254740992"},
       {"GET", "/v1/messages/1?format=raw"},
       {"GET", "/v1/alerts?open=yes"},
       {"GET", "/v1/alerts?state=open"},
       {"GET", "/v1/status?verbose=1"},
       {"POST", "/v1/verify?depth=deep"},
       {"POST", "/v1/verify?fingerprint=ab12"},
       {"POST", "/v1/checkpoint?force=1"}}));
  CAPTURE(target);
  const auto answer = desk.ask(method, target);
  CHECK(answer.status() == 400);
  CHECK_FALSE(answer.what().empty());
  CHECK(answer.accesses.empty());
}

TEST_CASE("what is read is in an access record before the answer is given") {
  TestVault vault;
  fill(vault);
  Desk desk(vault);
  const auto answer = desk.get("/v1/messages?line=%2B5491150000001&limit=10");
  REQUIRE(answer.status() == 200);
  CHECK(seqs_of(answer) == Seqs{1, 2});
  REQUIRE(answer.accesses.size() == 1);
  const auto& access = answer.accesses[0];
  CHECK(seqs_of(access) == Seqs{1, 2});
  CHECK(access.at("count").as_int64() == 2);
  CHECK(access.at("uid").as_int64() == Desk::own_uid);
  CHECK(access.at("what").as_string() == "messages");
  CHECK(access.at("filter") == json::Value({{"limit", "10"}, {"line", "+5491150000001"}}));

  const auto shown = desk.get("/v1/messages/3");
  REQUIRE(shown.accesses.size() == 2);
  CHECK(seqs_of(shown.accesses[1]) == Seqs{3});
  CHECK(shown.accesses[1].at("what").as_string() == "show");

  const auto nothing = desk.get("/v1/messages?party=nobody");
  CHECK(nothing.array().empty());
  REQUIRE(nothing.accesses.size() == 3);
  CHECK(seqs_of(nothing.accesses[2]).empty());
}

TEST_CASE("a reading of alerts names each message once") {
  TestVault vault;
  ingest_with_alert(vault);
  Desk desk(vault);
  const auto answer = desk.get("/v1/alerts?open=1");
  REQUIRE(answer.array().size() == 2);
  CHECK(answer.array()[0].at("words").as_array() == json::Array{"coima"});
  REQUIRE(answer.accesses.size() == 1);
  CHECK(seqs_of(answer.accesses[0]) == Seqs{1});
  CHECK(desk.get("/v1/alerts?limit=1").array().size() == 1);
}

TEST_CASE("health shows no content and leaves no access record") {
  TestVault vault;
  fill(vault);
  Desk desk(vault);
  desk.runtime = [] {
    api::Runtime runtime;
    runtime.lines = {{"+5491150000001", "106540352242922", "Dra. Ana Ejemplo", "litigios"},
                     {"+5491150000003", "", "", ""}};
    runtime.attention = {"first"};
    return runtime;
  };
  const auto answer = desk.get("/v1/status");
  CHECK(answer.status() == 200);
  CHECK(answer.accesses.empty());
  CHECK(answer.response.body.find("uno") == std::string::npos);
  const auto status = answer.object();
  CHECK(status.at("records").as_int64() == 5);
  const auto& lines = status.at("lines").as_array();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].at("state").as_string() == "ok");
  CHECK(lines[1].at("state").as_string() == "silent");
  CHECK(lines[1].at("last").is_null());
  CHECK(lines[2].at("state").as_string() == "not configured");
}

TEST_CASE("filters choose by line, party, time, kind and number") {
  TestVault vault;
  fill(vault);
  Desk desk(vault);
  CHECK(seqs_of(desk.get("/v1/messages")) == Seqs{1, 2, 3});
  CHECK(seqs_of(desk.get("/v1/messages?line=54+9+11+5000-0009")) == Seqs{3});
  CHECK(seqs_of(desk.get("/v1/messages?party=541160000002")) == Seqs{1, 3});
  CHECK(seqs_of(desk.get("/v1/messages?party=AR.123")) == Seqs{2});
  CHECK(seqs_of(desk.get("/v1/messages?since=2026-11-24T13:00:00Z")) == Seqs{2, 3});
  CHECK(seqs_of(desk.get("/v1/messages?until=2026-11-24T13:00:00Z")) == Seqs{1});
  CHECK(seqs_of(desk.get("/v1/messages?since=2026-11-24T10:00:00-03:00")) == Seqs{2, 3});
  CHECK(seqs_of(desk.get("/v1/messages?kind=status")) == Seqs{4});
  CHECK(seqs_of(desk.get("/v1/messages?limit=2")) == Seqs{2, 3});
}

TEST_CASE("the record of a shown message can be checked by its lines alone") {
  TestVault vault;
  fill(vault);
  Desk desk(vault);
  const auto shown = desk.get("/v1/messages/2").object();
  const auto& record = shown.at("record").as_object();
  const std::string header(record.at("header").as_string());
  const std::string signature_line(record.at("signature").as_string());
  REQUIRE(header.ends_with("}\n"));
  const auto signature = must(crypto::Signature::from(must(
      crypto::from_base64(std::string_view(signature_line).substr(0, signature_line.size() - 1)))));
  CHECK(ledger::leaf_hash(header, signature).hex() == record.at("leaf").as_string());
  const auto seed = must(crypto::read_secret_file(vault.directory() / "keys" / "epoch-0.key",
                                                  crypto::SecretMode::owner_only));
  const auto key =
      must(crypto::SigningKey::from_seed(must(crypto::from_hex(as_text(seed.view())))));
  CHECK(key.public_key().verify(as_bytes(header), signature));

  ledger::Salt salt{};
  const auto salt_bytes = must(crypto::from_hex(record.at("salt").as_string()));
  REQUIRE(salt_bytes.size() == salt.size());
  std::copy(salt_bytes.begin(), salt_bytes.end(), salt.begin());
  const auto parsed = must(json::parse(header)).as_object();
  CHECK(ledger::commitment(salt, record.at("body").as_string()).hex() ==
        parsed.at("body").as_string());
  CHECK(parsed.at("seq").as_int64() == 2);
}

TEST_CASE("a message, a status and what is missing have the fields that scripts rely on") {
  TestVault vault;
  fill(vault);
  auto timeless = said("", "sin fecha");
  timeless.sent = 0;
  vault.ingest(delivery_of(timeless));  // 5
  Desk desk(vault);
  const auto in = desk.get("/v1/messages/1").object();
  for (const auto* field : {"seq", "time", "sent", "line", "party", "direction", "type", "text",
                            "id", "source", "state", "edited", "revoked"})
    CHECK(in.contains(field));
  CHECK(in.at("sent").as_string() == "2026-11-24T11:50:00.000000Z");
  CHECK(in.at("state").as_string() == "received");
  CHECK(desk.get("/v1/messages/2").object().at("state").as_string() == "read");
  CHECK(desk.get("/v1/messages/4").object().at("state").as_string() == "read");
  const auto none = desk.get("/v1/messages/5").object();
  CHECK(none.at("sent").is_null());
  CHECK(none.at("id").is_null());
}

TEST_CASE("what is no message is not found, and that is no reading") {
  TestVault vault;
  Desk desk(vault);
  for (const auto* path : {"/v1/messages/0", "/v1/messages/99", "/v1/messages/9007199254740991"}) {
    const auto answer = desk.get(path);
    CHECK(answer.status() == 404);
    CHECK(answer.accesses.empty());
  }
}

TEST_CASE("without the access record nothing is shown") {
  TestVault vault;
  fill(vault);
  ingest_with_alert(vault);
  Desk desk(vault);
  const std::string target = GENERATE("/v1/messages", "/v1/messages/1", "/v1/alerts");
  CAPTURE(target);
  const auto check_refused = [](const Answer& answer) {
    CHECK(answer.status() == 503);
    CHECK(answer.what().find("cannot be recorded") != std::string::npos);
    for (const auto* content : {"uno", "coima", "5491160000002"})
      CHECK(answer.response.body.find(content) == std::string::npos);
    CHECK(answer.accesses.empty());
  };
  SECTION("since the disk is full or broken") {
    const auto answer = [&] {
      const BrokenDisk broken;
      return desk.get(target);
    }();
    check_refused(answer);
    CHECK(desk.get(target).status() == 200);
  }
  SECTION("since the store has more work than it can take") {
    vault.close();
    vault.settings.queue = 0;
    vault.open();
    desk.open();
    check_refused(desk.get(target));
  }
}

TEST_CASE("a checkpoint that cannot be stored is 503, one that can is signed") {
  TestVault vault;
  fill(vault);
  Desk desk(vault);
  {
    const BrokenDisk broken;
    CHECK(desk.ask("POST", "/v1/checkpoint").status() == 503);
  }
  const auto note = desk.ask("POST", "/v1/checkpoint").object().at("checkpoint").as_string();
  const auto checkpoint = must(ledger::parse_checkpoint(note));
  CHECK(checkpoint.origin == "sigilo/" + vault.created.uuid);
  CHECK(checkpoint.size == 5);
}

TEST_CASE("a full queue of work is 503") {
  TestVault vault;
  fill(vault);
  Desk desk(vault);
  desk.busy = true;
  CHECK(desk.get("/v1/messages").status() == 503);
  CHECK(desk.get("/v1/messages").accesses.empty());
  CHECK(desk.get("/nowhere").status() == 404);
}

TEST_CASE("what a library throws is 500 and goes to the log") {
  TestVault vault;
  Desk desk(vault);
  desk.runtime = []() -> api::Runtime { throw std::runtime_error("no memory for this"); };
  CHECK(desk.get("/v1/status").status() == 500);
  CHECK(vault.sink.has("no memory for this"));
  desk.runtime = [] { return api::Runtime(); };
  CHECK(desk.get("/v1/status").status() == 200);
}

TEST_CASE("a payload that is not UTF-8 is shown as text and kept byte for byte") {
  TestVault vault;
  auto delivery = delivery_of(said("w1", "hola"));
  auto& event = delivery.events[0].event;
  delivery.raw[event.offset + 8] = '\xff';
  const std::string slice = delivery.raw.substr(event.offset, event.length);
  delivery.events[0].body = message::make_body(event, delivery.provenance, delivery.raw);
  vault.ingest(delivery);
  Desk desk(vault);
  const auto shown = desk.get("/v1/messages/1").object();
  CHECK(shown.at("payload").as_string().find("\xEF\xBF\xBD") != std::string::npos);
  const auto body =
      must(json::parse(shown.at("record").as_object().at("body").as_string())).as_object();
  CHECK(must(crypto::from_base64(body.at("payload_base64").as_string())) ==
        Bytes(slice.begin(), slice.end()));
}

TEST_CASE("no character of a message reaches whoever reads the answer alive") {
  TestVault vault;
  const std::string nasty = "a\x1b[2Jb\u009b31mc\u202ed\u2028e\u200bf\x7fg";
  vault.ingest(delivery_of(said("w1", nasty)));
  Desk desk(vault);
  for (const auto* target : {"/v1/messages", "/v1/messages/1"}) {
    const auto answer = desk.get(target);
    const auto& body = answer.response.body;
    CHECK(body.find('\x1b') == std::string::npos);
    CHECK(body.find('\x7f') == std::string::npos);
    for (const auto* bad : {"\u009b", "\u202e", "\u2028", "\u200b"})
      CHECK(body.find(bad) == std::string::npos);
    CHECK(std::count(body.begin(), body.end(), '\n') == 1);
  }
  CHECK(desk.get("/v1/messages").array()[0].at("text").as_string() == nasty);
}

TEST_CASE("rows that somebody damaged do not end the daemon") {
  TestVault vault;
  ingest_with_alert(vault);
  vault.close();
  damage(vault.directory(), "UPDATE alert SET team = CAST(X'ff1b5b' AS TEXT);\n");
  vault.open();
  Desk desk(vault);
  const auto answer = desk.get("/v1/alerts");
  REQUIRE(answer.status() == 200);
  CHECK(answer.array()[0].at("team").as_string() == "\uFFFD\x1b[");

  vault.close();
  damage(vault.directory(), "UPDATE record SET signature = X'00' WHERE seq = 1;\n");
  vault.open();
  desk.open();
  CHECK(desk.get("/v1/messages/1").status() == 500);
}

TEST_CASE("verification tells of a sound vault, of a damaged one, and of no other vault") {
  TestVault vault;
  fill(vault);
  Desk desk(vault);
  const auto sound =
      desk.ask("POST", "/v1/verify?depth=full&fingerprint=" + vault.created.fingerprint).object();
  CHECK(sound.at("ok").as_bool());
  CHECK(sound.at("depth").as_string() == "full");
  CHECK(sound.at("problems").as_array().empty());
  CHECK(desk.ask("POST", "/v1/verify?depth=tree&directory=" +
                             net::percent_encode(vault.directory().string() + "/../vault"))
            .status() == 200);
  CHECK(desk.ask("POST",
                 "/v1/verify?directory=" + net::percent_encode(vault.temporary.path().string()))
            .status() == 404);
  CHECK_FALSE(desk.ask("POST", "/v1/verify?fingerprint=" + std::string(64, '0'))
                  .object()
                  .at("ok")
                  .as_bool());
  CHECK_FALSE(sound.contains("since"));
  vault.close();
  damage(vault.directory(),
         "UPDATE record SET body = replace(body, 'uno', 'one') WHERE seq = 1;\n");
  vault.open();
  desk.open();
  const auto answer = desk.ask("POST", "/v1/verify");
  CHECK(answer.status() == 200);
  CHECK_FALSE(answer.object().at("ok").as_bool());
  const auto report = answer.object();
  const auto& problem = report.at("problems").as_array().at(0).as_object();
  CHECK(problem.at("seq").as_int64() == 1);
  CHECK_FALSE(problem.at("problem").as_string().empty());
  CHECK_FALSE(problem.at("meaning").as_string().empty());
  CHECK(answer.accesses.empty());
}
