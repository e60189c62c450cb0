// SPDX-License-Identifier: Apache-2.0
#include "api/local_api.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "api/access.hpp"
#include "api/query.hpp"
#include "api/shapes.hpp"
#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "ledger/record.hpp"
#include "text/unicode.hpp"
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

net::Response json_response(const json::Value& value, int status = 200) {
  net::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = json::canonical(value) + "\n";
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

/// The record as an expert checks it: both lines and their leaf hash.
Result<json::Object> record_json(vault::AuditReader& audit, Seq seq) {
  std::optional<vault::RawRecord> raw;
  SIGILO_TRY_DO(
      audit.each_record(static_cast<std::int64_t>(seq.value()), [&](vault::RawRecord&& record) {
        raw = std::move(record);
        return false;
      }));
  if (!raw || !raw->time || !raw->kind || !raw->epoch || !raw->root || !raw->commitment ||
      !raw->signature)
    return fail(ErrorCode::corrupt, fmt::format("record {} is damaged", seq.value()),
                "run 'sigilo verify --depth full'");
  const auto kind = parse_record_kind(*raw->kind);
  if (!kind)
    return fail(ErrorCode::corrupt, fmt::format("record {} has an unknown kind", seq.value()),
                "run 'sigilo verify'");
  ledger::Header header{audit.uuid(),
                        seq,
                        Timestamp::from_micros(*raw->time),
                        *kind,
                        Epoch(static_cast<std::uint64_t>(*raw->epoch)),
                        {},
                        {}};
  SIGILO_TRY(header.root, crypto::Digest::from(as_bytes(*raw->root)));
  SIGILO_TRY(header.body, crypto::Digest::from(as_bytes(*raw->commitment)));
  SIGILO_TRY(const auto signature, crypto::Signature::from(as_bytes(*raw->signature)));
  return json::Object{{"header", ledger::header_line(header)},
                      {"signature", ledger::signature_line(signature)},
                      {"salt", raw->salt ? json::Value(crypto::to_hex(as_bytes(*raw->salt)))
                                         : json::Value(nullptr)},
                      {"leaf", ledger::leaf_hash(header, signature).hex()}};
}

}  // namespace

struct LocalApi::Impl : std::enable_shared_from_this<LocalApi::Impl> {
  Impl(Services given, Logger logger) : services(std::move(given)), log(logger) {}

  using Answer = Result<json::Value> (Impl::*)(const net::Request&, uid_t);

  std::optional<net::Response> refuse(const net::Peer& peer) const;
  void request(net::Request request, const net::Peer& peer, net::Responder respond);
  std::pair<Answer, int> route(const net::Request& request) const;

  // Run on: work.
  Result<json::Value> status(const net::Request& request, uid_t uid);
  Result<json::Value> messages(const net::Request& request, uid_t uid);
  Result<json::Value> show(const net::Request& request, uid_t uid);
  Result<json::Value> alerts(const net::Request& request, uid_t uid);
  Result<json::Value> verify(const net::Request& request, uid_t uid);
  Result<json::Value> checkpoint(const net::Request& request, uid_t uid);
  /// Commits the access record; only then may the content be shown.
  Result<> remember(const Reading& reading);
  Result<vault::Reader> reader() {
    return vault::Reader::open(services.vault_directory, services.vault_key);
  }

  Services services;
  Logger log;
};

namespace {
constexpr std::string_view message_prefix = "/v1/messages/";
}  // namespace

/// The function that answers, or the status of a refusal.
std::pair<LocalApi::Impl::Answer, int> LocalApi::Impl::route(const net::Request& request) const {
  struct Route {
    std::string_view path;
    std::string_view method;
    Answer answer;
  };
  static constexpr Route routes[] = {
      {"/v1/status", "GET", &Impl::status},          {"/v1/messages", "GET", &Impl::messages},
      {"/v1/alerts", "GET", &Impl::alerts},          {"/v1/verify", "POST", &Impl::verify},
      {"/v1/checkpoint", "POST", &Impl::checkpoint},
  };
  const auto path = request.path();
  if (path.starts_with(message_prefix)) {
    return request.method == "GET" ? std::pair<Answer, int>{&Impl::show, 200}
                                   : std::pair<Answer, int>{nullptr, 405};
  }
  for (const auto& known : routes) {
    if (known.path == path) {
      return known.method == request.method ? std::pair<Answer, int>{known.answer, 200}
                                            : std::pair<Answer, int>{nullptr, 405};
    }
  }
  return {nullptr, 404};
}

