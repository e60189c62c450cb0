// SPDX-License-Identifier: Apache-2.0
// The JSON that scripts read (fields that stay: docs/local-api.md). One place for each shape. Texts
// out of the vault's tables are as they stand there: safe_json() makes them presentable.
#pragma once

#include <string_view>

#include "evidence/verify.hpp"
#include "json/value.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {

/// null for "".
json::Value text_or_null(std::string_view text);

/// seq, time, kind, sent, line, party, party_name, direction, type, text, id, reply_to, about, via,
/// source, state, edited, revoked. null where the provider said nothing.
json::Object message_json(const vault::MessageRow& row);
/// id, seq, time, category, severity, rule, rules, policy, line, party, team, words, state, mail
/// (or null).
json::Object alert_json(const vault::AlertRow& row);
/// names, links: [{name, other, how, seq, time}], called: [{name, first, last}], truncated.
json::Object person_json(const vault::Person& person);
/// seq, time, event, filled, and the members of the record's body (docs/local-api.md).
json::Object gap_json(const vault::GapRow& row);
/// ok, depth, records, vault, fingerprint, root, problems: [{seq, problem, expected, found,
/// meaning}], more_problems.
json::Object verification_json(const evidence::Report& report);
}  // namespace sigilo::api
