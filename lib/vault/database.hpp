// SPDX-License-Identifier: Apache-2.0
// SQLCipher behind three small classes. Private to this room: nobody else sees SQL.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace sigilo::vault {

/// A prepared statement, kept and used again. Bound text and bytes must live until the statement is
/// reset. Runs on: any, one thread at a time.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(statement_, other.statement_);
    return *this;
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// Parameters count from 1.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, BytesView bytes);
  Statement& bind_null(int parameter);

  /// True: a row is there to be read.
  Result<bool> step();
  /// Steps to the end, wants no rows, and resets.
  Result<> run();
  void reset();

  /// Columns count from 0. Views live until the next step or reset.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] BytesView bytes(int column) const;
  /// nullopt where the column holds another type than asked for.
  [[nodiscard]] std::optional<std::int64_t> maybe_integer(int column) const;
  [[nodiscard]] std::optional<std::string> maybe_text(int column) const;
  [[nodiscard]] std::optional<std::string> maybe_bytes(int column) const;

 private:
  sqlite3_stmt* statement_ = nullptr;
};

enum class Access { create, write, read };

/// One connection to a vault.db. Runs on: any, one thread at a time.
class Database {
 public:
  /// Opens and reads the first page. Errors: not_found, not_a_vault (plain SQLite or no database),
  /// wrong_key, permission, corrupt, no_space, io.
  static Result<Database> open(const std::filesystem::path& file, const crypto::SecretBytes& key,
                               Access access);
  Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Database& operator=(Database&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Result<Statement> prepare(std::string_view sql);
  /// Runs statements that give no rows, or whose rows do not matter.
  Result<> execute(const char* sql);
  /// The first column of the first row.
  Result<std::int64_t> integer(std::string_view sql);

  /// Ends a transaction that may already have ended by itself (SQLite does so on some errors).
  void rollback();

  /// After each commit `*pages` holds how many pages the write-ahead log has. Must outlive the
  /// connection.
  void count_log_pages(int* pages);
  /// Copies the write-ahead log into the file without waiting for readers; what they still need
  /// stays.
  Result<> checkpoint_log();

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
};

/// A read transaction: all that is read in its life is one state of the vault.
class Snapshot {
 public:
  Snapshot() = default;
  static Result<Snapshot> begin(Database& database);
  Snapshot(Snapshot&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Snapshot& operator=(Snapshot&& other) noexcept {
    std::swap(database_, other.database_);
    return *this;
  }
  ~Snapshot();

 private:
  explicit Snapshot(Database& database) : database_(&database) {}
  Database* database_ = nullptr;
};

/// The lines that the stock `sqlcipher` program needs after the key, one PRAGMA a line.
std::string_view how_to_open();

}  // namespace sigilo::vault
