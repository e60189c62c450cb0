// SPDX-License-Identifier: Apache-2.0
// Who may ask, and which function answers.
#include "api/local_api.hpp"

#include <array>
#include <exception>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "api/impl.hpp"
#include "api/query.hpp"
#include "api/safe_json.hpp"
#include "text/unicode.hpp"

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
    case ErrorCode::refused:
      return 409;
    case ErrorCode::unavailable:
    case ErrorCode::no_space:
    case ErrorCode::locked:
    case ErrorCode::timeout:
      return 503;
    default:
      return 500;
  }
}

net::Response refusal_of(const Error& error) {
  return error_response(status_of(error.code), error.what, error.remedy);
}

}  // namespace

net::Response json_response(json::Value value, int status) {
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

/// The longest path first where one is the beginning of another.
const LocalApi::Impl::Route* LocalApi::Impl::route(std::string_view path) {
  static constexpr auto routes = std::to_array<Route>({
      {"/v1/status", "", "", "GET", &Impl::status},
      {"/v1/messages", "", "", "GET", &Impl::messages},
      {"/v1/messages/", "*", "", "GET", &Impl::show},
      {"/v1/media/", "*", "", "GET", &Impl::file},
      {"/v1/alerts", "", "", "GET", &Impl::alerts},
      {"/v1/persons/", "*", "", "GET", &Impl::person},
      {"/v1/gaps", "", "", "GET", &Impl::gaps},
      {"/v1/anchors", "", "", "GET", &Impl::anchors},
      {"/v1/anchors/kept", "", "", "GET", &Impl::kept_anchors},
      {"/v1/lines", "", "", "GET", &Impl::lines},
      {"/v1/lines/", "*", "/request-history", "POST", &Impl::request_history},
      {"/v1/lines/", "*", "", "GET", &Impl::line},
      {"/v1/verify", "", "", "POST", &Impl::verify},
      {"/v1/checkpoint", "", "", "POST", &Impl::checkpoint},
      {"/v1/export/bundle", "", "", "POST", &Impl::export_bundle},
      {"/v1/rekey", "", "", "POST", &Impl::rekey},
  });
  for (const auto& known : routes) {
    const bool fits = known.rest.empty()
                          ? path == known.path
                          : path.starts_with(known.path) && path.ends_with(known.end);
    if (fits) return &known;
  }
  return nullptr;
}

std::string_view LocalApi::Impl::rest_of(const net::Request& request) {
  auto path = request.path();
  const auto* const found = route(path);
  if (found == nullptr) return {};
  path.remove_prefix(found->path.size());
  path.remove_suffix(std::min(found->end.size(), path.size()));
  return path;
}

Result<std::string> LocalApi::Impl::name_in(const net::Request& request) {
  // A "+" in a path is one, unlike in a query.
  std::string target = "/?name=";
  for (const char c : rest_of(request)) target += c == '+' ? std::string("%2B") : std::string(1, c);
  auto name = net::Request{"GET", std::move(target), {}, {}}.query("name");
  if (!name || name->empty() || name->size() > max_parameter || !text::is_utf8(*name))
    return fail(ErrorCode::invalid_input, "the path names no number and no user id",
                "write it as +5491150000001, percent-encoded UTF-8");
  return std::move(*name);
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
      return (this->*route.answer)(request, uid);
    } catch (const std::exception& thrown) {
      return fail(ErrorCode::io, fmt::format("answering failed: {}", thrown.what()),
                  "ask for less at once, or look at the daemon's log");
    }
  }();
  if (result) return std::move(*result);
  if (status_of(result.error().code) >= 500)
    log.error("the local API could not answer {}: {}", route.path, result.error().message());
  return refusal_of(result.error());
}

Result<> LocalApi::Impl::keeps(std::string_view directory, std::string_view otherwise) const {
  std::error_code ignored;  // both paths may name one directory, by whatever links
  if (directory.empty() ||
      std::filesystem::equivalent(directory, services.vault_directory, ignored))
    return {};
  return fail(ErrorCode::not_found,
              fmt::format("this daemon keeps another vault than {}", directory),
              std::string(otherwise));
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
