// SPDX-License-Identifier: Apache-2.0
#include "api/rekey.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cli/alone.hpp"
#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "crypto/random.hpp"
#include "text/terminal.hpp"
#include "vault/vault.hpp"

namespace sigilo::cli {
namespace {

Result<json::Object> rekey_alone(const config::Config& config) {
  const auto asks = ::getuid();
  SIGILO_TRY(const auto key, read_vault_key(config));
  SIGILO_TRY_DO(become_owner_of_the_vault(config));
  const SystemClock clock;
  crypto::SystemRandom random;
  StderrSink sink(false);
  const Logger log(sink, LogLevel::warning);
  SIGILO_TRY(auto vault, vault::Vault::open(config.vault.directory, key, clock, random, log));
  vault::StoreThread store(*vault, {}, log);
  return api::rekey(store, config.vault.directory, key, asks);
}

}  // namespace

int rekey(const Context& context) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto directory = std::filesystem::absolute(config->vault.directory).string();
  auto epoch =
      ask_for_object(*config, request_for("POST", "/v1/rekey", {{"directory", directory}}));
  if (!epoch && (epoch.error().code == ErrorCode::unavailable ||
                 epoch.error().code == ErrorCode::not_found)) {
    fmt::print(stderr, "no daemon keeps {}; working on it without\n",
               text::for_terminal(config->vault.directory.string()));
    epoch = rekey_alone(*config);
  }
  if (!epoch) return complain(epoch.error());
  if (context.json) {
    print_json(std::move(*epoch));
    return exit_ok;
  }
  print_line(fmt::format("Epoch {} has begun with record {}; the signing key before is destroyed.",
                         number_of(*epoch, "epoch"), number_of(*epoch, "record")));
  print_line("public key   " + text_of(*epoch, "public_key"));
  print_line("");
  print_line("Keep a checkpoint elsewhere now ('sigilo checkpoint'): it pins all that was before.");
  return exit_ok;
}

}  // namespace sigilo::cli
