// SPDX-License-Identifier: Apache-2.0
// Deliveries of many things. Each test's size is such that work for each pair of things, or reading
// the body again for each, would be more than 10^10 bytes and run into the test's time limit.
#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "support/message_samples.hpp"

using namespace sigilo;
using namespace sigilo::message;
using namespace sigilo::test;

namespace {

constexpr int count = 20'000;

std::string list_of(int elements, const auto& element) {
  std::string list;
  for (int i = 0; i < elements; ++i) list += (i == 0 ? "" : ",") + element(i);
  return list;
}

std::string thread_of(std::string_view messages) {
  return fmt::format(R"({{"id":"5491155550101","messages":[{}]}})", messages);
}

std::string numbered_message(int i) {
  return text_message("Hola", fmt::format("wamid.{}", i));
}

/// Each message once, and their slices apart from each other: no byte belongs to two.
void check_messages(const std::string& body) {
  const auto understood = interpret_meta(body, our_lines());
  std::set<std::string> ids;
  std::size_t end = 0;
  for (const Event& event : understood.events) {
    if (event.kind != RecordKind::message) continue;
    CHECK(event.offset >= end);
    end = event.offset + event.length;
    ids.insert(event.provider_id);
  }
  CHECK(end <= body.size());
  CHECK(ids.size() == count);
}

}  // namespace

TEST_CASE("a history of thousands of messages in one thread is taken apart") {
  check_messages(
      change_of_line(fmt::format(R"("history":[{{"metadata":{{"phase":1}},"threads":[{}]}}])",
                                 thread_of(list_of(count, numbered_message))),
                     "history"));
}

TEST_CASE("a history of thousands of threads, or of chunks, is taken apart") {
  const auto thread = [](int i) { return thread_of(numbered_message(i)); };
  check_messages(change_of_line(
      fmt::format(R"("history":[{{"threads":[{}]}}])", list_of(count, thread)), "history"));
  const auto chunk = [&](int i) {
    return fmt::format(R"({{"metadata":{{"chunk_order":{}}},"threads":[{}]}})", i, thread(i));
  };
  check_messages(
      change_of_line(fmt::format(R"("history":[{}])", list_of(count, chunk)), "history"));
}

TEST_CASE("thousands of echoes, calls, contacts and groups in one value are taken apart") {
  const auto kinds_in = [](std::string_view field, std::string_view member, const auto& element) {
    const auto understood = interpret_meta(
        change_of_line(fmt::format(R"("{}":[{}])", member, list_of(count, element)), field),
        our_lines());
    std::set<crypto::Digest> contents;
    for (const Event& event : understood.events) {
      CHECK(event.kind != RecordKind::unrecognised);
      contents.insert(event.content);
    }
    return contents.size();
  };
  CHECK(kinds_in("smb_message_echoes", "message_echoes", numbered_message) == count);
  CHECK(kinds_in("calls", "calls", [](int i) {
          return fmt::format(R"({{"id":"wacid.{}","event":"connect","from":"5491155550101"}})", i);
        }) == count);
  CHECK(kinds_in("smb_app_state_sync", "state_sync", [](int i) {
          return fmt::format(
              R"({{"type":"contact","action":"add","contact":{{"phone_number":"54911{:08}"}}}})",
              i);
        }) == count);
  CHECK(kinds_in("group_lifecycle_update", "groups", [](int i) {
          return fmt::format(R"({{"group_id":"G{}","type":"group_create"}})", i);
        }) == count);
}

TEST_CASE("a shared card with thousands of numbers, and thousands of cards, are read") {
  const Event one = only_event(delivery_of(
      fmt::format(R"({{"id":"w","type":"contacts","contacts":[{{"vcard":"{}"}}]}})",
                  list_of(count, [](int i) { return fmt::format("TEL:+54911{:08}\\n", i); }))));
  CHECK(one.kind == RecordKind::message);
  CHECK(std::ranges::count(one.text, '\n') == count - 1);
  const Event many = only_event(delivery_of(
      fmt::format(R"({{"id":"w","type":"contacts","contacts":[{}]}})", list_of(count, [](int i) {
                    return fmt::format(R"({{"phones":[{{"phone":"+54911{:08}"}}]}})", i);
                  }))));
  CHECK(std::ranges::count(many.text, '\n') == count - 1);
}

TEST_CASE("a history of more things than any real one has is kept whole") {
  std::string zeros(2 * max_events, '0');
  for (std::size_t i = 1; i < zeros.size(); i += 2) zeros[i] = ',';
  zeros.pop_back();
  for (const std::string& history : {fmt::format(R"({{"threads":[{}]}})", thread_of(zeros)),
                                     fmt::format(R"({{"threads":[{}]}})", zeros), zeros}) {
    const Event event =
        only_event(change_of_line(fmt::format(R"("history":[{}])", history), "history"));
    CHECK(event.type == "too-many");
  }
}
