// SPDX-License-Identifier: Apache-2.0
#include "anchoring.hpp"

#include <stop_token>
#include <utility>

#include "anchor/directory.hpp"
#include "anchor/time_stamp.hpp"
#include "anchor/witness.hpp"
#include "net/web_client.hpp"
#include "process.hpp"
#include "vault/reader.hpp"

namespace sigilo {
namespace {

/// A client for each place: one that hangs is broken off alone.
Result<std::shared_ptr<net::WebClient>> make_client(const Clock& clock) {
  net::WebSettings settings;
  settings.user_agent = std::string("sigilo/") + SIGILO_VERSION;
  settings.proxy = net::proxy_settings_from(environment());
  SIGILO_TRY(auto client, net::WebClient::make(std::move(settings), clock));
  return std::shared_ptr<net::WebClient>(std::move(client));
}

anchor::Exchange exchange_of(const std::shared_ptr<net::WebClient>& client) {
  return [client](const net::WebRequest& request, std::uint64_t max_body) {
    return client->exchange(request, max_body);
  };
}

}  // namespace

Anchoring::Anchoring(anchor::Keeper::Places places, vault::Reader reader, const Parts& parts,
                     Logger log)
    : keeper_(std::move(places), parts.config.anchor.every, std::move(reader), parts.store,
              parts.clock, parts.random, log),
      chores_(std::make_unique<Chores>(
          "sigilo-anchor",
          std::vector<Chore>{{"bringing checkpoints to who remembers them",
                              [this](const std::stop_token& stop) { return keeper_.step(stop); }}},
          parts.clock, log)) {}

Result<anchor::Keeper::Places> Anchoring::places(const Parts& parts) {
  const auto& anchor = parts.config.anchor;
  anchor::Keeper::Places places;
  if (anchor.directory) places.push_back(std::make_unique<anchor::Directory>(*anchor.directory));
  for (const auto& url : anchor.timestamp) {
    SIGILO_TRY(const auto client, make_client(parts.clock));
    places.push_back(std::make_unique<anchor::TimeStamp>(
        anchor::TimeStamp::Settings{url, anchor.timestamp_roots}, exchange_of(client),
        [client] { client->interrupt(); }, parts.clock, parts.random));
  }
  for (const auto& witness : anchor.witnesses) {
    SIGILO_TRY(const auto client, make_client(parts.clock));
    SIGILO_TRY(auto reader, vault::Reader::open(parts.config.vault.directory, parts.vault_key));
    const auto tree = std::make_shared<vault::Reader>(std::move(reader));
    places.push_back(std::make_unique<anchor::Witness>(
        anchor::Witness::Settings{witness.url, witness.key},
        [tree](std::uint64_t old_size, std::uint64_t size) {
          return tree->consistency(old_size, size);
        },
        exchange_of(client), [client] { client->interrupt(); }, parts.clock));
  }
  return places;
}

Result<std::unique_ptr<Anchoring>> Anchoring::start(const Parts& parts, Logger log) {
  SIGILO_TRY(auto all, places(parts));
  if (all.empty()) return nullptr;
  SIGILO_TRY(auto reader, vault::Reader::open(parts.config.vault.directory, parts.vault_key));
  return std::unique_ptr<Anchoring>(new Anchoring(std::move(all), std::move(reader), parts, log));
}

}  // namespace sigilo
