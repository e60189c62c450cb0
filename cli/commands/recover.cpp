// SPDX-License-Identifier: Apache-2.0
// A new signing key by the recovery key from the safe.
#include <cstdio>

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "api/access.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "cli/alone.hpp"
#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "crypto/encoding.hpp"
#include "crypto/random.hpp"
#include "crypto/secret_file.hpp"
#include "json/canonical.hpp"
#include "vault/reader.hpp"
#include "vault/store.hpp"
#include "vault/vault.hpp"

namespace sigilo::cli {
namespace {

constexpr std::size_t digits = 64;
/// Whatever stands between the groups fits too.
constexpr std::size_t most_typed = 1024;

/// What is typed does not appear on the terminal.
class NoEcho {
 public:
  NoEcho() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool changed_ = false;
};

/// One line of a terminal, or all of a pipe.
Result<crypto::SecretBytes> read_typed() {
  const bool terminal = ::isatty(STDIN_FILENO) == 1;
  if (terminal)
    fmt::print(stderr, "Recovery key (64 hex digits, groups as printed; it is not shown): ");
  const NoEcho silent;
  crypto::SecretBytes typed(most_typed);
  std::size_t size = 0;
  for (ssize_t count = 1; count > 0 && size < most_typed;) {
    count = ::read(STDIN_FILENO, typed.writable().data() + size, most_typed - size);
    size += count > 0 ? static_cast<std::size_t>(count) : 0;
    if (terminal && size > 0 && typed.view()[size - 1] == '\n') break;
  }
  if (terminal) fmt::print(stderr, "\n");
  return crypto::SecretBytes::copy_of(typed.view().first(size));
}

/// The 32 bytes of "ab12 cd34 …"; spaces, dashes and colons do not matter.
Result<crypto::SecretBytes> parse_recovery_key(const crypto::SecretBytes& text) {
  crypto::SecretBytes hex(digits);
  std::size_t count = 0;
  for (const char c : text.text()) {
    if (c == ' ' || c == '-' || c == ':' || c == '\n' || c == '\r' || c == '\t') continue;
    if (count < digits) hex.writable()[count] = static_cast<std::uint8_t>(c);
    ++count;
  }
  if (count == digits) {
    if (auto key = vault::parse_vault_key(hex.view())) return key;  // the same form
  }
  return fail(ErrorCode::invalid_input,
              fmt::format("a recovery key is {} hex digits; this is something else", digits),
              "write it as `sigilo init` showed it");
}

Result<crypto::SecretBytes> read_recovery_key(const std::string& file) {
  SIGILO_TRY(const auto text, file.empty()
                                  ? read_typed()
                                  : crypto::read_secret_file(file, crypto::SecretMode::owner_only));
  return parse_recovery_key(text);
}

std::string recovered_body(const vault::PresentEpoch& epoch, uid_t uid) {
  return json::canonical(json::Object{{"epoch", epoch.number.value()},
                                      {"event", "recover"},
                                      {"record", epoch.named.value()},
                                      {"uid", static_cast<std::uint64_t>(uid)},
                                      {"user", api::user_name(uid)},
                                      {"v", 1}});
}

Result<vault::PresentEpoch> recover_vault(const config::Config& config,
                                          const crypto::SecretBytes& recovery) {
  const auto asks = ::getuid();
  SIGILO_TRY(const auto key, read_vault_key(config));
  SIGILO_TRY_DO(become_owner_of_the_vault(config));
  const SystemClock clock;
  crypto::SystemRandom random;
  StderrSink sink(false);
  const Logger log(sink, LogLevel::warning);
  const auto& directory = config.vault.directory;
  SIGILO_TRY_DO(vault::recover(directory, key, recovery, clock, random, log));
  SIGILO_TRY(auto reader, vault::Reader::open(directory, key));
  SIGILO_TRY(const auto epoch, reader.present_epoch());
  SIGILO_TRY(auto vault, vault::Vault::open(directory, key, clock, random, log));
  vault::StoreThread store(*vault, {}, log);
  SIGILO_TRY_DO(store.run([&](vault::WriteTransaction& transaction) -> Result<> {
    return transaction.append(RecordKind::service, recovered_body(epoch, asks)).map([](Seq) {});
  }));
  return epoch;
}

}  // namespace

int recover(const Context& context, const std::string& file) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto recovery = read_recovery_key(file);
  if (!recovery) return complain(recovery.error());
  const auto epoch = recover_vault(*config, *recovery);
  if (!epoch) return complain(epoch.error());
  const auto public_key = crypto::to_hex(epoch->public_key.view());
  if (context.json) {
    print_json(json::Object{{"began", format_rfc3339(epoch->began)},
                            {"epoch", epoch->number.value()},
                            {"public_key", public_key},
                            {"record", epoch->named.value()}});
    return exit_ok;
  }
  print_line(
      fmt::format("Record {} names a new signing key, for epoch {}, signed by the recovery "
                  "key. That shows for ever.",
                  epoch->named.value(), epoch->number.value()));
  print_line("public key   " + public_key);
  print_line("");
  print_line("Start sigilod. Put the recovery key back into the safe: it serves again.");
  return exit_ok;
}

}  // namespace sigilo::cli
