// SPDX-License-Identifier: Apache-2.0
#include "message/body.hpp"

#include <array>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"
#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

Provenance provenance_of(std::string_view delivery) {
  return {"meta", crypto::sha256(as_bytes(delivery)),
          Timestamp::from_micros(1'795'442'401'123'456)};
}

/// An event with every member set, over the bytes [1, 4) of "«abc»"-like deliveries.
Event full_event() {
  Event event;
  event.kind = RecordKind::message;
  event.line = our_line;
  event.direction = Direction::in;
  event.via = Via::history;
  event.party = {"+5491155550101", "AR.1", "Ana \"A\""};
  event.provider_id = "wamid.1";
  event.sent = Timestamp::from_seconds(1'795'442'400);
  event.type = "text";
  event.text = "uno\ndos";
  event.reply_to = "wamid.0";
  event.about = "wamid.00";
  event.details = R"({"group_id":"G"})";
  event.offset = 1;
  event.length = 3;
  event.content = crypto::sha256(as_bytes("content"));
  return event;
}

void check_corrupt(std::string_view body) {
  INFO(body);
  const auto stored = read_body(RecordKind::message, body);
  REQUIRE_FALSE(stored);
  CHECK(stored.error().code == ErrorCode::corrupt);
}

}  // namespace

TEST_CASE("a body is what docs/evidence-format.md says, byte for byte") {
  // content and delivery: sha256sum of "content" and "<abc>"
  CHECK(
      make_body(full_event(), provenance_of("<abc>"), "<abc>") ==
      R"({"about":"wamid.00","content":"ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",)"
      R"("delivery":{"length":3,"offset":1,"sha256":"dec28f3964c032f29b2d6541c545c23a61497460cf3581b3c2c0d13b3b7eff73"},)"
      R"("details":{"group_id":"G"},"direction":"in","line":"+5491150000001",)"
      R"("party":{"name":"Ana \"A\"","number":"+5491155550101","user_id":"AR.1"},"payload":"abc",)"
      R"("provider_id":"wamid.1","received":"2026-11-23T14:00:01.123456Z","reply_to":"wamid.0",)"
      R"("sent":"2026-11-23T14:00:00.000000Z","source":"meta","text":"uno\ndos","type":"text","v":1,"via":"history"})");
}

TEST_CASE("what an event does not say is left out of its body") {
  Event event;
  event.type = "not-json";
  const std::string body = make_body(event, {"meta", {}, {}}, "");
  const std::string zeros(64, '0');
  CHECK(
      body ==
      R"({"content":")" + zeros + R"(","delivery":{"length":0,"offset":0,"sha256":")" + zeros +
          R"("},"direction":"in","party":{},"payload":"","received":"1970-01-01T00:00:00.000000Z",)"
          R"("source":"meta","type":"not-json","v":1})");
  const auto stored = read_body(RecordKind::unrecognised, body);
  REQUIRE(stored);
  CHECK(stored->event == event);
}

TEST_CASE("reading a body gives back event, provenance and payload") {
  const Provenance provenance = provenance_of("<abc>");
  for (const RecordKind kind : {RecordKind::message, RecordKind::edit, RecordKind::revoke,
                                RecordKind::status, RecordKind::line, RecordKind::unrecognised}) {
    REQUIRE(holds_event(kind));
    Event event = full_event();
    event.kind = kind;
    const auto stored = read_body(kind, make_body(event, provenance, "<abc>"));
    REQUIRE(stored);
    CHECK(stored->event == event);
    CHECK(stored->provenance.source == provenance.source);
    CHECK(stored->provenance.delivery == provenance.delivery);
    CHECK(stored->provenance.received == provenance.received);
    CHECK(stored->payload == "abc");
  }
}

TEST_CASE("hostile strings in every member give canonical bodies that read back") {
  std::mt19937 random(7493);  // NOLINT: the same strings in each run
  const std::vector<std::string> pieces{"\"",       "\\",       "/",      std::string(1, '\0'),
                                        "\x01",     "\x1f",     "\x7f",   "\n",
                                        "\r",       "\xc2\x80", "\u2028", "\u202e",
                                        "\uffff",   "😀",        "{",      "}",
                                        ",\"v\":2", "\\u0000"};
  const auto hostile = [&] {
    std::string text;
    for (std::size_t i = 0; i < random() % 12; ++i) text += pieces[random() % pieces.size()];
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string delivery = "<" + hostile() + hostile() + ">";
    Event event = full_event();
    event.line = E164(hostile());
    event.party = {hostile(), hostile(), hostile()};
    event.provider_id = hostile();
    event.type = hostile();
    event.text = hostile();
    event.reply_to = hostile();
    event.about = hostile();
    event.via = std::array{Via::api, Via::app, Via::history}.at(random() % 3);
    event.details =
        json::canonical(json::Value{{"a", hostile()}, {hostile() + "k", {hostile(), hostile()}}});
    event.offset = 1;
    event.length = delivery.size() - 2;
    const Provenance provenance{hostile(), crypto::sha256(as_bytes(delivery)),
                                Timestamp::from_micros(round)};
    const std::string body = make_body(event, provenance, delivery);
    REQUIRE(json::is_canonical(body));
    const auto stored = read_body(RecordKind::message, body);
    REQUIRE(stored);
    REQUIRE(stored->event == event);
    REQUIRE(stored->provenance.source == provenance.source);
    REQUIRE(stored->payload == delivery.substr(1, delivery.size() - 2));
  }
}

