// SPDX-License-Identifier: Apache-2.0
// The desk behind the local API: one function a resource. Private to this room.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access.hpp"
#include "api/local_api.hpp"
#include "api/streams.hpp"
#include "json/value.hpp"
#include "vault/audit.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {

net::Response json_response(json::Value value, int status = 200);
net::Response error_response(int status, const std::string& what, const std::string& remedy);

struct LocalApi::Impl : std::enable_shared_from_this<LocalApi::Impl> {
  Impl(Services given, Logger logger) : services(std::move(given)), log(logger) {}

  using Answer = Result<net::Response> (Impl::*)(const net::Request&, uid_t);
  struct Route {
    std::string_view path;
    std::string_view rest;  ///< "*": something must follow the path, and `end` that
    std::string_view end;
    std::string_view method;
    Answer answer;
  };
  /// The part of the path that stands for "*", as it was sent.
  static std::string_view rest_of(const net::Request& request);
  /// The same decoded: a number or a user id. Errors: invalid_input.
  static Result<std::string> name_in(const net::Request& request);

  std::optional<net::Response> refuse(const net::Peer& peer) const;
  void request(net::Request request, const net::Peer& peer, const net::Responder& respond);
  static const Route* route(std::string_view path);
  net::Response answer(const Route& route, const net::Request& request, uid_t uid);

  // Run on: work.
  Result<net::Response> status(const net::Request& request, uid_t uid);
  Result<net::Response> messages(const net::Request& request, uid_t uid);
  Result<net::Response> show(const net::Request& request, uid_t uid);
  Result<net::Response> file(const net::Request& request, uid_t uid);
  Result<net::Response> alerts(const net::Request& request, uid_t uid);
  Result<net::Response> person(const net::Request& request, uid_t uid);
  Result<net::Response> gaps(const net::Request& request, uid_t uid);
  Result<net::Response> anchors(const net::Request& request, uid_t uid);
  Result<net::Response> kept_anchors(const net::Request& request, uid_t uid);
  Result<net::Response> lines(const net::Request& request, uid_t uid);
  Result<net::Response> line(const net::Request& request, uid_t uid);
  Result<net::Response> request_history(const net::Request& request, uid_t uid);
  Result<net::Response> verify(const net::Request& request, uid_t uid);
  Result<net::Response> export_bundle(const net::Request& request, uid_t uid);
  Result<net::Response> checkpoint(const net::Request& request, uid_t uid);
  Result<net::Response> rekey(const net::Request& request, uid_t uid);

  /// Whoever names a vault must not be answered by the daemon of another. `otherwise`: what to do.
  /// Errors: not_found.
  Result<> keeps(std::string_view directory, std::string_view otherwise) const;
  /// Commits the access record; only then may the content be shown.
  Result<> remember(const Reading& reading);
  /// Waits until `work` is durable. `otherwise`: what its failure means for whoever asks.
  Result<> commit(std::string_view otherwise, vault::Work work);
  Result<vault::Reader> reader() {
    return vault::Reader::open(services.vault_directory, services.vault_key);
  }

  Services services;
  Logger log;
  Streams streams;
  std::atomic<bool> verifying = false;
  std::atomic<bool> requesting = false;
};

}  // namespace sigilo::api
