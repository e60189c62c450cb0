// SPDX-License-Identifier: Apache-2.0
#include "api/local_api.hpp"

#include <atomic>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "api/access.hpp"
#include "api/query.hpp"
#include "api/safe_json.hpp"
#include "api/shapes.hpp"
#include "api/show.hpp"
#include "vault/audit.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {
namespace {

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
      return 400;
    case ErrorCode::permission:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::unavailable:
    case ErrorCode::no_space:
    case ErrorCode::locked:
    case ErrorCode::timeout:
      return 503;
    default:
      return 500;
  }
}

net::Response json_response(json::Value value, int status = 200) {
  net::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = safe_json(std::move(value)) + "\n";
  return response;
}

net::Response error_response(int status, const std::string& what, const std::string& remedy) {
  return json_response(json::Object{{"error", json::Object{{"what", what}, {"remedy", remedy}}}},
                       status);
}

net::Response error_response(const Error& error) {
  return error_response(status_of(error.code), error.what, error.remedy);
}

template <class T>
json::Array array_of(const std::vector<T>& rows, json::Object (*shape)(const T&)) {
  json::Array array;
  array.reserve(rows.size());
  for (const auto& row : rows) array.push_back(shape(row));
  return array;
}

/// Whether both paths name one directory, by whatever links.
bool same_directory(const std::filesystem::path& one, const std::filesystem::path& other) {
  std::error_code ignored;
  return std::filesystem::equivalent(one, other, ignored);
}

}  // namespace

struct LocalApi::Impl : std::enable_shared_from_this<LocalApi::Impl> {
  Impl(Services given, Logger logger) : services(std::move(given)), log(logger) {}

  using Answer = Result<json::Value> (Impl::*)(const net::Request&, uid_t);
  struct Route {
    std::string_view path;  ///< ending in "/": followed by a record number
    std::string_view method;
    Answer answer;
  };

  std::optional<net::Response> refuse(const net::Peer& peer) const;
  void request(net::Request request, const net::Peer& peer, const net::Responder& respond);
  static const Route* route(std::string_view path);
  net::Response answer(const Route& route, const net::Request& request, uid_t uid);

  // Run on: work.
  Result<json::Value> status(const net::Request& request, uid_t uid);
  Result<json::Value> messages(const net::Request& request, uid_t uid);
  Result<json::Value> show(const net::Request& request, uid_t uid);
  Result<json::Value> alerts(const net::Request& request, uid_t uid);
  Result<json::Value> verify(const net::Request& request, uid_t uid);
  Result<json::Value> checkpoint(const net::Request& request, uid_t uid);
  /// Commits the access record; only then may the content be shown.
  Result<> remember(const Reading& reading);
  /// Waits until `work` is durable. `otherwise`: what its failure means for whoever asks.
  Result<> commit(std::string_view otherwise, vault::Work work);
  Result<vault::Reader> reader() {
    return vault::Reader::open(services.vault_directory, services.vault_key);
  }

  Services services;
  Logger log;
  std::atomic<bool> verifying = false;
};

namespace {
constexpr std::string_view message_prefix = "/v1/messages/";
}  // namespace

const LocalApi::Impl::Route* LocalApi::Impl::route(std::string_view path) {
  static constexpr Route routes[] = {
      {"/v1/status", "GET", &Impl::status},  {"/v1/messages", "GET", &Impl::messages},
      {message_prefix, "GET", &Impl::show},  {"/v1/alerts", "GET", &Impl::alerts},
      {"/v1/verify", "POST", &Impl::verify}, {"/v1/checkpoint", "POST", &Impl::checkpoint},
  };
  for (const auto& known : routes) {
    if (path == known.path || (known.path.ends_with('/') && path.starts_with(known.path)))
      return &known;
  }
  return nullptr;
}

std::optional<net::Response> LocalApi::Impl::refuse(const net::Peer& peer) const {
  if (peer.uid && (*peer.uid == 0 || *peer.uid == services.own_uid)) return std::nullopt;
  log.warning("the local API refused uid {}", peer.uid ? std::to_string(*peer.uid) : "unknown");
  return error_response(403, "this user may not use sigilo's local API",
                        "run the command as root or as the daemon's own user");
}

void LocalApi::Impl::request(net::Request request, const net::Peer& peer,
                             const net::Responder& respond) {
  if (auto refusal = refuse(peer)) return respond(std::move(*refusal));
  const auto* const found = route(request.path());
  if (found == nullptr)
    return respond(error_response(404, "no such resource", "see docs/local-api.md for the paths"));
  if (found->method != request.method) {
    auto refusal = error_response(405, fmt::format("this resource takes {} only", found->method),
                                  "see docs/local-api.md");
    refusal.headers.emplace_back("Allow", found->method);  // RFC 9110, section 15.5.6
    return respond(std::move(refusal));
  }
  auto task = [self = shared_from_this(), found, request = std::move(request), uid = *peer.uid,
               respond] {
    self->services.io->post([respond, response = self->answer(*found, request, uid)]() mutable {
      respond(std::move(response));
    });
  };
  if (!services.run_on_work(std::move(task)))
    respond(error_response(503, "the daemon is busy with other requests", "try again in a moment"));
}

