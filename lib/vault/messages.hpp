// SPDX-License-Identifier: Apache-2.0
// Finding messages: by time, line, party and conversation. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "vault/database.hpp"
#include "vault/reader.hpp"

namespace sigilo::vault {

/// Works inside the caller's snapshot.
class Messages {
 public:
  explicit Messages(Database& database) : database_(database) {}

  Result<std::vector<MessageRow>> list(const MessageFilter& filter);
  Result<std::optional<MessageRow>> one(Seq seq);
  Result<std::vector<MessageRow>> around(Seq seq, std::size_t before, std::size_t after);

  struct Conversation {
    std::int64_t id = 0;
    std::int64_t first = 0;
  };
  /// With any line, or with one.
  Result<std::vector<Conversation>> conversations_of(const std::vector<std::string>& names,
                                                     const std::optional<E164>& line);
  /// `party` and all that are said to be the same person; at most max_names.
  Result<std::vector<std::string>> names_of(std::string_view party);
  /// The newest `limit` messages of these, newest first.
  Result<std::vector<std::int64_t>> newest_of(const std::vector<Conversation>& conversations,
                                              std::size_t limit);

  /// A person changes number or id now and then.
  static constexpr std::size_t max_names = 64;

 private:
  enum class Order { newest_first, oldest_first };
  /// Records [first, end) of one kind.
  struct Range {
    std::int64_t first = 0;
    std::int64_t end = 0;
    std::string_view kind;
  };
  using Seqs = std::vector<std::int64_t>;

  /// The first record that is not before `time`; one past the last where all are.
  Result<std::int64_t> first_at(Timestamp time, std::int64_t end);
  /// Up to `limit` of several conversations, in that order.
  Result<Seqs> in_conversations(const std::vector<Conversation>& conversations, const Range& range,
                                Order order, std::size_t limit);
  /// Up to `limit` of a conversation, from table event_conversation and what that lacks yet.
  Result<Seqs> in_conversation(Conversation conversation, const Range& range, Order order,
                               std::size_t limit);
  Result<> in_blocks(Conversation conversation, const Range& range, Order order, std::size_t limit,
                     Seqs& seqs);
  Result<> in_newest(Conversation conversation, const Range& range, Order order, std::size_t limit,
                     Seqs& seqs);
  /// The newest `limit` of all conversations, or of one line's; newest first.
  Result<Seqs> newest(const std::optional<E164>& line, const Range& range, std::size_t limit);
  /// A long list needs no payloads, and they are most of its memory.
  enum class Payload { drop, keep };
  Result<std::vector<MessageRow>> load(const Seqs& seqs, Payload payload = Payload::drop);

  Database& database_;
};

}  // namespace sigilo::vault
