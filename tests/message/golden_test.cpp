// SPDX-License-Identifier: Apache-2.0
// What is understood of each payload of tests/fixtures, as a text that a person has read and found
// right: tests/fixtures/golden/NAME.txt. After a change that is meant, run
//   SIGILO_WRITE_GOLDENS=1 build/release/bin/test_message "[golden]"
// and read the difference before it is committed. Of the payloads in the shared folder, which may
// not be copied, tests/fixtures/golden-shared/NAME.txt holds kinds, types and ids only.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "message/body.hpp"
#include "message/identities.hpp"
#include "message/line_profile.hpp"
#include "message/media.hpp"
#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view our_account = "102290129340398";

void row(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out += fmt::format("   {:<10} {}\n", name, value);
}

/// The text between bars, so that its line breaks are seen.
void text_rows(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    row(out, "text", fmt::format("|{}|", text.substr(0, end)));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
}

/// One member of details a row; they are canonical JSON, so that nothing can be hidden in them.
void details_rows(std::string& out, const std::string& details) {
  const auto value = json::parse(details);
  REQUIRE(value);
  for (const auto& [key, member] : value->as_object())
    row(out, "details", fmt::format("{} {}", std::string_view(key), json::canonical(member)));
}

void party_row(std::string& out, const Party& party) {
  std::string text;
  for (const auto& [name, value] :
       {std::pair{"number", party.number}, {"user id", party.user_id}, {"name", party.name}}) {
    if (!value.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
  }
  row(out, "party", text.empty() ? "nobody named" : text);
}

std::string described(const Event& event) {
  std::string out = fmt::format("{} {}\n", to_string(event.kind), event.type);
  row(out, "line", event.line.value().empty() ? "none" : event.line.value());
  row(out, "direction", to_string(event.direction));
  row(out, "via", to_string(event.via));
  party_row(out, event.party);
  row(out, "id", event.provider_id);
  if (event.sent != Timestamp()) row(out, "sent", format_rfc3339(event.sent));
  row(out, "reply to", event.reply_to);
  row(out, "about", event.about);
  text_rows(out, event.text);
  details_rows(out, event.details);
  for (const auto& [name, other] : identities_of(event))
    row(out, "one party", fmt::format("{} = {}", name, other));
  if (const auto file = file_of(event))
    row(out, "file",
        fmt::format("{} {} {} {}", file->id, file->mime_type, file->sha256, file->name));
  row(out, "slice", fmt::format("{} bytes at {}", event.length, event.offset));
  return out;
}

std::string described(const Interpretation& understood) {
  std::string out;
  for (const Event& event : understood.events) out += described(event) + "\n";
  for (const ForeignLine& line : understood.foreign_lines)
    out += fmt::format("not monitored: {} of {} (id {})\n", line.things, line.number,
                       line.phone_number_id);
  for (const auto& [offset, length] : understood.foreign)
    out += fmt::format("cut out: {} bytes at {}\n", length, offset);
  return out;
}

/// No words of the payload: what it is, which way it went, and the ids that join it to others.
std::string outline(const Interpretation& understood) {
  std::string out;
  for (const Event& event : understood.events) {
    out += fmt::format("{} {} {} {}", to_string(event.kind), event.type, to_string(event.direction),
                       to_string(event.via));
    if (!event.provider_id.empty()) out += fmt::format(" id {}", event.provider_id);
    if (!event.reply_to.empty()) out += fmt::format(" reply to {}", event.reply_to);
    if (!event.about.empty()) out += fmt::format(" about {}", event.about);
    if (!event.party.number.empty()) out += " number";
    if (!event.party.user_id.empty()) out += " user-id";
    if (!event.party.name.empty()) out += " name";
    if (!event.text.empty()) out += " text";
    out += '\n';
  }
  if (understood.not_monitored > 0)
    out += fmt::format("not monitored: {}\n", understood.not_monitored);
  return out;
}

void check_golden(const fs::path& golden, const std::string& described) {
  if (std::getenv("SIGILO_WRITE_GOLDENS") != nullptr) {
    fs::create_directories(golden.parent_path());
    std::ofstream(golden, std::ios::binary) << described;
  }
  CHECK(read_file(golden) == described);
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

/// What this version cannot read, as the names of the own payloads say.
bool is_beyond_this_version(const std::string& name) {
  return name.find("later") != std::string::npos || name == "messages-interactive-empty";
}

bool is_page_of_lines(const fs::path& payload) {
  return payload.stem().string().ends_with("phone-numbers");
}

Interpretation understand(const fs::path& payload, const std::string& bytes,
                          const LineBook& lines) {
  return is_page_of_lines(payload) ? interpret_phone_numbers(bytes, our_account, lines)
                                   : interpret_meta(bytes, lines);
}

std::vector<fs::path> payloads_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  }
  return paths;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().stem());
  return names;
}

