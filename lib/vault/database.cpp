// SPDX-License-Identifier: Apache-2.0
#include "vault/database.hpp"

#define SQLITE_HAS_CODEC  // declares sqlite3_key
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <sqlcipher/sqlite3.h>
#include <unistd.h>

#include "base/check.hpp"
#include "crypto/encoding.hpp"

namespace sigilo::vault {
namespace {

namespace fs = std::filesystem;

// The file's format: never changed for a vault that exists. Measured in
// docs/decisions/0001-page-size.md.
constexpr const char* cipher_format =
    "PRAGMA cipher_page_size = 8192;\n"
    "PRAGMA cipher_hmac_algorithm = HMAC_SHA256;\n";

// How a connection behaves. cipher_memory_security: docs/decisions/0002-memory-security.md.
// secure_delete overwrites what an erasure removes. Checkpoints are made beside the commits
// (log_copier.hpp), not inside one. A log that a long reader made grow is cut back to 64 MiB once
// it is copied.
constexpr const char* for_all =
    "PRAGMA cipher_log_level = NONE;"  // what it would print to stderr comes back as an error
    "PRAGMA cipher_memory_security = OFF;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA mmap_size = 0;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA foreign_keys = OFF;"
    "PRAGMA busy_timeout = 10000;";
constexpr const char* for_writer =
    "PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -32768;"
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA journal_size_limit = 67108864;";
constexpr const char* for_reader =
    "PRAGMA cache_size = -8192;"
    "PRAGMA query_only = ON;";

constexpr std::string_view plain_header{"SQLite format 3\0", 16};
constexpr const char* restore_remedy =
    "verify the vault, keep a copy of it as it is, and restore a backup";

bool disk_is_full(sqlite3* handle, int code) {
  if (code == SQLITE_FULL) return true;
  if (code != SQLITE_IOERR) return false;
  const int reason = sqlite3_system_errno(handle);
  return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

Error error_of(sqlite3* handle) {
  const int extended = sqlite3_extended_errcode(handle);
  const int code = extended & 0xff;
  const std::string why = fmt::format("{} (SQLite {})", sqlite3_errmsg(handle), extended);
  if (disk_is_full(handle, code))
    return {ErrorCode::no_space, "the vault cannot grow: " + why,
            "make room on its disk; sigilo goes on by itself"};
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::locked, "the vault is in use: " + why, "try again"};
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return {ErrorCode::permission, "the vault cannot be written: " + why,
              "check who owns its directory and files"};
    case SQLITE_CANTOPEN:
      return {ErrorCode::permission, "vault.db cannot be opened: " + why,
              "check who owns its directory and files; on a medium that cannot be written, copy "
              "vault.db and vault.db-wal together to one that can"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:  // rows that contradict each other: our own never do
    case SQLITE_MISMATCH:
    case SQLITE_ERROR:  // SQLCipher's code for a page whose HMAC is wrong; our statements have no
                        // others
    case SQLITE_FORMAT:
      return {ErrorCode::corrupt, "vault.db is damaged: " + why, restore_remedy};
    default:
      return {ErrorCode::io, "vault.db: " + why, "check the disk and the system's log"};
  }
}

tl::unexpected<Error> failed(sqlite3* handle) {
  return tl::unexpected<Error>(error_of(handle));
}

// What the file says about itself before any key is tried.
Result<> check_header(const fs::path& file) {
  std::error_code code;
  if (!fs::exists(file, code)) {
    if (code)
      return fail(ErrorCode::permission,
                  fmt::format("cannot look at {}: {}", file.string(), code.message()));
    return fail(ErrorCode::not_found, fmt::format("no vault at {}", file.string()),
                "run `sigilo init` to make one");
  }
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return fail(ErrorCode::permission, fmt::format("cannot read {}", file.string()),
                "run as the user that owns the vault");
  std::string head(plain_header.size(), '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (head == plain_header)
    return fail(ErrorCode::not_a_vault,
                fmt::format("{} is a plain SQLite file, not an encrypted vault", file.string()),
                "name the right directory in [vault]");
  if (static_cast<std::size_t>(in.gcount()) < head.size())
    return fail(ErrorCode::not_a_vault, fmt::format("{} is too short to be a vault", file.string()),
                "name the right directory in [vault], or restore a backup");
  return {};
}

// "file:" URI of a path, for media that cannot be written (SQLite's page "URI filenames",
// section 3.1).
std::string immutable_uri(const fs::path& file) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    if (c == '?' || c == '#' || c == '%')
      uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

// SQLite counts its memory under a mutex at each allocation; nobody asks for the sum. Before the
// first connection only.
void forgo_statistics() {
  static const int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  SIGILO_CHECK(code == SQLITE_OK, "SQLite was in use before the first vault");
}

Result<sqlite3*> open_handle(const std::string& name, int flags) {
  forgo_statistics();
  sqlite3* handle = nullptr;
  if (sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      nullptr) == SQLITE_OK)
    return handle;
  Error error = handle ? error_of(handle) : Error{ErrorCode::io, "SQLite has no memory", ""};
  sqlite3_close_v2(handle);
  return tl::unexpected<Error>(std::move(error));
}

void give_key(sqlite3* handle, const crypto::SecretBytes& key) {
  std::string hex = crypto::to_hex(key.view());
  std::string literal = "x'" + hex + "'";  // raw key: no derivation from a passphrase
  const int code = sqlite3_key(handle, literal.data(), static_cast<int>(literal.size()));
  crypto::wipe({reinterpret_cast<std::uint8_t*>(hex.data()), hex.size()});
  crypto::wipe({reinterpret_cast<std::uint8_t*>(literal.data()), literal.size()});
  SIGILO_CHECK(code == SQLITE_OK, "sqlite3_key refused a key of the right form");
}

}  // namespace

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_, parameter, value);
  SIGILO_CHECK(code == SQLITE_OK, "no such parameter, or the statement was not reset");
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  const int code = sqlite3_bind_text64(statement_, parameter, text.data() ? text.data() : "",
                                       text.size(), SQLITE_STATIC, SQLITE_UTF8);
  SIGILO_CHECK(code == SQLITE_OK, "no such parameter, too long, or the statement was not reset");
  return *this;
}

