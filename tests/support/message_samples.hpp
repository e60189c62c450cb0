// SPDX-License-Identifier: Apache-2.0
// Deliveries for tests: the files of tests/fixtures/meta, those of the shared folder, and small
// ones made here.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "message/interpret.hpp"

namespace sigilo::test {

inline const E164 our_line{"+5491150000001"};
inline constexpr std::string_view our_line_id = "106540352242922";

inline message::LineBook our_lines() {
  return message::LineBook({{our_line, PhoneNumberId(std::string(our_line_id))}});
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::filesystem::path own_fixtures() {
  return std::filesystem::path(SIGILO_SOURCE_DIR) / "tests/fixtures/meta";
}

inline std::string fixture(std::string_view name) {
  return read_file(own_fixtures() / fmt::format("{}.json", name));
}

/// Where the payloads stand that may not be copied into the repository; may not exist.
inline std::filesystem::path shared_fixtures() {
  const char* set = std::getenv("SIGILO_SHARED");
  const std::filesystem::path root = set != nullptr
                                         ? std::filesystem::path(set)
                                         : std::filesystem::path(SIGILO_SOURCE_DIR) / "../shared";
  return root / "fixtures/business-api";
}

/// A delivery with one change of our line: `members` are those of its value beside the metadata, as
/// JSON text.
inline std::string change_of_line(std::string_view members, std::string_view field = "messages") {
  return fmt::format(
      R"({{"object":"whatsapp_business_account","entry":[{{"id":"102290129340398","changes":[{{"value":{{)"
      R"("messaging_product":"whatsapp","metadata":{{"display_phone_number":"5491150000001",)"
      R"("phone_number_id":"106540352242922"}},{}}},"field":"{}"}}]}}]}})",
      members, field);
}

/// A delivery with one message, whose JSON text is `message`.
inline std::string delivery_of(std::string_view message) {
  return change_of_line(fmt::format(R"("messages":[{}])", message));
}

/// A text message's JSON; `body` is JSON text without the quotes.
inline std::string text_message(std::string_view body, std::string_view id = "wamid.A1") {
  return fmt::format(
      R"({{"from":"5491155550101","id":"{}","timestamp":"1795442400","text":{{"body":"{}"}},"type":"text"}})",
      id, body);
}

/// The only event of a delivery; another number of them gives one of type "test: N events".
inline message::Event only_event(std::string_view body) {
  auto understood = message::interpret_meta(body, our_lines());
  if (understood.events.size() == 1) return understood.events.front();
  message::Event none;
  none.type = fmt::format("test: {} events", understood.events.size());
  return none;
}

}  // namespace sigilo::test
