// SPDX-License-Identifier: Apache-2.0
// The JSON that scripts read (fields that stay: docs/local-api.md). One place for each shape. Texts
// out of the vault's tables are as they stand there: safe_json() makes them presentable.
#pragma once

#include <string_view>

#include "evidence/verify.hpp"
#include "json/value.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {

struct Runtime;

/// null for "".
json::Value text_or_null(std::string_view text);

/// seq, time, kind, sent, line, party, party_name, direction, type, text, id, reply_to, about, via,
/// source, state, edited, revoked. null where the provider said nothing.
json::Object message_json(const vault::MessageRow& row);
/// id, seq, time, category, severity, rule, rules, policy, line, party, team, words, state, mail
/// (or null).
json::Object alert_json(const vault::AlertRow& row);
/// ok, depth, records, vault, fingerprint, root, problems: [{seq, problem, expected, found,
/// meaning}], more_problems.
json::Object verification_json(const evidence::Report& report);
/// version, started, records, lines: [{number, state, last, events}], sources, backlog, outbox:
/// {queued, deferred, failed}, unrecognised, not_monitored, duplicates, last_checkpoint,
/// last_checkpoint_size, attention: [text].
json::Object status_json(const vault::Summary& summary, const Runtime& runtime);

}  // namespace sigilo::api