TEST_CASE("a slice that is not UTF-8 stands in base64") {
  const std::string delivery("<\xff\0a>", 5);
  Event event = full_event();
  event.length = 2;
  const std::string body = make_body(event, provenance_of(delivery), delivery);
  CHECK(json::is_canonical(body));
  CHECK(body.find(R"("payload_base64":")") != std::string::npos);
  CHECK(body.find(R"("payload":)") == std::string::npos);
  const auto stored = read_body(RecordKind::message, body);
  REQUIRE(stored);
  CHECK(stored->payload == delivery.substr(1, 2));
}

TEST_CASE("a body with any one byte changed is refused or says something else") {
  const std::string body = make_body(full_event(), provenance_of("<abc>"), "<abc>");
  const auto original = read_body(RecordKind::message, body);
  REQUIRE(original);
  for (std::size_t i = 0; i < body.size(); ++i) {
    for (const char flip : {'\x01', '\x20', '\x80'}) {
      std::string damaged = body;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      const auto stored = read_body(RecordKind::message, damaged);
      if (!stored) continue;
      const bool same = stored->event == original->event && stored->payload == original->payload &&
                        stored->provenance.source == original->provenance.source &&
                        stored->provenance.delivery == original->provenance.delivery &&
                        stored->provenance.received == original->provenance.received;
      CHECK_FALSE(same);
    }
  }
}

TEST_CASE("a truncated body is corrupt at every length") {
  const std::string body = make_body(full_event(), provenance_of("<abc>"), "<abc>");
  for (std::size_t length = 0; length < body.size(); ++length)
    check_corrupt(std::string_view(body).substr(0, length));
}

TEST_CASE("bodies that make_body cannot have written are corrupt") {
  const std::string body = make_body(full_event(), provenance_of("<abc>"), "<abc>");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = body;
    const auto at = changed.find(from);
    REQUIRE(at != std::string::npos);
    return changed.replace(at, from.size(), to);
  };
  check_corrupt(with(R"("via":"history"})", R"("via":"history","w":"added"})"));
  check_corrupt(with(R"("via":"history"})", R"("via":"phone"})"));
  check_corrupt(with(R"("via":"history"})", R"("via":"api"})"));
  check_corrupt(with(R"("via":"history"})", R"("via":1})"));
  check_corrupt(with(R"({"about":"wamid.00")", R"({"about":"")"));
  check_corrupt(with(R"({"about")", R"({ "about")"));
  check_corrupt(with(R"("text":"uno\ndos",)", R"("text":"",)"));
  check_corrupt(with(R"("direction":"in")", R"("direction":"up")"));
  check_corrupt(with(R"("direction":"in",)", ""));
  check_corrupt(with(R"("length":3)", R"("length":4)"));
  check_corrupt(with(R"("offset":1)", R"("offset":-1)"));
  check_corrupt(with(R"("offset":1)", R"("offset":1.5)"));
  check_corrupt(with(R"("payload":"abc",)", ""));
  check_corrupt(with(R"("payload":"abc")", R"("payload_base64":"")"));
  check_corrupt(with(R"("payload":"abc")", R"("payload_base64":"YWJj")"));
  check_corrupt(with(R"("payload":"abc")", R"("payload_base64":"/w==x")"));
  check_corrupt(
      with(R"("sent":"2026-11-23T14:00:00.000000Z")", R"("sent":"2026-11-23T14:00:00Z")"));
  check_corrupt(
      with(R"("sent":"2026-11-23T14:00:00.000000Z")", R"("sent":"2026-11-31T14:00:00.000000Z")"));
  check_corrupt(with(R"("content":"ed)", R"("content":"ED)"));
  check_corrupt(with(R"("content":"ed)", R"("content":")"));
  check_corrupt(with(R"("details":{"group_id":"G"})", R"("details":{"n":1.0})"));
  check_corrupt(with(R"("details":{"group_id":"G"})", R"("details":{})"));
  check_corrupt(with(R"("v":1)", R"("v":0)"));
  for (const char* other : {"", "null", "[]", "{}", "\"v\"", R"({"v":1})"}) check_corrupt(other);
}

TEST_CASE("a body of a later format says so") {
  std::string body = make_body(full_event(), provenance_of("<abc>"), "<abc>");
  body.replace(body.find(R"("v":1)"), 5, R"("v":2)");
  const auto stored = read_body(RecordKind::message, body);
  REQUIRE_FALSE(stored);
  CHECK(stored.error().code == ErrorCode::newer_version);
}

TEST_CASE("records of other kinds hold no event") {
  const std::string body = make_body(full_event(), provenance_of("<abc>"), "<abc>");
  CHECK_FALSE(read_body(RecordKind::alert, body));
  CHECK_FALSE(read_body(RecordKind::genesis, body));
}
