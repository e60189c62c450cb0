// SPDX-License-Identifier: Apache-2.0
// Providers deliver in any order, in any batches, and again: what stands at the end must not depend
// on it.
#include <algorithm>
#include <random>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;
using message::Via;

namespace {

constexpr std::int64_t noon = 1'795'521'000;

TestMessage status_of(std::string id, std::string type, std::int64_t sent) {
  return {.id = std::move(id),
          .text = "",
          .sent = sent,
          .kind = RecordKind::status,
          .direction = Direction::out,
          .type = std::move(type)};
}

/// One set of events about four messages, and about one that never comes.
std::vector<TestMessage> all_events() {
  const TestMessage sent{
      .id = "out", .text = "te mando", .sent = noon, .direction = Direction::out};
  TestMessage echo = sent;
  echo.via = Via::app;
  echo.sent += 1;  // each by another clock
  TestMessage past = sent;
  past.via = Via::history;
  past.sent += 4;
  return {
      sent,
      echo,
      past,
      status_of("out", "sent", noon + 1),
      status_of("out", "delivered", noon + 2),
      status_of("out", "read", noon + 3),
      {.id = "e1", .text = "uno", .sent = noon + 9, .kind = RecordKind::edit, .about = "out"},
      {.id = "e2", .text = "dos", .sent = noon + 19, .kind = RecordKind::edit, .about = "out"},
      {.id = "in", .text = "hola", .sent = noon + 4},
      {.id = "v",
       .text = "",
       .sent = noon + 5,
       .kind = RecordKind::revoke,
       .type = "revoke",
       .about = "in"},
      {.id = "like", .text = "👍", .sent = noon + 6, .type = "reaction", .about = "in"},
      {.id = "photo",
       .text = "foto",
       .sent = noon + 7,
       .type = "image",
       .user_id = "AR.1",
       .details = file_details("m1")},
      status_of("failed", "sent", noon + 8),
      status_of("failed", "failed", noon + 9),
      {.id = "failed", .text = "no llega", .sent = noon + 7, .direction = Direction::out},
      {.id = "reply", .text = "¿qué?", .sent = noon + 11, .reply_to = "never"},
      {.id = "v2",
       .text = "",
       .sent = noon + 12,
       .kind = RecordKind::revoke,
       .type = "revoke",
       .about = "never"},
  };
}

/// Everything that people are shown of one line, without what tells the order of coming. Ids end
/// in `suffix`.
std::string what_stands(vault::Reader& reader, const E164& line, const std::string& suffix) {
  std::set<std::string> lines;
  for (const auto& row : must(reader.messages({.line = line, .limit = vault::max_rows}))) {
    const auto& event = row.stored.event;
    std::set<std::string> versions;
    std::set<std::string> told{std::string(to_string(event.via))};
    for (const auto& one : must(reader.life_of(row))) {
      const auto& said = one.stored.event;
      if (said.kind == RecordKind::edit)
        versions.insert(fmt::format("{}={}", said.sent.seconds() - noon, said.text));
      if (said.type.starts_with("told:")) told.insert(said.type.substr(5));
    }
    const auto file = must(reader.media_of(row.seq));
    lines.insert(fmt::format("{} '{}'{}{}{} [{}] by {}{}\n",
                             event.provider_id.substr(0, event.provider_id.size() - suffix.size()),
                             event.text, row.state.empty() ? "" : " " + row.state,
                             row.edited ? " edited" : "", row.revoked ? " revoked" : "",
                             fmt::join(versions, ","), fmt::join(told, ","), file ? " file" : ""));
  }
  std::string all;
  for (const auto& one : lines) all += one;
  return all;
}

/// The set in an order, in batches and with repetitions that `seed` decides, on a line of its own:
/// making a vault for each would take longest.
void ingest_shuffled(TestVault& vault, unsigned seed, const std::string& line,
                     const std::string& suffix) {
  std::mt19937 random(seed);
  const auto events = all_events();
  std::vector<TestMessage> order = events;
  for (const auto& event : events)
    if (random() % 3 == 0) order.push_back(event);
  // Not std::shuffle: its order is the library's to choose.
  for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[random() % (i + 1)]);
  for (auto& event : order) {
    event.line = line;
    for (auto* id : {&event.id, &event.about, &event.reply_to})
      if (!id->empty()) *id += suffix;
  }
  for (std::size_t begin = 0; begin < order.size();) {
    // A transaction of some deliveries, each of some events.
    must(vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
      for (auto deliveries = random() % 9; begin < order.size() && deliveries-- > 0;) {
        const std::size_t count = std::min<std::size_t>(1 + random() % 4, order.size() - begin);
        const auto from = order.begin() + static_cast<std::ptrdiff_t>(begin);
        SIGILO_TRY_DO(transaction.ingest(
            delivery_of_many({from, from + static_cast<std::ptrdiff_t>(count)})));
        begin += count;
      }
      return {};
    }));
  }
}

}  // namespace

TEST_CASE("any order, batching and repetition of one set of events ends in the same") {
  const std::string expected =
      "failed 'no llega' failed [] by api\n"
      "in 'hola' revoked [] by api\n"
      "like '👍' [] by api\n"
      "out 'te mando' read edited [19=dos,9=uno] by api,app,history\n"
      "photo 'foto' [] by api file\n"
      "reply '¿qué?' [] by api\n";
  constexpr unsigned seeds = 400;
  TestVault vault;
  const auto line = [](unsigned seed) { return fmt::format("+54911{:08}", seed); };
  const auto suffix = [](unsigned seed) { return fmt::format("-{:04}", seed); };
  for (unsigned seed = 0; seed < seeds; ++seed)
    ingest_shuffled(vault, seed, line(seed), suffix(seed));

  auto reader = vault.reader();
  for (unsigned seed = 0; seed < seeds; ++seed) {
    INFO("seed " << seed);
    CHECK(what_stands(reader, E164(line(seed)), suffix(seed)) == expected);
  }
  const auto gaps = must(reader.unseen(0, vault.clock.now() + std::chrono::hours(1)));
  CHECK(gaps.found.size() == seeds);  // what was quoted and revoked and never came, once each
  CHECK(must(reader.person("AR.1")).names.size() == 2);
  CHECK(must(reader.summary()).counters.at("messages") == 6 * seeds);
  vault.close();
  CHECK(shown(problems_of(verify(vault.directory()))) == "");
}
