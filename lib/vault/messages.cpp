// SPDX-License-Identifier: Apache-2.0
#include "vault/messages.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "vault/related.hpp"
#include "vault/schema.hpp"

namespace sigilo::vault {
namespace {

bool is_event(std::string_view name) {
  const auto kind = parse_record_kind(name);
  return kind && message::holds_event(*kind);
}

Result<> take_seqs(Statement& select, std::vector<std::int64_t>& seqs) {
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return {};
    seqs.push_back(select.integer(0));
  }
}

}  // namespace

Result<std::vector<MessageRow>> Messages::list(const MessageFilter& filter) {
  SIGILO_TRY(const auto last, database_.integer("SELECT coalesce(max(seq), -1) FROM record"));
  Range range{0, last + 1, to_string(filter.kind.value_or(RecordKind::message))};
  if (filter.until) {
    SIGILO_TRY(range.end, first_at(*filter.until, last + 1));
  }
  if (filter.since) {
    SIGILO_TRY(range.first, first_at(*filter.since, last + 1));
  }
  const std::size_t limit = std::min(filter.limit, max_rows);

  Seqs found;
  if (filter.party) {
    SIGILO_TRY(const auto names, names_of(*filter.party));
    SIGILO_TRY(const auto conversations, conversations_of(names, filter.line));
    SIGILO_TRY(found, in_conversations(conversations, range, Order::newest_first, limit));
  } else {
    SIGILO_TRY(found, newest(filter.line, range, limit));
  }
  std::reverse(found.begin(), found.end());
  return load(found);
}

