// SPDX-License-Identifier: Apache-2.0
// The local API: HTTP/1.1 and JSON on a Unix socket, for `sigilo` and for `curl --unix-socket`.
// Whoever reads content leaves an `access` record, and it is committed before the content is shown.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "anchor/keeper.hpp"
#include "base/log.hpp"
#include "crypto/secret.hpp"
#include "graph/api.hpp"
#include "json/value.hpp"
#include "net/http_server.hpp"
#include "net/loop.hpp"
#include "vault/store.hpp"

namespace sigilo::api {

/// A line as the configuration has it.
struct ConfiguredLine {
  std::string number;  ///< E.164
  std::string phone_number_id;
  std::string lawyer;
  std::string team;
};

/// What only the daemon knows at the moment; goes into GET /v1/status.
struct Runtime {
  std::string version;
  Timestamp started;
  Timestamp now;
  std::vector<ConfiguredLine> lines;
  std::uint64_t backlog = 0;  ///< deliveries taken and not yet answered
  json::Object sources;  ///< e.g. {"meta": {"listen": …, "accepted": …, "refused_signature": …}}
  json::Object media;  ///< members of "media" that the vault does not know: under_way, trouble
  std::vector<anchor::PlaceState> anchors;
  std::vector<std::string> attention;  ///< sentences: what needs a person, most urgent first
};

struct Services {
  std::filesystem::path vault_directory;
  crypto::SecretBytes vault_key;
  vault::StoreThread* store = nullptr;
  net::Loop* io = nullptr;
  /// Runs a task on a work thread; false: too busy (503).
  std::function<bool(std::function<void()>)> run_on_work;
  std::function<Runtime()> runtime;  ///< called on work
  /// False while the provider cannot be asked: there is no access token. Called on work.
  std::function<bool()> can_ask;
  /// Asks the provider for a phone's contacts or history: graph::Api::request_sync. Called on work,
  /// where can_ask(); may take a minute.
  std::function<graph::Answer<std::string>(std::string_view phone_number_id, graph::SyncType)>
      request_sync;
  /// True ends a verification under way, so that stopping need not wait for it; called on work.
  std::function<bool()> stopping;
  uid_t own_uid = 0;  ///< besides root the only one who is allowed, until roles come
};

/// GET  /v1/status
/// GET  /v1/messages?line&party&since&until&kind&limit      access record
/// GET  /v1/messages/SEQ                                    access record
/// GET  /v1/media/SEQ                                       access record; the file itself
/// GET  /v1/alerts?open&limit                               access record
/// GET  /v1/persons/NAME                                    access record
/// GET  /v1/gaps?limit                                      access record
/// GET  /v1/anchors
/// GET  /v1/anchors/kept
/// GET  /v1/lines
/// GET  /v1/lines/NUMBER
/// POST /v1/lines/NUMBER/request-history?again              one at a time
/// POST /v1/verify?depth&fingerprint&directory              one at a time
/// POST /v1/checkpoint
/// POST /v1/export/bundle?party&line&since&until&alert&record&language&timezone
///                                                          access and export record
/// POST /v1/rekey?directory
/// Errors: {"error":{"what":…,"remedy":…}} with 400, 403, 404, 405, 409, 500 or 503
/// (docs/local-api.md). handlers() is called on io; everything that reads runs on work. Borrows
/// what Services points to.
class LocalApi {
 public:
  LocalApi(Services services, Logger log);
  ~LocalApi();
  [[nodiscard]] net::HttpHandlers handlers();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sigilo::api