/// Libraries may throw (memory that a long list does not get); a request must not end the daemon.
net::Response LocalApi::Impl::answer(const Route& route, const net::Request& request, uid_t uid) {
  auto result = [&]() -> Result<net::Response> {
    try {
      SIGILO_TRY(auto value, (this->*route.answer)(request, uid));
      return json_response(std::move(value));
    } catch (const std::exception& thrown) {
      return fail(ErrorCode::io, fmt::format("answering failed: {}", thrown.what()),
                  "ask for less at once, or look at the daemon's log");
    }
  }();
  if (result) return std::move(*result);
  if (status_of(result.error().code) >= 500)
    log.error("the local API could not answer {}: {}", route.path, result.error().message());
  return error_response(result.error());
}

Result<json::Value> LocalApi::Impl::status(const net::Request& request, uid_t) {
  SIGILO_TRY_DO(parameters(request, {}));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto summary, vault.summary());
  return json::Value(status_json(summary, services.runtime()));
}

Result<json::Value> LocalApi::Impl::messages(const net::Request& request, uid_t uid) {
  SIGILO_TRY(const auto filter, message_filter(request));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto rows, vault.messages(filter));
  Reading reading{uid, "messages", filter_json(request), {}};
  for (const auto& row : rows) reading.shown.push_back(row.seq);
  SIGILO_TRY_DO(remember(reading));
  return json::Value(array_of(rows, message_json));
}

Result<json::Value> LocalApi::Impl::show(const net::Request& request, uid_t uid) {
  SIGILO_TRY_DO(parameters(request, {}));
  SIGILO_TRY(const auto seq, seq_of(request.path().substr(message_prefix.size())));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(auto audit, vault::AuditReader::open(services.vault_directory, services.vault_key));
  SIGILO_TRY(auto shown, show_message(vault, audit, seq));
  SIGILO_TRY_DO(remember({uid, "show", {}, std::move(shown.seqs)}));
  return json::Value(std::move(shown.message));
}

Result<json::Value> LocalApi::Impl::alerts(const net::Request& request, uid_t uid) {
  SIGILO_TRY(const auto filter, alert_filter(request));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto rows, vault.alerts(filter.only_open, filter.limit));
  Reading reading{uid, "alerts", filter_json(request), {}};
  for (const auto& row : rows) reading.shown.push_back(row.message);
  SIGILO_TRY_DO(remember(reading));
  return json::Value(array_of(rows, alert_json));
}

/// One at a time: a second one would leave no thread to tell how the daemon is.
Result<json::Value> LocalApi::Impl::verify(const net::Request& request, uid_t) {
  SIGILO_TRY(const auto wanted, verify_request(request));
  if (!wanted.directory.empty() && !same_directory(wanted.directory, services.vault_directory))
    return fail(ErrorCode::not_found,
                fmt::format("this daemon keeps another vault than {}", wanted.directory),
                "verify that one without the daemon");
  if (verifying.exchange(true))
    return fail(ErrorCode::unavailable, "another verification is under way", "wait for its end");
  const struct Ended {
    std::atomic<bool>& verifying;
    ~Ended() { verifying = false; }
  } ended{verifying};
  auto options = wanted.options;
  options.progress = [this](std::uint64_t, std::uint64_t) { return !services.stopping(); };
  SIGILO_TRY(const auto report,
             evidence::verify(services.vault_directory, services.vault_key, options));
  if (!report.ok)
    log.error("verification found {} problems", report.problems.size() + report.more_problems);
  return json::Value(verification_json(report));
}

Result<json::Value> LocalApi::Impl::checkpoint(const net::Request& request, uid_t) {
  SIGILO_TRY_DO(parameters(request, {}));
  std::string note;
  SIGILO_TRY_DO(commit("no checkpoint was made", [&note](vault::WriteTransaction& transaction) {
    return transaction.checkpoint().map([&note](std::string&& made) { note = std::move(made); });
  }));
  return json::Value(json::Object{{"checkpoint", note}});
}

Result<> LocalApi::Impl::remember(const Reading& reading) {
  return commit("nothing is shown, since the reading cannot be recorded",
                [body = access_body(reading)](vault::WriteTransaction& transaction) {
                  return transaction.append(RecordKind::access, body).map([](Seq) {});
                });
}

Result<> LocalApi::Impl::commit(std::string_view otherwise, vault::Work work) {
  const auto stored = services.store->run(std::move(work));
  if (stored) return {};
  return fail(ErrorCode::unavailable, fmt::format("{}: {}", otherwise, stored.error().what),
              stored.error().remedy);
}

LocalApi::LocalApi(Services services, Logger log)
    : impl_(std::make_shared<Impl>(std::move(services), log)) {}
LocalApi::~LocalApi() = default;

net::HttpHandlers LocalApi::handlers() {
  return {
      [impl = impl_](const net::Request&, const net::Peer& peer) { return impl->refuse(peer); },
      [impl = impl_](net::Request request, const net::Peer& peer, const net::Responder& respond) {
        impl->request(std::move(request), peer, respond);
      }};
}

}  // namespace sigilo::api
