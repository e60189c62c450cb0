// SPDX-License-Identifier: Apache-2.0
// The resources that show what was said, and those that prove it.
#include <utility>

#include <fmt/format.h>

#include "api/impl.hpp"
#include "api/query.hpp"
#include "api/shapes.hpp"
#include "api/show.hpp"
#include "base/number.hpp"
#include "evidence/verify.hpp"

namespace sigilo::api {
namespace {

template <class T>
json::Array array_of(const std::vector<T>& rows, json::Object (*shape)(const T&)) {
  json::Array array;
  array.reserve(rows.size());
  for (const auto& row : rows) array.push_back(shape(row));
  return array;
}

}  // namespace

Result<net::Response> LocalApi::Impl::messages(const net::Request& request, uid_t uid) {
  SIGILO_TRY(const auto filter, message_filter(request));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto rows, vault.messages(filter));
  Reading reading{uid, "messages", filter_json(request), {}};
  for (const auto& row : rows) reading.shown.push_back(row.seq);
  SIGILO_TRY_DO(remember(reading));
  return json_response(array_of(rows, message_json));
}

Result<net::Response> LocalApi::Impl::show(const net::Request& request, uid_t uid) {
  SIGILO_TRY_DO(parameters(request, {}));
  SIGILO_TRY(const auto seq, seq_of(rest_of(request)));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(auto audit, vault::AuditReader::open(services.vault_directory, services.vault_key));
  SIGILO_TRY(auto shown, show_message(vault, audit, seq));
  SIGILO_TRY_DO(remember({uid, "show", {}, std::move(shown.seqs)}));
  return json_response(std::move(shown.message));
}

Result<net::Response> LocalApi::Impl::alerts(const net::Request& request, uid_t uid) {
  SIGILO_TRY(const auto filter, alert_filter(request));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto rows, vault.alerts(filter.only_open, filter.limit));
  Reading reading{uid, "alerts", filter_json(request), {}};
  for (const auto& row : rows) reading.shown.push_back(row.message);
  SIGILO_TRY_DO(remember(reading));
  return json_response(array_of(rows, alert_json));
}

Result<net::Response> LocalApi::Impl::person(const net::Request& request, uid_t uid) {
  SIGILO_TRY_DO(parameters(request, {}));
  SIGILO_TRY(auto name, name_in(request));
  if (const auto number = normalise_number(name)) name = number->value();
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto person, vault.person(name));
  vault::MessageFilter any;
  any.party = name;
  any.limit = 1;
  SIGILO_TRY(const auto messages, vault.messages(any));
  if (person.links.empty() && person.called.empty() && messages.empty())
    return fail(ErrorCode::not_found, "nobody of that number or user id is known",
                "'sigilo messages' lists the parties");
  Reading reading{uid, "person", json::Object{{"name", name}}, {}};
  for (const auto& link : person.links) reading.shown.push_back(link.record);
  SIGILO_TRY_DO(remember(reading));
  return json_response(person_json(person));
}

Result<net::Response> LocalApi::Impl::gaps(const net::Request& request, uid_t uid) {
  SIGILO_TRY(const auto limit, gap_limit(request));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto rows, vault.gaps(limit));
  Reading reading{uid, "gaps", filter_json(request), {}};
  for (const auto& row : rows) reading.shown.push_back(row.seq);
  SIGILO_TRY_DO(remember(reading));
  return json_response(array_of(rows, gap_json));
}

/// One at a time: a second one would leave no thread to tell how the daemon is.
Result<net::Response> LocalApi::Impl::verify(const net::Request& request, uid_t) {
  SIGILO_TRY(const auto wanted, verify_request(request));
  SIGILO_TRY_DO(keeps(wanted.directory, "verify that one without the daemon"));
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
  return json_response(verification_json(report));
}

Result<net::Response> LocalApi::Impl::checkpoint(const net::Request& request, uid_t) {
  SIGILO_TRY_DO(parameters(request, {}));
  std::string note;
  SIGILO_TRY_DO(commit("no checkpoint was made", [&note](vault::WriteTransaction& transaction) {
    return transaction.checkpoint().map([&note](std::string&& made) { note = std::move(made); });
  }));
  return json_response(json::Object{{"checkpoint", note}});
}

}  // namespace sigilo::api