Result<std::optional<MessageRow>> Messages::one(Seq seq) {
  SIGILO_TRY(auto rows, load({static_cast<std::int64_t>(seq.value())}, Payload::keep));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

Result<std::vector<MessageRow>> Messages::around(Seq seq, std::size_t before, std::size_t after) {
  SIGILO_TRY(auto select, database_.prepare("SELECT party, line FROM event JOIN conversation"
                                            " ON conversation.id = event.conversation"
                                            " WHERE event.seq = ?"));
  const auto here = static_cast<std::int64_t>(seq.value());
  SIGILO_TRY(const bool found, select.bind(1, here).step());
  if (!found) return std::vector<MessageRow>{};
  // Also what the same person said under another number or id.
  SIGILO_TRY(const auto names, names_of(select.text(0)));
  SIGILO_TRY(const auto conversations, conversations_of(names, E164(std::string(select.text(1)))));
  SIGILO_TRY(const auto last, database_.integer("SELECT max(seq) FROM record"));
  const std::string_view kind = to_string(RecordKind::message);
  SIGILO_TRY(auto seqs,
             in_conversations(conversations, {0, here, kind}, Order::newest_first, before));
  std::reverse(seqs.begin(), seqs.end());
  seqs.push_back(here);
  SIGILO_TRY(const auto later, in_conversations(conversations, {here + 1, last + 1, kind},
                                                Order::oldest_first, after));
  seqs.insert(seqs.end(), later.begin(), later.end());
  return load(seqs);
}

Result<Messages::Seqs> Messages::newest_of(const std::vector<Conversation>& conversations,
                                           std::size_t limit) {
  SIGILO_TRY(const auto last, database_.integer("SELECT coalesce(max(seq), -1) FROM record"));
  return in_conversations(conversations, {0, last + 1, to_string(RecordKind::message)},
                          Order::newest_first, limit);
}

Result<Messages::Seqs> Messages::in_conversations(const std::vector<Conversation>& conversations,
                                                  const Range& range, Order order,
                                                  std::size_t limit) {
  Seqs all;
  for (const auto& conversation : conversations) {
    SIGILO_TRY(const auto seqs, in_conversation(conversation, range, order, limit));
    all.insert(all.end(), seqs.begin(), seqs.end());
  }
  if (order == Order::newest_first)
    std::sort(all.begin(), all.end(), std::greater<>());
  else
    std::sort(all.begin(), all.end());
  all.resize(std::min(all.size(), limit));
  return all;
}

// Record times never run backwards, so halving finds the place without an index.
Result<std::int64_t> Messages::first_at(Timestamp time, std::int64_t end) {
  SIGILO_TRY(auto select, database_.prepare("SELECT time FROM record WHERE seq = ?"));
  std::int64_t low = 0;
  std::int64_t high = end;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    SIGILO_TRY(const bool found, select.bind(1, middle).step());
    if (!found)
      return fail(ErrorCode::corrupt, fmt::format("record {} is missing", middle),
                  "run `sigilo verify`");
    const bool earlier = select.integer(0) < time.micros();
    select.reset();
    if (earlier)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

Result<std::vector<Messages::Conversation>> Messages::conversations_of(
    const std::vector<std::string>& names, const std::optional<E164>& line) {
  SIGILO_TRY(auto select,
             database_.prepare("SELECT id, first, line FROM conversation WHERE party = ?"));
  std::vector<Conversation> conversations;
  for (const auto& name : names) {
    select.bind(1, std::string_view(name));
    for (;;) {
      SIGILO_TRY(const bool found, select.step());
      if (!found) break;
      if (!line || select.text(2) == line->value())
        conversations.push_back({select.integer(0), select.integer(1)});
    }
    select.reset();
  }
  return conversations;
}

Result<std::vector<std::string>> Messages::names_of(std::string_view party) {
  SIGILO_TRY(auto select, database_.prepare("SELECT other FROM identity WHERE name = ?"));
  std::vector<std::string> names{std::string(party)};
  for (std::size_t next = 0; next < names.size(); ++next) {
    const std::string name = names[next];  // stays while `names` grows and the statement holds it
    select.bind(1, std::string_view(name));
    for (;;) {
      SIGILO_TRY(const bool found, select.step());
      if (!found) break;
      if (names.size() < max_names && std::ranges::find(names, select.text(0)) == names.end())
        names.emplace_back(select.text(0));
    }
    select.reset();
  }
  return names;
}

Result<Messages::Seqs> Messages::in_conversation(Conversation conversation, const Range& range,
                                                 Order order, std::size_t limit) {
  // What is not in the table of conversations yet, then the table, or the other way round.
  SIGILO_TRY(const auto indexed,
             database_.integer("SELECT coalesce(max(upto), 0) FROM event_indexed"));
  const bool backwards = order == Order::newest_first;
  const std::int64_t first = std::max(range.first, conversation.first);
  const Range old{first, std::min(range.end, indexed), range.kind};
  const Range recent{std::max(first, indexed), range.end, range.kind};
  Seqs seqs;
  if (backwards) {
    SIGILO_TRY_DO(in_newest(conversation, recent, order, limit, seqs));
    SIGILO_TRY_DO(in_blocks(conversation, old, order, limit, seqs));
  } else {
    SIGILO_TRY_DO(in_blocks(conversation, old, order, limit, seqs));
    SIGILO_TRY_DO(in_newest(conversation, recent, order, limit, seqs));
  }
  return seqs;
}

Result<> Messages::in_blocks(Conversation conversation, const Range& range, Order order,
                             std::size_t limit, Seqs& seqs) {
  if (range.first >= range.end || seqs.size() >= limit) return {};
  const bool backwards = order == Order::newest_first;
  SIGILO_TRY(auto select, database_.prepare(fmt::format(
                              "SELECT found.seq FROM event_conversation AS found"
                              " CROSS JOIN record ON record.seq = found.seq"
                              " WHERE block = ?1 AND conversation = ?2 AND found.seq >= ?3"
                              " AND found.seq < ?4 AND kind = ?5 ORDER BY found.seq {} LIMIT ?6",
                              backwards ? "DESC" : "ASC")));
  const std::int64_t oldest = range.first >> block_bits;
  const std::int64_t newest = (range.end - 1) >> block_bits;
  const std::int64_t last = backwards ? oldest : newest;
  for (std::int64_t block = backwards ? newest : oldest;; block += backwards ? -1 : 1) {
    select.bind(1, block)
        .bind(2, conversation.id)
        .bind(3, range.first)
        .bind(4, range.end)
        .bind(5, range.kind)
        .bind(6, static_cast<std::int64_t>(limit - seqs.size()));
    SIGILO_TRY_DO(take_seqs(select, seqs));
    select.reset();
    if (block == last || seqs.size() >= limit) return {};
  }
}

Result<> Messages::in_newest(Conversation conversation, const Range& range, Order order,
                             std::size_t limit, Seqs& seqs) {
  if (range.first >= range.end || seqs.size() >= limit) return {};
  SIGILO_TRY(auto select,
             database_.prepare(fmt::format(
                 "SELECT event.seq FROM event CROSS JOIN record ON record.seq = event.seq"
                 " WHERE event.seq >= ?1 AND event.seq < ?2 AND conversation = ?3 AND kind = ?4"
                 " ORDER BY event.seq {} LIMIT ?5",
                 order == Order::newest_first ? "DESC" : "ASC")));
  select.bind(1, range.first)
      .bind(2, range.end)
      .bind(3, conversation.id)
      .bind(4, range.kind)
      .bind(5, static_cast<std::int64_t>(limit - seqs.size()));
  return take_seqs(select, seqs);
}

Result<Messages::Seqs> Messages::newest(const std::optional<E164>& line, const Range& range,
                                        std::size_t limit) {
  SIGILO_TRY(
      auto select,
      database_.prepare(
          "SELECT event.seq FROM event CROSS JOIN conversation ON conversation.id = "
          "event.conversation"
          " CROSS JOIN record ON record.seq = event.seq WHERE event.seq >= ?1 AND event.seq < ?2"
          " AND (?3 IS NULL OR line = ?3) AND kind = ?4 ORDER BY event.seq DESC LIMIT ?5"));
  select.bind(1, range.first)
      .bind(2, range.end)
      .bind(4, range.kind)
      .bind(5, static_cast<std::int64_t>(limit));
  if (line)
    select.bind(3, std::string_view(line->value()));
  else
    select.bind_null(3);
  Seqs seqs;
  SIGILO_TRY_DO(take_seqs(select, seqs));
  return seqs;
}

Result<std::vector<MessageRow>> Messages::load(const Seqs& seqs, Payload payload) {
  SIGILO_TRY(auto select, database_.prepare("SELECT time, kind, body FROM record WHERE seq = ?"));
  std::vector<MessageRow> rows;
  for (const std::int64_t seq : seqs) {
    SIGILO_TRY(const bool found, select.bind(1, seq).step());
    if (found && is_event(select.text(1))) {
      SIGILO_TRY(auto stored,
                 message::read_body(*parse_record_kind(select.text(1)), select.text(2)));
      if (payload == Payload::drop) stored.payload = {};
      rows.push_back({Seq(static_cast<std::uint64_t>(seq)),
                      Timestamp::from_micros(select.integer(0)), std::move(stored)});
    }
    select.reset();
  }
  SIGILO_TRY(auto related, Related::prepare(database_));
  SIGILO_TRY_DO(related.mark(rows));
  return rows;
}

}  // namespace sigilo::vault
