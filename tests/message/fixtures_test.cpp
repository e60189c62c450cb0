// SPDX-License-Identifier: Apache-2.0
// Whole payloads: every file of tests/fixtures/meta and of the shared folder gives what its table
// says.
#include <map>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "message/body.hpp"
#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

using Types = std::vector<std::string>;

/// "message text", "status read", "unrecognised calls" … of each event.
Types types_of(const Interpretation& understood) {
  Types types;
  for (const Event& event : understood.events)
    types.push_back(fmt::format("{} {}", to_string(event.kind), event.type));
  return types;
}

void check_round_trips(const Interpretation& understood, const std::string& delivery) {
  const Provenance provenance{"meta", crypto::sha256(as_bytes(delivery)),
                              Timestamp::from_seconds(1'795'442'500)};
  for (const Event& event : understood.events) {
    const std::string body = make_body(event, provenance, delivery);
    CHECK(json::is_canonical(body));
    CHECK(json::is_canonical(event.details));
    const auto stored = read_body(event.kind, body);
    REQUIRE(stored);
    CHECK(stored->event == event);
    CHECK(stored->payload == delivery.substr(event.offset, event.length));
  }
}

const std::map<std::string, Types> own_types{
    {"account-update-partner-removed", {"unrecognised account_update"}},
    {"account-update-violation", {"unrecognised account_update"}},
    {"foreign-line", {}},
    {"history-chunk", {"unrecognised history"}},
    {"messages-audio", {"message audio"}},
    {"messages-batch", {"message text", "message text", "message reaction", "status read"}},
    {"messages-button", {"message button"}},
    {"messages-contacts", {"message contacts"}},
    {"messages-contacts-shared", {"message contacts"}},
    {"messages-document", {"message document"}},
    {"messages-edit", {"unrecognised messages:edit"}},
    {"messages-group-text", {"message text"}},
    {"messages-image", {"message image"}},
    {"messages-interactive-button-reply", {"message interactive"}},
    {"messages-interactive-empty",
     {"unrecognised messages:interactive", "unrecognised messages:errors"}},
    {"messages-interactive-list-reply", {"message interactive"}},
    {"messages-interactive-nfm-reply", {"message interactive"}},
    {"messages-location", {"message location"}},
    {"messages-location-untyped", {"message location"}},
    {"messages-order", {"message order"}},
    {"messages-reaction", {"message reaction"}},
    {"messages-reaction-removed", {"message reaction"}},
    {"messages-revoke", {"unrecognised messages:revoke"}},
    {"messages-sticker", {"message sticker"}},
    {"messages-system-user-changed-number", {"message system"}},
    {"messages-system-user-changed-user-id", {"message system"}},
    {"messages-text", {"message text"}},
    {"messages-text-coima", {"message text"}},
    {"messages-text-en", {"message text"}},
    {"messages-text-escaped", {"message text"}},
    {"messages-text-forwarded", {"message text"}},
    {"messages-text-pt", {"message text"}},
    {"messages-text-referral", {"message text"}},
    {"messages-text-reply", {"message text"}},
    {"messages-text-threat", {"message text"}},
    {"messages-text-user-id-only", {"message text"}},
    {"messages-unavailable", {"message unsupported"}},
    {"messages-unavailable-redelivered", {"message text"}},
    {"messages-unsupported", {"message unsupported"}},
    {"messages-value-errors", {"unrecognised messages:errors"}},
    {"messages-video", {"message video"}},
    {"mixed-lines", {"message text"}},
    {"phone-number-quality-update", {"unrecognised phone_number_quality_update"}},
    {"smb-message-echoes-text", {"unrecognised smb_message_echoes"}},
    {"statuses-delivered", {"status delivered"}},
    {"statuses-failed", {"status failed"}},
    {"statuses-group-read", {"status read"}},
    {"statuses-played", {"status played"}},
    {"statuses-read", {"status read"}},
    {"statuses-sent", {"status sent"}},
};

/// The type of a shared payload by the longest of these beginnings of its name.
const std::map<std::string, Types> shared_types{
    {"messages-audio", {"message audio"}},
    {"messages-batch-text-and-reaction", {"message text", "message reaction"}},
    {"messages-button", {"message button"}},
    {"messages-contact", {"message contacts"}},
    {"messages-dashboard-test-button", {"message text"}},
    {"messages-document", {"message document"}},
    {"messages-edit", {"unrecognised messages:edit"}},
    {"messages-group-text", {"message text"}},
    {"messages-image", {"message image"}},
    {"messages-interactive", {"message interactive"}},
    {"messages-interactive-empty-with-value-errors",
     {"unrecognised messages:interactive", "unrecognised messages:errors"}},
    {"messages-location", {"message location"}},
    {"messages-order", {"message order"}},
    {"messages-reaction", {"message reaction"}},
    {"messages-revoke", {"unrecognised messages:revoke"}},
    {"messages-sticker", {"message sticker"}},
    {"messages-system", {"message system"}},
    {"messages-text", {"message text"}},
    {"messages-unsupported", {"message unsupported"}},
    {"messages-unsupported-unavailable-131060-redelivered", {"message text"}},
    {"messages-value-errors", {"unrecognised messages:errors"}},
    {"messages-video", {"message video"}},
    {"statuses-delivered", {"status delivered"}},
    {"statuses-failed", {"status failed"}},
    {"statuses-group-read", {"status read"}},
    {"statuses-played", {"status played"}},
    {"statuses-read", {"status read"}},
    {"statuses-sent", {"status sent"}},
};

const Types* longest_beginning(const std::string& name) {
  const Types* found = nullptr;  // the map is sorted: a longer beginning comes after a shorter one
  for (const auto& [beginning, types] : shared_types) {
    if (name.starts_with(beginning)) found = &types;
  }
  return found;
}

/// The line that a payload names, as the only configured one.
LineBook line_of(const std::string& delivery) {
  const auto root = json::parse(delivery);
  REQUIRE(root);
  const auto& metadata = root->at("entry").at(0).at("changes").at(0).at("value").at("metadata");
  const auto id = json::text_at(metadata.as_object(), "phone_number_id");
  REQUIRE(id);
  return LineBook({{our_line, PhoneNumberId(std::string(*id))}});
}

}  // namespace

TEST_CASE("every payload of tests/fixtures/meta gives what is expected of it") {
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(own_fixtures())) {
    const std::string name = file.path().stem().string();
    INFO(name);
    const auto expected = own_types.find(name);
    REQUIRE(expected != own_types.end());
    const std::string delivery = read_file(file.path());
    const auto understood = interpret_meta(delivery, our_lines());
    CHECK(types_of(understood) == expected->second);
    check_round_trips(understood, delivery);
    ++seen;
  }
  CHECK(seen == own_types.size());
}

