// SPDX-License-Identifier: Apache-2.0
// A delivery's bytes through interpret_meta, make_body and read_body.
#include "message/interpret.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "json/canonical.hpp"
#include "message/body.hpp"

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

void check_events(const Interpretation& understood, std::string_view delivery) {
  const Provenance provenance{"meta", crypto::sha256(as_bytes(delivery)),
                              Timestamp::from_seconds(1)};
  SIGILO_CHECK(!understood.events.empty() || understood.not_monitored > 0,
               "no delivery says nothing");
  SIGILO_CHECK(understood.not_monitored >= understood.foreign.size(), "each foreign slice counts");
  for (const Event& event : understood.events) {
    SIGILO_CHECK(
        event.provider_id.size() <= max_id_length && event.reply_to.size() <= max_id_length,
        "ids are short");
    SIGILO_CHECK(json::is_canonical(event.details), "details are canonical JSON");
    SIGILO_CHECK(event.line == our_line || event.kind == RecordKind::unrecognised,
                 "messages are ours");
    check_round_trip(event, provenance, delivery);
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
  SIGILO_CHECK(interpret_meta(delivery, ours).events == understood.events,
               "the same delivery says the same");
  for (const Event& event : interpret_meta(delivery, LineBook({})).events) {
    SIGILO_CHECK(event.line.value().empty() && event.kind == RecordKind::unrecognised,
                 "no line is ours");
  }
  (void)read_body(RecordKind::message, delivery);
  return 0;
}
