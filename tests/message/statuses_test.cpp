// SPDX-License-Identifier: Apache-2.0
// States of sent messages: value.statuses.
#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"
#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

Event status_with(std::string_view members, std::string_view contacts = "[]") {
  const Event event = only_event(change_of_line(
      fmt::format(R"("contacts":{},"statuses":[{{"id":"wamid.A1","timestamp":"1795442400",{}}}])",
                  contacts, members)));
  CHECK(event.direction == Direction::out);
  CHECK(event.line == our_line);
  CHECK(event.provider_id == "wamid.A1");
  CHECK(json::is_canonical(event.details));
  return event;
}

}  // namespace

TEST_CASE("every documented state is recognised, and concerns what went out") {
  for (const char* state :
       {"sent", "delivered", "read", "played", "failed", "deleted", "warning"}) {
    const Event event =
        status_with(fmt::format(R"("status":"{}","recipient_id":"5491155550101")", state));
    CHECK(event.kind == RecordKind::status);
    CHECK(event.type == state);
    CHECK(event.party == Party{"+5491155550101", "", ""});
    CHECK(event.sent == Timestamp::from_seconds(1'795'442'400));
    CHECK(event.text.empty());
    CHECK(event.details == "{}");
  }
}

TEST_CASE("a state keeps conversation, pricing, errors and the sender's own mark") {
  const Event event = status_with(
      R"("status":"failed","recipient_id":"5491155550101","conversation":{"id":"c1","expiration_timestamp":"17",)"
      R"("origin":{"type":"service"}},"pricing":{"billable":true,"pricing_model":"PMP","category":"service",)"
      R"("type":"regular","new":1},"errors":[{"code":131047,"title":"T"}],"biz_opaque_callback_data":"case 7")");
  CHECK(
      event.details ==
      R"({"biz_opaque_callback_data":"case 7","conversation":{"expiration_timestamp":"17","id":"c1",)"
      R"("origin":"service"},"errors":[{"code":"131047","title":"T"}],"pricing":{"billable":"true",)"
      R"("category":"service","pricing_model":"PMP","type":"regular"}})");
}

TEST_CASE("the party of a state may be known by user id alone") {
  const Event event =
      status_with(R"("status":"read","recipient_user_id":"BR.1")",
                  R"([{"user_id":"BR.1","profile":{"name":"Bia"}},{"user_id":"BR.2"}])");
  CHECK(event.kind == RecordKind::status);
  CHECK(event.party == Party{"", "BR.1", "Bia"});
}

TEST_CASE("in a group the party is the participant") {
  const Event event = status_with(
      R"("status":"read","recipient_id":"G1","recipient_type":"group",)"
      R"("recipient_participant_id":"5491155550101","recipient_participant_user_id":"AR.1")");
  CHECK(event.party == Party{"+5491155550101", "AR.1", ""});
  CHECK(event.details == R"({"group_id":"G1"})");
  const Event whole_group =
      status_with(R"("status":"sent","recipient_id":"G1","recipient_type":"group")");
  CHECK(whole_group.party == Party{});
  CHECK(whole_group.details == R"({"group_id":"G1"})");
}

TEST_CASE("a state of a later version is kept unrecognised, with what can be read of it") {
  const Event event = status_with(R"("status":"pondered","recipient_id":"5491155550101")");
  CHECK(event.kind == RecordKind::unrecognised);
  CHECK(event.type == "statuses:pondered");
  CHECK(event.party.number == "+5491155550101");
  CHECK(status_with(R"("recipient_id":"5491155550101")").type == "statuses:other");
  CHECK(status_with(R"("status":{},"recipient_id":"5491155550101")").type == "statuses:other");
  CHECK(status_with(R"("status":"read","recipient_id":5)").type == "statuses:party");
}

TEST_CASE("elements of statuses that are no objects or lack id or time are kept unrecognised") {
  CHECK(only_event(change_of_line(R"("statuses":[null])")).type == "statuses:not-an-object");
  CHECK(only_event(change_of_line(R"("statuses":[{"status":"read"}])")).type == "statuses:id");
  CHECK(only_event(change_of_line(R"("statuses":[{"id":"a","status":"read","timestamp":"soon"}])"))
            .type == "statuses:timestamp");
}