/// The only line that a payload names, as the only configured one.
LineBook line_named_in(const std::string& delivery) {
  const auto root = json::parse(delivery);
  REQUIRE(root);
  const auto* object = root->if_object();
  if (object == nullptr || !object->contains("entry")) {
    return LineBook({{our_line, PhoneNumberId("106540352242922")}});  // a page of lines
  }
  const auto& value = root->at("entry").at(0).at("changes").at(0).at("value").as_object();
  const auto* metadata = json::object_at(value, "metadata");
  const auto* settings = json::object_at(value, "phone_number_settings");
  if (metadata != nullptr || settings != nullptr) {
    const auto id = json::text_at(metadata != nullptr ? *metadata : *settings, "phone_number_id");
    REQUIRE(id);
    return LineBook({{our_line, PhoneNumberId(std::string(*id))}});
  }
  for (const char* key : {"display_phone_number", "phone_number"}) {
    if (const auto number = json::text_at(value, key))
      return LineBook({{E164(fmt::format("+{}", *number)), PhoneNumberId("1")}});
  }
  return LineBook({});
}

bool is_other_api(const std::string& name) {
  return name.starts_with("twilio-") || name == "signatures" ||
         (name.starts_with("graph-") && name != "graph-phone-numbers");
}

}  // namespace

TEST_CASE("of every own payload is understood what its golden text says", "[golden]") {
  const fs::path fixtures = own_fixtures().parent_path();
  std::set<std::string> names;
  for (const char* folder : {"meta", "graph"}) {
    for (const fs::path& payload : payloads_in(fixtures / folder)) {
      if (std::string_view(folder) == "graph" && !is_page_of_lines(payload)) continue;
      const std::string name = payload.stem().string();
      INFO(name);
      CHECK(names.insert(name).second);
      const std::string bytes = read_file(payload);
      const auto understood = understand(payload, bytes, our_lines());
      const auto is_unrecognised = [](const Event& event) {
        return event.kind == RecordKind::unrecognised;
      };
      CHECK(std::ranges::any_of(understood.events, is_unrecognised) ==
            is_beyond_this_version(name));
      check_golden(fixtures / "golden" / (name + ".txt"), described(understood));
      check_round_trips(understood, bytes);
    }
  }
  CHECK(names_in(fixtures / "golden") == names);
}

TEST_CASE("of every shared payload is understood what its golden outline says", "[golden]") {
  if (!fs::exists(shared_fixtures())) SKIP("no shared fixtures beside the sources");
  const fs::path goldens = own_fixtures().parent_path() / "golden-shared";
  for (const fs::path& payload : payloads_in(shared_fixtures())) {
    const std::string name = payload.stem().string();
    if (is_other_api(name)) continue;
    INFO(name);
    const std::string bytes = read_file(payload);
    const auto understood = understand(payload, bytes, line_named_in(bytes));
    check_golden(goldens / (name + ".txt"), outline(understood));
    check_round_trips(understood, bytes);
    for (const Event& event : understand(payload, bytes, LineBook({})).events)
      CHECK(event.line.value().empty());
  }
}

TEST_CASE("answers of other interfaces are no deliveries: kept whole and unrecognised") {
  if (!fs::exists(shared_fixtures())) SKIP("no shared fixtures beside the sources");
  for (const fs::path& payload : payloads_in(shared_fixtures())) {
    if (!is_other_api(payload.stem().string())) continue;
    INFO(payload.stem().string());
    const std::string bytes = read_file(payload);
    const auto understood = interpret_meta(bytes, our_lines());
    CHECK(understood.events.size() + understood.foreign.size() == 1);
    for (const Event& event : understood.events) CHECK(event.type == "no-envelope");
    check_round_trips(understood, bytes);
  }
}

TEST_CASE("one message in escaped and in plain characters is one content") {
  const fs::path raw = own_fixtures().parent_path() / "raw";
  const Event escaped = only_event(read_file(raw / "escaped-unicode.json"));
  const Event plain = only_event(read_file(raw / "utf8.json"));
  CHECK(escaped.kind == RecordKind::message);
  CHECK(escaped.text == plain.text);
  CHECK(escaped.content == plain.content);
}
