// SPDX-License-Identifier: Apache-2.0
// One message whole: what was said, what became of it since, its files, its alerts, who looked at
// it, and the record by which an expert checks it.
#pragma once

#include <vector>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "json/value.hpp"
#include "vault/audit.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {

struct Shown {
  json::Object message;   ///< docs/local-api.md, "One message whole"
  std::vector<Seq> seqs;  ///< records whose content is in it
};

/// Errors: not_found (no such record, or none of a message's kinds), corrupt. Runs on: any.
Result<Shown> show_message(vault::Reader& vault, vault::AuditReader& audit, Seq seq);

/// What became of a message, oldest first: of each thing that has its provider's id or speaks of it
/// `what` (message, edit, revoke, reaction, state, told), `seq`, `time`, `at` (the provider's
/// time), `after` (seconds since the message was sent), `by` (line, party; null: the provider),
/// `via`, `type`, `text`, `errors`.
json::Array life_json(const std::vector<vault::MessageRow>& rows);

}  // namespace sigilo::api
