// SPDX-License-Identifier: Apache-2.0
// A new vault: everything durable under its final name, or nothing.
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "ledger/record.hpp"
#include "vault/bodies.hpp"
#include "vault/database.hpp"
#include "vault/files.hpp"
#include "vault/rows.hpp"
#include "vault/schema.hpp"
#include "vault/vault.hpp"

namespace sigilo::vault {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view instructions =
    "-- vault.db is a SQLCipher 4 database. Open it with the stock `sqlcipher` program:\n"
    "--   sqlcipher vault.db\n"
    "-- first give the key, 64 hex digits, then the lines below:\n"
    "--   PRAGMA key = \"x'...'\";\n";

std::string why(const std::error_code& code) {
  return code.message();
}

ErrorCode kind_of(const std::error_code& code) {
  if (code == std::errc::no_space_on_device) return ErrorCode::no_space;
  if (code == std::errc::file_exists) return ErrorCode::already_exists;
  if (code == std::errc::permission_denied || code == std::errc::operation_not_permitted ||
      code == std::errc::read_only_file_system)
    return ErrorCode::permission;
  return ErrorCode::io;
}

tl::unexpected<Error> cannot(std::string_view act, const fs::path& path,
                             const std::error_code& code) {
  return fail(kind_of(code), fmt::format("cannot {} {}: {}", act, path.string(), why(code)));
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

// Makes files and directories, and takes them away again unless keep() is called.
class Builder {
 public:
  explicit Builder(fs::path directory) : directory_(std::move(directory)) {}
  ~Builder() {
    std::error_code ignored;
    for (auto path = made_.rbegin(); path != made_.rend(); ++path) fs::remove(*path, ignored);
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  void keep() { made_.clear(); }
  /// Will be removed with the others.
  void adopt(fs::path path) { made_.push_back(std::move(path)); }

  Result<> folder(const fs::path& path) {
    if (::mkdir(path.c_str(), 0700) == 0) {
      adopt(path);
      return {};
    }
    const auto code = last_error();
    if (code == std::errc::file_exists && fs::is_directory(path)) return {};
    return cannot("make", path, code);
  }

  /// A new file, mode 0600, with this content.
  Result<> file(const fs::path& path, std::string_view content) {
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return cannot("make", path, last_error());
    adopt(path);
    const bool written = ::write(descriptor, content.data(), content.size()) ==
                             static_cast<ssize_t>(content.size()) &&
                         ::fsync(descriptor) == 0;
    const auto code = last_error();
    ::close(descriptor);
    if (!written) return cannot("write", path, code);
    return {};
  }

  /// What root made belongs to the directory's owner, or the daemon could not read it.
  Result<> hand_over() {
    if (::geteuid() != 0) return {};
    struct stat owner {};
    if (::stat(directory_.c_str(), &owner) != 0) return cannot("look at", directory_, last_error());
    for (const auto& path : made_)
      if (::lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0 && errno != ENOENT)
        return cannot("change the owner of", path, last_error());
    return {};
  }

 private:
  fs::path directory_;
  std::vector<fs::path> made_;
};

// Version 4 of RFC 9562.
std::string new_uuid(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text = crypto::to_hex(bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

fs::path unfinished_file(const fs::path& directory) {
  return directory / "vault.db.new";
}

// A vault or keys that are there are never touched, except what an interrupted init left: its
// database still has the unfinished name, so nothing can have been recorded in it.
Result<> make_room(const fs::path& directory) {
  std::error_code code;
  const auto taken = [&](const fs::path& path) {
    return fail(ErrorCode::already_exists,
                fmt::format("there is a vault already: {}", path.string()),
                "use it, or choose another [vault] directory; nothing was changed");
  };
  if (fs::exists(fs::symlink_status(database_file(directory), code)))
    return taken(database_file(directory));
  const fs::path unfinished = unfinished_file(directory);
  const bool interrupted = fs::exists(fs::symlink_status(unfinished, code));
  const fs::path key = key_file(directory, Epoch(0));
  if (!interrupted) {
    const auto keys = keys_directory(directory);
    if (fs::is_directory(keys, code) && !fs::is_empty(keys, code)) return taken(keys);
    return {};
  }
  for (const auto& left :
       {key, directory / "HOW-TO-OPEN.txt", fs::path(unfinished.string() + "-wal"),
        fs::path(unfinished.string() + "-shm"), unfinished}) {
    fs::remove(left, code);
    if (code) return cannot("remove", left, code);
  }
  return {};
}

struct Genesis {
  std::string uuid;
  crypto::Digest fingerprint;
};

Result<Genesis> write_genesis(Database& database, const std::string& uuid, const std::string& body,
                              const crypto::SigningKey& key, const Clock& clock, Random& random) {
  SIGILO_TRY(auto epoch_key, crypto::SigningKey::from_seed(key.seed()));
  ledger::Sealer sealer(uuid, std::move(epoch_key), clock, random);
  const ledger::Record record = sealer.seal(RecordKind::genesis, body);

  SIGILO_TRY_DO(database.execute("BEGIN IMMEDIATE"));
  SIGILO_TRY_DO(create_schema(database));
  SIGILO_TRY(auto vault,
             database.prepare("INSERT INTO vault (uuid, created, fingerprint) VALUES (?, ?, ?)"));
  SIGILO_TRY_DO(
      vault.bind(1, uuid).bind(2, record.header.time.micros()).bind(3, record.leaf.view()).run());
  SIGILO_TRY(auto add_record, database.prepare(insert_record));
  SIGILO_TRY_DO(bind_record(add_record, record).run());
  SIGILO_TRY(auto add_epoch, database.prepare(insert_epoch));
  SIGILO_TRY_DO(add_epoch.bind(1, std::int64_t{0})
                    .bind(2, key.public_key().view())
                    .bind(3, std::int64_t{0})
                    .run());
  ledger::TileWriter tiles;
  tiles.append(record.leaf);
  SIGILO_TRY(auto put_tile, database.prepare(upsert_tile));
  for (const auto& tile : tiles.take_changed()) SIGILO_TRY_DO(store_tile(put_tile, tile));
  SIGILO_TRY_DO(database.execute("COMMIT"));
  return Genesis{uuid, record.leaf};
}

}  // namespace

Result<Created> create(const fs::path& directory, const crypto::SecretBytes& key,
                       const NewVault& what, const Clock& clock, Random& random) {
  Builder builder(directory);
  SIGILO_TRY_DO(builder.folder(directory));
  SIGILO_TRY_DO(make_room(directory));
  SIGILO_TRY_DO(builder.folder(keys_directory(directory)));
  SIGILO_TRY_DO(builder.folder(directory / "media"));

  const fs::path unfinished = unfinished_file(directory);
  SIGILO_TRY_DO(
      builder.file(unfinished, ""));  // before SQLite, which would make it readable for others
  const auto signing = crypto::SigningKey::generate(random);
  const auto recovery = crypto::SigningKey::generate(random);
  const std::string uuid = new_uuid(random);
  const std::string body =
      genesis_body(what, clock.now(), signing.public_key(), recovery.public_key());
  Genesis genesis;
  {
    builder.adopt(unfinished.string() + "-wal");
    builder.adopt(unfinished.string() + "-shm");
    SIGILO_TRY(auto database, Database::open(unfinished, key, Access::create));
    SIGILO_TRY(genesis, write_genesis(database, uuid, body, signing, clock, random));
  }  // closing copies the log into the file
  SIGILO_TRY_DO(write_key(directory, Epoch(0), signing));
  builder.adopt(key_file(directory, Epoch(0)));
  SIGILO_TRY_DO(builder.file(directory / "HOW-TO-OPEN.txt",
                             std::string(instructions) + std::string(how_to_open())));
  SIGILO_TRY_DO(builder.hand_over());

  // From here on there is a vault.
  if (::rename(unfinished.c_str(), database_file(directory).c_str()) != 0)
    return cannot("rename", unfinished, last_error());
  builder.keep();
  SIGILO_TRY_DO(sync_directory(directory));
  SIGILO_TRY_DO(sync_directory(fs::absolute(directory).lexically_normal().parent_path()));
  return Created{genesis.uuid, genesis.fingerprint.hex(),
                 crypto::SecretBytes::copy_of(recovery.seed())};
}

}  // namespace sigilo::vault
