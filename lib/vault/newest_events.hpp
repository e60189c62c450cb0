// SPDX-License-Identifier: Apache-2.0
// De-duplication of the events that tables event_content and event_conversation don't hold yet.
// Private to this room.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace sigilo::vault {

/// Keys of the events since the tables were last added to. Runs on: store.
class NewestEvents {
 public:
  /// When so many have come they are put into the tables: large enough that a page of those is
  /// touched for many rows at once, small enough that nobody waits long (some 5 ms).
  static constexpr std::size_t limit = 2'048;

  /// 16 bytes of a SHA-256 tell repeats from others: two of 2^64 different events in one second
  /// would have to meet, and whoever could make two on purpose (2^64 work) would only suppress a
  /// message of their own.
  static constexpr std::size_t content_bytes = 16;
  using Content = std::span<const std::uint8_t, content_bytes>;

  /// Number of the record with this key, nullopt: none of these.
  [[nodiscard]] std::optional<std::int64_t> find(std::int64_t sent, Content content) const {
    const auto found = keys_.find(key(sent, content));
    return found == keys_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  /// The same at whatever time, among the events with `id` (id_key(), not 0). A walk through all:
  /// only what comes by way of a phone is looked for so.
  [[nodiscard]] std::optional<std::int64_t> find_by_id(std::int64_t id, Content content) const {
    for (const auto& one : ids_)
      if (one.id == id && std::ranges::equal(one.content, content)) return one.seq;
    return std::nullopt;
  }
  /// `id`: id_key() of the provider's id, 0 where there is none.
  void add(std::int64_t sent, Content content, std::int64_t id, std::int64_t seq) {
    if (!keys_.emplace(key(sent, content), seq).second) return;
    fresh_.push_back(key(sent, content));
    ids_.push_back({id, seq, fresh_.back().content});
  }
  /// Forgets what was added since the last keep(): the transaction that stored it was undone.
  void undo() {
    for (const auto& key : fresh_) keys_.erase(key);
    ids_.resize(ids_.size() - fresh_.size());
    fresh_.clear();
  }
  void keep() { fresh_.clear(); }
  void clear() {
    keys_.clear();
    ids_.clear();
    fresh_.clear();
  }

 private:
  struct Key {
    std::int64_t sent = 0;
    std::array<std::uint8_t, content_bytes> content{};
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    // The content is a hash already, over the provider's id too, which no sender chooses.
    std::size_t operator()(const Key& key) const {
      std::size_t hash = 0;
      std::memcpy(&hash, key.content.data(), sizeof hash);
      return hash;
    }
  };
  static Key key(std::int64_t sent, Content content) {
    Key key{.sent = sent};
    std::memcpy(key.content.data(), content.data(), content.size());
    return key;
  }

  struct Named {
    std::int64_t id = 0;
    std::int64_t seq = 0;
    std::array<std::uint8_t, content_bytes> content{};
  };

  std::unordered_map<Key, std::int64_t, Hash> keys_;
  std::vector<Named> ids_;  ///< in the order of coming: the fresh ones are its end
  std::vector<Key> fresh_;
};

}  // namespace sigilo::vault
