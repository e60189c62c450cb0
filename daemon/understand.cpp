// SPDX-License-Identifier: Apache-2.0
#include "understand.hpp"

#include <utility>

#include "alert/judge.hpp"
#include "ledger/record.hpp"
#include "message/body.hpp"
#include "message/content.hpp"
#include "message/interpret.hpp"

namespace sigilo {
namespace {

/// What was written long ago and comes with a phone's history is kept and found, but nobody can
/// act on it any more.
bool is_scanned(const message::Event& event, const config::Config& config) {
  const bool text = event.kind == RecordKind::message || event.kind == RecordKind::edit;
  return text && (event.via != message::Via::history || config.scan_history);
}

}  // namespace

vault::Ingest understand(source::Delivery delivery, const Rules& rules, Random& random) {
  const message::Provenance provenance{delivery.source, crypto::sha256(as_bytes(delivery.body)),
                                       delivery.received};
  auto ingest = understand(std::move(delivery.body), provenance, rules, random);
  ingest.signature = std::move(delivery.signature_header);
  return ingest;
}

vault::Ingest understand(std::string raw, const message::Provenance& provenance, const Rules& rules,
                         Random& random) {
  vault::Ingest ingest;
  ingest.provenance = provenance;
  auto understood = message::interpret_meta(raw, rules.lines());
  ingest.not_monitored = understood.not_monitored;
  ingest.foreign = std::move(understood.foreign);
  ingest.foreign_lines = std::move(understood.foreign_lines);
  ingest.events.reserve(understood.events.size());
  for (auto& event : understood.events) {
    message::tell_apart_by_day(event, provenance.received);
    auto& out = ingest.events.emplace_back();
    if (const auto* team = rules.team_of(event.line);
        team != nullptr && is_scanned(event, rules.config())) {
      const auto matches = rules.policies().scan(event.text, event.direction);
      auto verdict = alert::judge(event, matches, *team, rules.policies().digest(),
                                  rules.config().mail.has_value());
      out.alerts = std::move(verdict.alerts);
      out.mails = std::move(verdict.mails);
    }
    out.body = message::make_body(event, ingest.provenance, raw);
    out.commitment = ledger::commit_to(out.body, random);
    out.event = std::move(event);
  }
  ingest.raw = std::move(raw);
  return ingest;
}

}  // namespace sigilo
