// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "cli/commands/commands.hpp"
#include "config/secret.hpp"
#include "crypto/encoding.hpp"
#include "crypto/random.hpp"
#include "crypto/secret_file.hpp"
#include "vault/vault.hpp"

namespace sigilo::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t vault_key_bytes = 32;

/// Makes the key file that the configuration names, unless it is there. A credential is never made
/// here: it belongs to systemd.
Result<bool> make_vault_key(const config::Config& config, Random& random) {
  SIGILO_TRY(const auto path, config.vault.key.path(config::credentials_directory()));
  std::error_code ignored;
  if (config.vault.key.kind == config::SecretRef::Kind::credential || fs::exists(path, ignored))
    return false;
  const auto raw = crypto::SecretBytes::random(vault_key_bytes, random);
  auto hex = crypto::to_hex(raw.view());
  auto written = crypto::write_secret_file(path, as_bytes(hex));
  crypto::wipe({reinterpret_cast<std::uint8_t*>(hex.data()), hex.size()});
  if (!written) return pass_on(std::move(written));
  return true;
}

/// What root makes must be readable by the service: the key belongs to the owner of the vault's
/// directory, as the vault does.
Result<> give_key_to_owner(const config::Config& config) {
  if (::geteuid() != 0 || config.vault.key.kind == config::SecretRef::Kind::credential) return {};
  struct stat owner {};
  const auto& directory = config.vault.directory;
  if (::stat(directory.c_str(), &owner) == 0 &&
      ::lchown(config.vault.key.where.c_str(), owner.st_uid, owner.st_gid) == 0)
    return {};
  return fail(ErrorCode::permission,
              fmt::format("cannot give {} to the owner of {}: {}", config.vault.key.where,
                          directory.string(), std::generic_category().message(errno)),
              "chown it to the user that runs sigilod");
}

/// "ab12 cd34 …" in groups of four, for reading aloud and for writing down.
std::string grouped(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i > 0 && i % 4 == 0) out += ' ';
    out += hex[i];
  }
  return out;
}

void print_for_people(const config::Config& config, const vault::Created& made, bool key_made,
                      const std::string& recovery) {
  print_line(fmt::format("Vault {} was made in {}.", made.uuid, config.vault.directory.string()));
  if (key_made)
    print_line(
        fmt::format("Its key was made in {}. Keep a printed copy in the firm's safe, apart from "
                    "any backup of the "
                    "vault: without it nobody opens the vault.",
                    config.vault.key.where));
  print_line("");
  print_line(
      "Fingerprint (give it to the partners and to the auditor; it proves the vault's beginning):");
  print_line("  " + grouped(made.fingerprint));
  print_line("");
  print_line(
      "Recovery key (shown once; write it down, put it in the safe, keep it off this machine):");
  print_line("  " + grouped(recovery));
}

}  // namespace

int init(const Context& context) {
  const auto config = context.config();
  if (!config) return exit_config;
  crypto::SystemRandom random;
  const SystemClock clock;
  std::error_code ignored;
  if (fs::exists(config->vault.directory / "vault.db", ignored))
    return complain(Error{ErrorCode::already_exists,
                          fmt::format("there is a vault in {} already; nothing was changed",
                                      config->vault.directory.string()),
                          "to begin another one name another [vault] directory"});
  const auto key_made = make_vault_key(*config, random);
  if (!key_made) return complain(key_made.error());
  const auto key = read_vault_key(*config);
  if (!key) return complain(key.error());
  const auto made = vault::create(config->vault.directory, *key,
                                  {config->firm.name, SIGILO_VERSION}, clock, random);
  if (!made) return complain(made.error());
  if (const auto given = *key_made ? give_key_to_owner(*config) : Result<>(); !given)
    complain(given.error());  // the vault is made all the same, and its recovery key is shown once
  auto recovery = crypto::to_hex(made->recovery_key.view());
  if (context.json) {
    print_json(json::Object{
        {"vault", made->uuid}, {"fingerprint", made->fingerprint}, {"recovery_key", recovery}});
  } else {
    print_for_people(*config, *made, *key_made, recovery);
  }
  crypto::wipe({reinterpret_cast<std::uint8_t*>(recovery.data()), recovery.size()});
  return exit_ok;
}

}  // namespace sigilo::cli