Statement& Statement::bind(int parameter, BytesView bytes) {
  const void* data = bytes.data() ? static_cast<const void*>(bytes.data()) : "";
  const int code = sqlite3_bind_blob64(statement_, parameter, data, bytes.size(), SQLITE_STATIC);
  SIGILO_CHECK(code == SQLITE_OK, "no such parameter, too long, or the statement was not reset");
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  const int code = sqlite3_bind_null(statement_, parameter);
  SIGILO_CHECK(code == SQLITE_OK, "no such parameter, or the statement was not reset");
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = error_of(sqlite3_db_handle(statement_));
  sqlite3_reset(statement_);
  return tl::unexpected<Error>(std::move(error));
}

Result<> Statement::run() {
  auto stepped = step();
  reset();
  if (!stepped) return pass_on(std::move(stepped));
  SIGILO_CHECK(!*stepped, "a statement that gives rows was run for none");
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
  return as_text(bytes(column));
}

BytesView Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  return {static_cast<const std::uint8_t*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::int64_t> Statement::maybe_integer(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_INTEGER) return std::nullopt;
  return integer(column);
}

std::optional<std::string> Statement::maybe_text(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_TEXT) return std::nullopt;
  return std::string(text(column));
}

std::optional<std::string> Statement::maybe_bytes(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_BLOB) return std::nullopt;
  return std::string(text(column));
}

Result<Database> Database::open(const fs::path& file, const crypto::SecretBytes& key,
                                Access access) {
  if (access != Access::create) SIGILO_TRY_DO(check_header(file));
  const int flags = access == Access::read     ? SQLITE_OPEN_READONLY
                    : access == Access::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                               : SQLITE_OPEN_READWRITE;
  // A copy on a medium that cannot be written has no room for SQLite's shared memory. Without a log
  // none is needed.
  std::error_code code;
  const bool sealed_medium = access == Access::read && !fs::exists(file.string() + "-wal", code) &&
                             ::access(file.parent_path().c_str(), W_OK) != 0;
  SIGILO_TRY(sqlite3 * handle, sealed_medium
                                   ? open_handle(immutable_uri(file), flags | SQLITE_OPEN_URI)
                                   : open_handle(file.string(), flags));
  Database database(handle);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  give_key(handle, key);
  SIGILO_TRY_DO(database.execute(cipher_format));
  SIGILO_TRY_DO(database.execute(for_all));
  // Only now the file is read, and the key tried.
  if (sqlite3_exec(handle, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr) !=
      SQLITE_OK) {
    if (sqlite3_errcode(handle) != SQLITE_NOTADB) return failed(handle);
    return fail(ErrorCode::wrong_key, fmt::format("the key does not open {}", file.string()),
                "give the key that the vault was made with; if it is that one, the file's first "
                "page is damaged or the "
                "file is no vault: restore a backup");
  }
  if (access == Access::create) SIGILO_TRY_DO(database.execute("PRAGMA journal_mode = WAL"));
  SIGILO_TRY_DO(database.execute(access == Access::read ? for_reader : for_writer));
  return database;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failed(handle_);
  return Statement(statement);
}

Result<> Database::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failed(handle_);
  return {};
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  SIGILO_TRY(auto statement, prepare(sql));
  SIGILO_TRY(const bool row, statement.step());
  if (!row)
    return fail(ErrorCode::corrupt, "vault.db lacks a row that it must have", restore_remedy);
  return statement.integer(0);
}

void Database::rollback() {
  if (sqlite3_get_autocommit(handle_) == 0)
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Database::count_log_pages(int* pages) {
  sqlite3_wal_hook(
      handle_,
      [](void* out, sqlite3*, const char*, int count) {
        *static_cast<int*>(out) = count;
        return SQLITE_OK;
      },
      pages);
}

Result<> Database::checkpoint_log() {
  const int code =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) return failed(handle_);
  return {};
}

Result<Snapshot> Snapshot::begin(Database& database) {
  SIGILO_TRY_DO(database.execute("BEGIN"));
  return Snapshot(database);
}

Snapshot::~Snapshot() {
  if (database_) database_->rollback();
}

std::string_view how_to_open() {
  return cipher_format;
}

}  // namespace sigilo::vault
