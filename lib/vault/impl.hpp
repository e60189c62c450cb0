// SPDX-License-Identifier: Apache-2.0
// Inside of the open vault. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "ledger/sealer.hpp"
#include "ledger/tree.hpp"
#include "vault/database.hpp"
#include "vault/files.hpp"
#include "vault/newest_events.hpp"
#include "vault/transaction.hpp"
#include "vault/vault.hpp"

namespace sigilo::vault {

/// Ids of rows that were seen lately, by name. Only a cache: it may forget everything at any time.
class SeenRows {
 public:
  /// 65,536 names of 40 bytes are some 8 MiB.
  static constexpr std::size_t max_entries = 65'536;

  [[nodiscard]] const std::int64_t* find(std::string_view key) const;
  void put(std::string key, std::int64_t id);
  /// Forgets what was put since the last keep(): a transaction that made it was undone.
  void undo();
  void keep() { fresh_.clear(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;
  std::vector<std::string> fresh_;
};

/// What a transaction counts; written once, before it is committed.
struct Tally {
  struct Line {
    std::uint64_t events = 0;
    Timestamp last;  ///< 1970: nothing passed through it just now
  };
  struct Unmonitored {
    std::string phone_number_id;
    std::uint64_t events = 0;
    Timestamp first, last;
  };
  std::map<std::string, std::uint64_t, std::less<>> counters;
  std::map<std::string, Line, std::less<>> lines;
  std::map<std::string, Unmonitored, std::less<>> unmonitored;  ///< at most max_unmonitored
};

/// Statements of the writer, prepared once.
struct WriterStatements {
  static Result<WriterStatements> prepare(Database& database);
  Statement begin, commit;
  Statement find_content, find_told, last_indexed, find_conversation, find_outbox, alerts_of;
  Statement add_record, add_event, add_delivery, add_conversation, add_alert, add_outbox,
      add_checkpoint, add_epoch;
  Statement put_tile, add_to_counter, put_line, put_unmonitored, change_outbox;
  Statement index_contents, index_conversations, index_ids, put_indexed;
  Statement body_of, add_identity, add_reread;
  Statement add_media, media_state, change_media, find_media_file, add_media_file;
};

/// Counters of this name and a line's number: how often the first message of a phone was told. They
/// say after a restart which lines have a phone that tells.
inline constexpr std::string_view told_by_phone_counter = "told_by_phone:";

struct Vault::Impl {
  std::filesystem::path directory;
  WriterLock lock;
  Database database;
  Database copying;  ///< of the thread that copies the log
  WriterStatements sql;
  ledger::Sealer sealer;
  ledger::TileWriter tiles;
  std::string uuid;
  std::string fingerprint;
  Timestamp epoch_began;
  const Clock& clock;
  Random& random;
  Logger log;

  SeenRows conversations{};
  SeenRows identities{};
  NewestEvents newest{};  ///< events from `event_indexed.upto` on
  /// Lines of which a phone told (an echo, a history). A transaction that is undone may leave one
  /// too many, which only costs time.
  std::set<std::string, std::less<>> told_by_phone{};
  Tally tally{};
  bool clock_is_behind = false;  ///< this episode has its `clock` record
  int log_pages = 0;             ///< of the write-ahead log after the last commit

  /// State to go back to when the transaction is undone.
  struct Undo {
    ledger::Sealer::State sealer;
    ledger::TileWriter tiles;
    bool clock_is_behind;
  };
  std::optional<Undo> undo{};

  Result<> begin();
  /// Either all of the transaction is durable, or nothing of it stays.
  Result<> commit();
  void rollback();

  /// Seals a record and stores it; where the clock went back, a `clock` record before it.
  Result<Seq> append(RecordKind kind, std::string body);
  Result<Seq> append(RecordKind kind, std::string body, const ledger::Commitment& made);
  Result<> note_clock();

  Result<> flush();
  Result<> index_newest();
  Result<Seq> store_record(const ledger::Record& record);

  /// The key that signs from here on, for the epoch and public key that the vault names.
  using FindKey =
      std::function<Result<crypto::SigningKey>(Database&, Epoch, const crypto::PublicKey& named)>;
  /// Vault::open with a key from elsewhere.
  static Result<std::unique_ptr<Impl>> open(const std::filesystem::path& directory,
                                            const crypto::SecretBytes& key, const Clock& clock,
                                            Random& random, Logger log, const FindKey& find);
};

}  // namespace sigilo::vault