TEST_CASE("own payloads give the parties, texts and details that were written into them") {
  const Event text = only_event(fixture("messages-text-coima"));
  CHECK(text.party == Party{"+5491155550101", "", "María Cliente"});
  CHECK(text.text ==
        "Me dijeron que con una coima al juez esto sale el viernes. ¿Cuánto dinero hay que poner?");
  CHECK(only_event(fixture("messages-text-threat")).party.number == "+525555550104");
  CHECK(only_event(fixture("messages-text-escaped")).text ==
        "¿Cuánto? https://estudio.example/a@b 📎 — José");
  CHECK(only_event(fixture("messages-document")).text ==
        "Acá va el contrato firmado\ncontrato_alquiler_firmado.pdf");
  CHECK(only_event(fixture("messages-location")).text ==
        "Café Ejemplo\nAvenida Ejemplo 123, Buenos Aires");
  CHECK(only_event(fixture("messages-interactive-nfm-reply")).text ==
        "Sent\n2026-0117\nPlease call me before Friday\nlease\ndeposit");
  CHECK(only_event(fixture("messages-text-reply")).reply_to ==
        only_event(fixture("messages-text")).provider_id);
  CHECK(only_event(fixture("account-update-partner-removed")).line == our_line);
  CHECK(only_event(fixture("account-update-violation")).line.value().empty());
  CHECK(only_event(fixture("phone-number-quality-update")).line == our_line);
}

TEST_CASE("shared payloads of messages and states give what is expected of them") {
  if (!std::filesystem::exists(shared_fixtures())) SKIP("no shared fixtures beside the sources");
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(shared_fixtures())) {
    const std::string name = file.path().stem().string();
    if (!name.starts_with("messages-") && !name.starts_with("statuses-")) continue;
    INFO(name);
    const Types* expected = longest_beginning(name);
    REQUIRE(expected != nullptr);
    const std::string delivery = read_file(file.path());
    const auto understood = interpret_meta(delivery, line_of(delivery));
    CHECK(types_of(understood) == *expected);
    CHECK(understood.not_monitored == 0);
    for (const Event& event : understood.events) CHECK(event.line == our_line);
    check_round_trips(understood, delivery);
    const auto foreign = interpret_meta(delivery, LineBook({}));
    CHECK(foreign.events.empty());
    CHECK(foreign.not_monitored == expected->size());
    ++seen;
  }
  CHECK(seen > 40);
}

TEST_CASE("every other shared payload is kept unrecognised or refused as foreign") {
  if (!std::filesystem::exists(shared_fixtures())) SKIP("no shared fixtures beside the sources");
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(shared_fixtures())) {
    const std::string name = file.path().stem().string();
    if (file.path().extension() != ".json" || name.starts_with("messages-") ||
        name.starts_with("statuses-") || name.starts_with("raw-")) {
      continue;
    }
    INFO(name);
    const std::string delivery = read_file(file.path());
    const auto understood = interpret_meta(
        delivery, LineBook({{E164("+15550783881"), PhoneNumberId("106540352242922")}}));
    CHECK(understood.events.size() + understood.foreign.size() == 1);
    for (const Event& event : understood.events) CHECK(event.kind == RecordKind::unrecognised);
    check_round_trips(understood, delivery);
    ++seen;
  }
  CHECK(seen > 30);
}

TEST_CASE("shared payloads keep what a sender without number, a group and a shared contact say") {
  if (!std::filesystem::exists(shared_fixtures())) SKIP("no shared fixtures beside the sources");
  const auto event_of = [](std::string_view name) {
    const std::string delivery = read_file(shared_fixtures() / fmt::format("{}.json", name));
    return interpret_meta(delivery, line_of(delivery)).events.at(0);
  };
  CHECK(event_of("messages-text-user-id-only").party ==
        Party{"", "BR.13491208655302741918", "Cliente Ejemplo"});
  CHECK(event_of("messages-text-user-id").party.user_id == "US.13491208655302741918");
  CHECK(event_of("messages-group-text").details.find(R"("group_id":"Y2Fw)") != std::string::npos);
  CHECK(event_of("statuses-group-read").party.number == "+972987654321");
  CHECK(event_of("messages-contacts-several").text ==
        "Chandler Bing\n+1 555-555-5555\nMonica\n+1 666-666-6666\nRachel Green\n+1 777-777-7777");
  CHECK(event_of("messages-system-user-changed-user-id").party.user_id ==
        "BR.13491208655302741918");
  CHECK(event_of("raw-escaped-unicode").text == event_of("raw-utf8").text);
  CHECK(event_of("raw-escaped-unicode").content == event_of("raw-utf8").content);
}
