// SPDX-License-Identifier: Apache-2.0
// The provider may put the same things into one delivery or many, in any order and more than once:
// what is understood is the same set.
#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

/// Something that a delivery can say, and where in its envelope it stands.
struct Thing {
  std::string field;
  std::string member;  ///< the array of the value that has it as an element; "": it is the value
  std::string json;
  std::string time;  ///< of the entry, "" for none
};

std::vector<Thing> all_things() {
  std::vector<Thing> things;
  for (int i = 0; i < 6; ++i) {
    things.push_back(
        {"messages", "messages", text_message("Hola", fmt::format("wamid.{}", i)), ""});
    things.push_back(
        {"messages", "statuses",
         fmt::format(
             R"({{"id":"wamid.S{}","status":"{}","timestamp":"9","recipient_id":"5491155550101"}})",
             i / 2, i % 2 == 0 ? "sent" : "read"),
         ""});
    things.push_back(
        {"smb_message_echoes", "message_echoes",
         fmt::format(
             R"({{"from":"5491150000001","to":"5491155550101","id":"wamid.E{}","timestamp":"7","type":"revoke",)"
             R"("revoke":{{"original_message_id":"wamid.{}"}}}})",
             i, i),
         ""});
    things.push_back(
        {"history", "history",
         fmt::format(
             R"({{"metadata":{{"phase":1,"chunk_order":{},"progress":50}},"threads":[{{"id":"5491155550101",)"
             R"("messages":[{}]}}]}})",
             i, text_message("Antes", fmt::format("wamid.H{}", i))),
         ""});
    things.push_back(
        {"smb_app_state_sync", "state_sync",
         fmt::format(
             R"({{"type":"contact","action":"add","contact":{{"phone_number":"549115555010{}"}}}})",
             i),
         ""});
    things.push_back({"account_update", "", R"({"event":"ACCOUNT_VIOLATION"})",
                      fmt::format("179544240{}", i / 2)});
    things.push_back(
        {"user_preferences", "user_preferences",
         fmt::format(R"({{"wa_id":"5491155550101","value":"stop","timestamp":{}}})", i), ""});
  }
  // One id with two contents, a whole repeat, what is not understood, and a line's errors.
  things.push_back({"messages", "messages", text_message("Otra cosa", "wamid.0"), ""});
  things.push_back({"messages", "messages", text_message("Hola", "wamid.1"), ""});
  things.push_back({"messages", "messages", R"({"id":"wamid.N","type":"later"})", ""});
  things.push_back({"messages", "errors", R"({"code":131000,"title":"Something went wrong"})", ""});
  things.push_back({"a_field_of_a_later_version", "", R"({"a":1})", "1795442400"});
  return things;
}

using Understood = std::set<std::pair<RecordKind, crypto::Digest>>;

void add_understood(Understood& to, const std::string& delivery) {
  for (const Event& event : interpret_meta(delivery, our_lines()).events)
    to.emplace(event.kind, event.content);
}

/// One change of the value's parts, or of the whole value.
std::string change_of(std::span<const Thing> things) {
  if (things.front().member.empty()) {
    return fmt::format(R"({{"field":"{}","value":{}}})", things.front().field, things.front().json);
  }
  std::map<std::string, std::string> members;
  for (const Thing& thing : things) {
    std::string& array = members[thing.member];
    array += (array.empty() ? "" : ",") + thing.json;
  }
  std::string value = R"("metadata":{"phone_number_id":"106540352242922"})";
  for (const auto& [member, array] : members) value += fmt::format(R"(,"{}":[{}])", member, array);
  return fmt::format(R"({{"value":{{{}}},"field":"{}"}})", value, things.front().field);
}

std::string entry_of(std::string_view time, const std::string& changes) {
  const std::string member = time.empty() ? "" : fmt::format(R"("time":{},)", time);
  return fmt::format(R"({{"id":"102290129340398",{}"changes":[{}]}})", member, changes);
}

class Batches {
 public:
  explicit Batches(std::uint32_t seed) : random_(seed) {}

  /// Each thing once or more, in deliveries, entries and changes of any size and order.
  std::vector<std::string> deliveries_of(std::vector<Thing> things) {
    for (std::size_t i = 0, n = things.size(); i < n; ++i) {
      if (chance(5)) things.push_back(things[i]);
    }
    std::shuffle(things.begin(), things.end(), random_);
    std::vector<std::string> deliveries;
    for (std::size_t begin = 0, end = 0; begin < things.size(); begin = end) {
      end = std::min(things.size(), begin + 1 + random_() % 30);
      deliveries.push_back(delivery({things.data() + begin, end - begin}));
    }
    return deliveries;
  }

 private:
  bool chance(std::uint32_t of) { return random_() % of == 0; }

  std::string delivery(std::span<Thing> things) {
    if (chance(2)) {
      std::ranges::stable_sort(things, {},
                               [](const Thing& t) { return std::pair(t.time, t.field); });
    }
    std::string entries;
    std::string changes;
    for (std::size_t begin = 0, end = 0; begin < things.size(); begin = end) {
      const Thing& first = things[begin];
      end = begin + 1;
      while (end < things.size() && !first.member.empty() && things[end].field == first.field &&
             things[end].time == first.time && !chance(4)) {
        ++end;
      }
      changes += (changes.empty() ? "" : ",") + change_of(things.subspan(begin, end - begin));
      if (end == things.size() || things[end].time != first.time || chance(3)) {
        entries += (entries.empty() ? "" : ",") + entry_of(first.time, changes);
        changes.clear();
      }
    }
    return fmt::format(R"({{"object":"whatsapp_business_account","entry":[{}]}})", entries);
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("the same things in any batches, order and repetition say the same") {
  const auto things = all_things();
  Understood alone;
  for (const Thing& thing : things) {
    add_understood(alone, fmt::format(R"({{"entry":[{}]}})",
                                      entry_of(thing.time, change_of(std::span(&thing, 1)))));
  }
  // Each its own but the repeat; account events at three times; a chunk's progress and its message.
  CHECK(alone.size() == 6 * 7 + 5 - 1 - 3 + 6);
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    INFO(seed);
    Understood batched;
    for (const std::string& delivery : Batches(seed).deliveries_of(things))
      add_understood(batched, delivery);
    CHECK(batched == alone);
  }
}

TEST_CASE(
    "a message told in its own field, as an echo and in a history is one content in a batch") {
  constexpr std::string_view said =
      R"("id":"wamid.1","timestamp":"1","type":"text","text":{"body":"Hola"})";
  const std::string sent =
      fmt::format(R"({{"from":"5491150000001","to":"5491155550101",{}}})", said);
  const std::vector<Thing> ways{
      {"messages", "messages", fmt::format("{{{}}}", said), ""},
      {"smb_message_echoes", "message_echoes", sent, ""},
      {"history", "messages", sent, ""},
      {"history", "history",
       fmt::format(R"({{"threads":[{{"id":"5491155550101","messages":[{}]}}]}})", sent), ""}};
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    Understood understood;
    for (const std::string& delivery : Batches(seed).deliveries_of(ways))
      add_understood(understood, delivery);
    CHECK(understood.size() == 1);
  }
}
