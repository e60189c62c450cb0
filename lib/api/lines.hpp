// SPDX-License-Identifier: Apache-2.0
// What is known of the firm's lines beside their messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "api/local_api.hpp"
#include "base/result.hpp"
#include "json/value.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {

/// What the provider never delivers of a line that keeps the phone's app, one sentence each.
const std::vector<std::string>& never_delivered();

/// True for a line on the API whose number is also in the phone's app.
bool is_coexistence(const json::Object& profile);

/// number, lawyer, team, phone_number_id, state, last, events, name, quality, account, platform
/// (coexistence, cloud, or the provider's word), profile_time, never_delivered: [text]. null where
/// the provider was not asked yet.
Result<json::Object> line_json(vault::Reader& vault, const ConfiguredLine& line,
                               const vault::Summary& summary);

/// contacts and history, each {state (not asked, asking, accepted, failed), time, request_id,
/// reason}; phase, progress, last, declined, missing: what came since.
Result<json::Object> history_json(vault::Reader& vault, std::string_view line);

/// The sentence for a coexistence line whose history was never asked for, or could not be: the
/// provider gives it only within a day. nullopt: there is nothing to do.
Result<std::optional<std::string>> history_attention(vault::Reader& vault, std::string_view line,
                                                     Timestamp now);

/// Whoever asks for a phone's contacts or history, as the ledger remembers it.
struct SyncStep {
  std::string line;
  graph::SyncType type = graph::SyncType::contacts;
  std::string outcome;     ///< "asking" before the call; "accepted" or "failed" after it
  std::string request_id;  ///< the provider's
  std::string reason;      ///< failed: why
  uid_t uid = 0;
};
/// Body of the `service` record: {"event":"history-requested","line","outcome","reason"?,
/// "request_id"?,"sync":"contacts"|"history","uid","user","v":1}.
std::string sync_body(const SyncStep& step);

}  // namespace sigilo::api