std::optional<net::Response> LocalApi::Impl::refuse(const net::Peer& peer) const {
  if (peer.uid && (*peer.uid == 0 || *peer.uid == services.own_uid)) return std::nullopt;
  log.warning("the local API refused uid {}", peer.uid ? std::to_string(*peer.uid) : "unknown");
  return error_response(403, "this user may not use sigilo's local API",
                        "run the command as root or as the daemon's own user");
}

void LocalApi::Impl::request(net::Request request, const net::Peer& peer, net::Responder respond) {
  if (auto refusal = refuse(peer)) return respond(std::move(*refusal));
  const auto [answer, status] = route(request);
  if (status == 404)
    return respond(error_response(404, "no such resource", "see docs/local-api.md for the paths"));
  if (status == 405)
    return respond(
        error_response(405, "this resource takes another method", "see docs/local-api.md"));
  auto task = [self = shared_from_this(), answer = answer, request = std::move(request),
               uid = *peer.uid, respond] {
    auto result = (self.get()->*answer)(request, uid);
    auto response = result ? json_response(*result) : error_response(result.error());
    self->services.io->post(
        [respond, response = std::move(response)]() mutable { respond(std::move(response)); });
  };
  if (!services.run_on_work(std::move(task)))
    respond(error_response(503, "the daemon is busy with other requests", "try again in a moment"));
}

Result<json::Value> LocalApi::Impl::status(const net::Request&, uid_t) {
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
  SIGILO_TRY(const auto seq, seq_of(request.path().substr(message_prefix.size())));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto row, vault.message(seq));
  if (!row)
    return fail(ErrorCode::not_found,
                fmt::format("there is no message with record number {}", seq.value()),
                "'sigilo messages' lists the numbers");
  SIGILO_TRY(const auto alerts_found, vault.alerts_of(seq));
  SIGILO_TRY(auto audit, vault::AuditReader::open(services.vault_directory, services.vault_key));
  SIGILO_TRY(auto record, record_json(audit, seq));
  SIGILO_TRY_DO(remember({uid, "show", {}, {seq}}));
  auto shown = message_json(*row);
  shown["received"] = format_rfc3339(row->stored.provenance.received);
  shown["delivery"] = row->stored.provenance.delivery.hex();
  shown["payload"] = text::to_utf8(row->stored.payload);
  shown["record"] = std::move(record);
  shown["alerts"] = array_of(alerts_found, alert_json);
  return json::Value(std::move(shown));
}

Result<json::Value> LocalApi::Impl::alerts(const net::Request& request, uid_t uid) {
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto rows, vault.alerts(request.query("open") == "1"));
  Reading reading{uid, "alerts", filter_json(request), {}};
  for (const auto& row : rows) reading.shown.push_back(row.message);
  SIGILO_TRY_DO(remember(reading));
  return json::Value(array_of(rows, alert_json));
}

Result<json::Value> LocalApi::Impl::verify(const net::Request& request, uid_t) {
  SIGILO_TRY(const auto options, verify_options(request));
  SIGILO_TRY(const auto report,
             evidence::verify(services.vault_directory, services.vault_key, options));
  if (!report.ok)
    log.error("verification found {} problems", report.problems.size() + report.more_problems);
  return json::Value(verification_json(report));
}

Result<json::Value> LocalApi::Impl::checkpoint(const net::Request&, uid_t) {
  std::string note;
  SIGILO_TRY_DO(services.store->run([&note](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY(note, transaction.checkpoint());
    return {};
  }));
  return json::Value(json::Object{{"checkpoint", note}});
}

Result<> LocalApi::Impl::remember(const Reading& reading) {
  return services.store->run([&reading](vault::WriteTransaction& transaction) -> Result<> {
    return transaction.append(RecordKind::access, access_body(reading)).map([](Seq) {});
  });
}

LocalApi::LocalApi(Services services, Logger log)
    : impl_(std::make_shared<Impl>(std::move(services), log)) {}
LocalApi::~LocalApi() = default;

net::HttpHandlers LocalApi::handlers() {
  return {[impl = impl_](const net::Request&, const net::Peer& peer) { return impl->refuse(peer); },
          [impl = impl_](net::Request request, net::Peer peer, net::Responder respond) {
            impl->request(std::move(request), peer, std::move(respond));
          }};
}

}  // namespace sigilo::api
