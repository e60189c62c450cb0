// SPDX-License-Identifier: Apache-2.0
// The vault as an expert sees it: rows as they are stored, believed by nobody. For verification
// only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace sigilo::vault {

/// Columns as stored; whatever an attacker put there. A column of another type than expected counts
/// as absent.
struct RawVault {
  std::uint64_t rows = 0;  ///< one; of none or several no column is given
  std::optional<std::string> uuid;
  std::optional<std::int64_t> created;     ///< microseconds
  std::optional<std::string> fingerprint;  ///< bytes
};

struct RawRecord {
  std::int64_t seq = 0;
  std::optional<std::int64_t> time;  ///< microseconds
  std::optional<std::string> kind;
  std::optional<std::int64_t> epoch;
  std::optional<std::string> root, commitment, signature, salt,
      body;  ///< bytes; salt and body are NULL after an erasure
};

struct RawEvent {  ///< index row of a record that holds an event
  std::int64_t seq = 0;
  std::optional<std::int64_t> sent;    ///< seconds
  std::optional<std::string> content;  ///< bytes: the first 16 of Event::content
  std::optional<std::string> line;     ///< of its conversation
  std::optional<std::string> party;    ///< key of its conversation
  std::optional<std::int64_t> delivery;
  std::optional<std::int64_t> id, about;  ///< id_key() of the provider's ids (event_id.hpp)
  std::optional<std::int64_t> first;      ///< of its conversation: where searches begin
};

/// `raw` is put together again from what the row holds and the payloads in its records' bodies
/// (schema.cpp), so an altered body shows here too.
struct RawDelivery {
  std::int64_t id = 0;
  std::optional<std::string> digest, raw, signature, source;
  std::optional<std::int64_t> received;
  /// Foreign slices were blanked, or a body was erased: the bytes no longer hash to the digest, by
  /// design.
  bool partial = false;
};

struct RawAlert {
  std::int64_t id = 0;  ///< seq of its record
  std::optional<std::int64_t> message;
  std::optional<std::string> category, severity, rule, team, state;
};

struct RawCheckpoint {
  std::int64_t seq = 0;  ///< of its record
  std::optional<std::int64_t> size;
  std::optional<std::string> note;
};

struct RawEpoch {
  std::int64_t number = 0;
  std::optional<std::string> public_key;  ///< bytes
  std::optional<std::int64_t> first;      ///< seq of the record that names the key
};

struct RawIdentity {
  std::optional<std::string> name, other;
  std::int64_t seq = 0;
};

struct RawReread {
  std::int64_t seq = 0;  ///< of the unrecognised record
  std::optional<std::int64_t> record;
};

struct RawMedia {
  std::int64_t message = 0;
  std::optional<std::string> state;
  std::optional<std::int64_t> record, file;
  std::optional<std::string> sha256;  ///< bytes, of its row in media_file
  std::optional<std::int64_t> size;
};

struct RawMediaFile {
  std::int64_t id = 0;
  std::optional<std::string> sha256;  ///< bytes
  std::optional<std::int64_t> size;
  std::optional<std::string> path;
  crypto::SecretBytes key;
};

/// The tables by which events are found.
enum class EventTable { content, conversation, id };
/// event_content, event_conversation or event_id.
std::string_view to_string(EventTable table);

struct RawEventKey {  ///< row of one of these tables
  std::int64_t seq = 0;
  bool fits = false;  ///< repeats the row of event with this seq, which is before indexed()
};

struct RawTile {
  int level = 0;
  std::uint64_t index = 0;
  std::string hashes;  ///< bytes, 32 for each hash
};

/// Reads one frozen snapshot (a read transaction for its whole life). Runs on: any, one thread at a
/// time. An error with code corrupt from an each_… call means that the file itself is damaged there
/// (page authentication failed, or the b-tree contradicts itself).
class AuditReader {
 public:
  static Result<AuditReader> open(const std::filesystem::path& directory,
                                  const crypto::SecretBytes& key);
  AuditReader(AuditReader&&) noexcept;
  AuditReader& operator=(AuditReader&&) noexcept;
  ~AuditReader();

  [[nodiscard]] const RawVault& vault() const;
  /// Of vault(); "" where it gives none.
  [[nodiscard]] const std::string& uuid() const;
  /// Number of rows in record, and the greatest seq (-1: none).
  Result<std::uint64_t> record_count();
  Result<std::int64_t> last_seq();

  /// Rows in order of their key, from `first` on; the callback returns false to stop.
  Result<> each_record(std::int64_t first, const std::function<bool(RawRecord&&)>& visit);
  Result<> each_event(const std::function<bool(RawEvent&&)>& visit);
  Result<> each_delivery(const std::function<bool(RawDelivery&&)>& visit);
  /// One of them; nullopt: there is none of that number.
  Result<std::optional<RawDelivery>> delivery(std::int64_t id);
  Result<> each_alert(const std::function<bool(RawAlert&&)>& visit);
  Result<> each_checkpoint(const std::function<bool(RawCheckpoint&&)>& visit);
  Result<> each_epoch(const std::function<bool(RawEpoch&&)>& visit);
  Result<> each_identity(const std::function<bool(RawIdentity&&)>& visit);
  Result<> each_reread(const std::function<bool(RawReread&&)>& visit);
  Result<> each_media(const std::function<bool(RawMedia&&)>& visit);
  Result<> each_media_file(const std::function<bool(RawMediaFile&&)>& visit);
  /// Events before this seq stand in all three tables; nullopt: not one row says so.
  Result<std::optional<std::int64_t>> indexed();
  /// Rows in order of their key.
  Result<> each_event_key(EventTable table, const std::function<bool(RawEventKey&&)>& visit);
  /// How many rows the events before `end` give in a table.
  Result<std::uint64_t> keys_before(EventTable table, std::int64_t end);
  /// Events before `end`, with a record of such a kind, that the table does not have.
  Result<> each_event_without_key(EventTable table, std::int64_t end,
                                  const std::function<bool(std::int64_t&&)>& visit);
  Result<std::optional<RawTile>> tile(int level, std::uint64_t index);
  Result<std::uint64_t> tile_count();
  /// PRAGMA cipher_integrity_check and PRAGMA integrity_check: one text a finding, empty when
  /// clean. At most 100.
  Result<std::vector<std::string>> file_problems();

 private:
  struct Impl;
  explicit AuditReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigilo::vault
