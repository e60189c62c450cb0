// SPDX-License-Identifier: Apache-2.0
// A delivery's bytes through interpret_meta and interpret_phone_numbers, and each event through all
// that reads it: make_body and read_body, identities_of, file_of.
#include "message/interpret.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "json/canonical.hpp"
#include "message/body.hpp"
#include "message/identities.hpp"
#include "message/line_profile.hpp"
#include "message/media.hpp"

namespace {

using namespace sigilo;
using namespace sigilo::message;

const E164 our_line{"+5491150000001"};

void check_round_trip(const Event& event, const Provenance& provenance, std::string_view delivery) {
  const std::string body = make_body(event, provenance, delivery);
  SIGILO_CHECK(json::is_canonical(body), "a body is canonical JSON");
  const auto stored = read_body(event.kind, body);
  SIGILO_CHECK(stored && stored->event == event, "an event survives its body");
  SIGILO_CHECK(stored->payload == delivery.substr(event.offset, event.length),
               "so does its payload");
}

bool overlap(const Event& event, const std::pair<std::size_t, std::size_t>& slice) {
  return event.offset < slice.first + slice.second && slice.first < event.offset + event.length;
}

void check_readers(const Event& event) {
  for (const auto& [name, other] : identities_of(event))
    SIGILO_CHECK(!name.empty() && !other.empty() && name != other, "two names of one party");
  const auto file = file_of(event);
  SIGILO_CHECK(!file || !file->id.empty(), "a file has an id");
}

void check_event(const Event& event, const Provenance& provenance, std::string_view delivery) {
  SIGILO_CHECK(event.provider_id.size() <= max_id_length &&
                   event.reply_to.size() <= max_id_length && event.about.size() <= max_id_length,
               "ids are short");
  SIGILO_CHECK(json::is_canonical(event.details), "details are canonical JSON");
  const bool of_account = event.kind == RecordKind::unrecognised || event.kind == RecordKind::line;
  SIGILO_CHECK(event.line == our_line || (of_account && event.line.value().empty()),
               "messages are ours");
  const bool later = event.kind == RecordKind::edit || event.kind == RecordKind::revoke;
  SIGILO_CHECK(!later || !event.about.empty(), "edits and revocations name a message");
  check_readers(event);
  check_round_trip(event, provenance, delivery);
}

void check_foreign(const Interpretation& understood) {
  SIGILO_CHECK(understood.not_monitored >= understood.foreign.size(), "each foreign slice counts");
  SIGILO_CHECK(understood.foreign_lines.size() <= max_foreign_lines + 1, "few lines are named");
  std::size_t things = 0;
  for (const ForeignLine& line : understood.foreign_lines) {
    things += line.things;
    SIGILO_CHECK(line.number.size() <= max_id_length, "their names are short");
  }
  SIGILO_CHECK(things == understood.not_monitored, "each thing counts for one line");
}

void check_events(const Interpretation& understood, std::string_view delivery) {
  const Provenance provenance{"meta", crypto::sha256(as_bytes(delivery)),
                              Timestamp::from_seconds(1)};
  check_foreign(understood);
  for (const Event& event : understood.events) {
    check_event(event, provenance, delivery);
    if (understood.foreign.size() > 100) continue;  // the comparison is quadratic
    for (const auto& slice : understood.foreign)
      SIGILO_CHECK(!overlap(event, slice), "nothing foreign is kept");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view delivery = as_text({data, size});
  const LineBook ours({{our_line, PhoneNumberId("106540352242922")}});
  const Interpretation understood = interpret_meta(delivery, ours);
  check_events(understood, delivery);
  check_events(interpret_phone_numbers(delivery, "102290129340398", ours), delivery);
  SIGILO_CHECK(!understood.events.empty() || understood.not_monitored > 0,
               "no delivery says nothing");
  SIGILO_CHECK(interpret_meta(delivery, ours).events == understood.events,
               "the same delivery says the same");
  for (const Event& event : interpret_meta(delivery, LineBook({})).events) {
    SIGILO_CHECK(event.line.value().empty(), "no line is ours");
  }
  (void)read_body(RecordKind::message, delivery);
  return 0;
}
