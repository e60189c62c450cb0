// SPDX-License-Identifier: Apache-2.0
#include "evidence/index_check.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "vault/event_id.hpp"

namespace sigilo::evidence {
namespace {

constexpr std::size_t content_bytes = 16;  // of Event::content in the index

template <class T>
std::string shown(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "nothing, or a value of another type";
}

std::string shown_hex(const std::optional<std::string>& bytes) {
  return bytes ? crypto::to_hex(as_bytes(*bytes)) : "nothing, or a value of another type";
}

/// Reports the first column that differs.
class Comparison {
 public:
  Comparison(Findings& findings, std::optional<std::uint64_t> seq, const Cause& cause)
      : findings_(&findings), seq_(seq), cause_(&cause) {}
  Comparison& column(std::string_view name, const std::string& expected, const std::string& found) {
    if (expected != found && !std::exchange(differs_, true))
      findings_->add(seq_, *cause_, fmt::format("{} {}", name, expected),
                     fmt::format("{} {}", name, found));
    return *this;
  }
  /// Without the values: whom it concerns is nothing for a report.
  Comparison& same(std::string_view name, bool equal) {
    return column(name, "as in the body", equal ? "as in the body" : "another");
  }
  [[nodiscard]] bool agrees() const { return !differs_; }

 private:
  Findings* findings_;
  std::optional<std::uint64_t> seq_;
  const Cause* cause_;
  bool differs_ = false;
};

}  // namespace

bool compare_event(Findings& findings, std::uint64_t seq, const vault::RawEvent& row,
                   const message::StoredEvent& body, std::uint64_t delivery) {
  const auto content = body.event.content.view().first(content_bytes);
  return Comparison(findings, seq, cause::event_altered)
      .column("sent", fmt::format("{}", body.event.sent.seconds()), shown(row.sent))
      .column("content", crypto::to_hex(content), shown_hex(row.content))
      .column("line", body.event.line.value(), shown(row.line))
      .same("party", row.party == body.event.party.key())
      .column("delivery", fmt::format("{}", delivery), shown(row.delivery))
      .column("id", fmt::format("{}", vault::id_key(body.event.provider_id)), shown(row.id))
      .column("about", fmt::format("{}", vault::id_key(body.event.about)), shown(row.about))
      .same("conversation's first", row.first && std::cmp_less_equal(*row.first, seq))
      .agrees();
}

void SurplusRows::add(std::int64_t key) {
  if (std::cmp_greater_equal(key, records_) && std::exchange(beyond_, true))
    return findings_->count_more();
  findings_->add(key < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(key)), *cause_,
                 fmt::format("no row {} in {}", key, table_), "a row without such a record");
}

void compare_vault(Findings& findings, const vault::RawVault& row, const ledger::Header& genesis,
                   const crypto::Digest& leaf) {
  Comparison(findings, std::nullopt, cause::vault_altered)
      .column("rows", "1", fmt::format("{}", row.rows))
      .column("created", fmt::format("{}", genesis.time.micros()), shown(row.created))
      .column("fingerprint", leaf.hex(), shown_hex(row.fingerprint));
}

/// A read transaction that met a damaged page in one table gives nothing of the next.
template <class Row>
bool ListedRows::read(std::string_view table, Each<Row> each, std::int64_t Row::*key,
                      Rows<Row>& rows) {
  source_->revive();
  const auto done = (source_->reader().*each)([&](Row&& row) {
    const auto number = row.*key;
    rows.emplace(number, std::move(row));
    return true;
  });
  if (done) return true;
  rows.clear();
  table_failed(*findings_, table, done.error());
  return false;
}

void ListedRows::load(bool with_alerts) {
  using vault::AuditReader;
  epochs_readable_ = read("epoch", &AuditReader::each_epoch, &vault::RawEpoch::number, epochs_);
  checkpoints_readable_ =
      read("checkpoint", &AuditReader::each_checkpoint, &vault::RawCheckpoint::seq, checkpoints_);
  if (with_alerts)
    alerts_readable_ = read("alert", &AuditReader::each_alert, &vault::RawAlert::id, alerts_);
}

void ListedRows::alert(std::uint64_t seq, const AlertBody& body) {
  if (!alerts_readable_) return;
  const auto node = alerts_.extract(static_cast<std::int64_t>(seq));
  if (node.empty())
    return findings_->add(seq, cause::alert_missing, "a row in alert", "no such row");
  const auto& row = node.mapped();
  // No kind of record of this version changes a state: it is what an alert begins with.
  Comparison(*findings_, seq, cause::alert_altered)
      .column("message", fmt::format("{}", body.message), shown(row.message))
      .column("category", body.category, shown(row.category))
      .column("severity", body.severity, shown(row.severity))
      .column("rule", body.rule, shown(row.rule))
      .column("team", body.team, shown(row.team))
      .column("state", "open", shown(row.state));
}

void ListedRows::checkpoint(std::uint64_t seq, const std::string& note) {
  if (!checkpoints_readable_) return;
  const auto node = checkpoints_.extract(static_cast<std::int64_t>(seq));
  if (node.empty())
    return findings_->add(seq, cause::checkpoint_missing, "a row in checkpoint", "no such row");
  Comparison(*findings_, seq, cause::checkpoint_altered)
      .column("size", fmt::format("{}", seq), shown(node.mapped().size))
      .column("note", note, shown(node.mapped().note));
}

void ListedRows::epoch(std::uint64_t seq, std::uint64_t number, const crypto::PublicKey& key) {
  keys_.push_back({number, seq, key});
  if (!epochs_readable_) return;
  const auto node = epochs_.extract(static_cast<std::int64_t>(number));
  if (node.empty())
    return findings_->add(seq, cause::epoch_missing, fmt::format("a row {} in epoch", number),
                          "no such row");
  Comparison(*findings_, seq, cause::epoch_altered)
      .column("public_key", crypto::to_hex(key.view()), shown_hex(node.mapped().public_key))
      .column("first", fmt::format("{}", seq), shown(node.mapped().first));
}

void ListedRows::finish(std::uint64_t records, std::uint64_t known, const Doubts& doubts) {
  const auto is_doubtful = [&](std::int64_t key) {
    const auto seq = static_cast<std::uint64_t>(std::max<std::int64_t>(key, 0));
    return key >= 0 && ((seq >= records && seq < known) || doubts.contains(seq));
  };
  const auto report = [&](const auto& rows, const Cause& cause, std::string_view table) {
    SurplusRows surplus(*findings_, cause, table, records);
    for (const auto& [key, row] : rows)
      if (!is_doubtful(key)) surplus.add(key);
  };
  report(checkpoints_, cause::checkpoint_surplus, "checkpoint");
  report(alerts_, cause::alert_surplus, "alert");
  bool listed = false;
  for (const auto& [number, row] : epochs_) {
    if (row.first && is_doubtful(*row.first)) continue;
    if (std::exchange(listed, true))
      findings_->count_more();
    else
      findings_->add(std::nullopt, cause::epoch_surplus, fmt::format("no row {} in epoch", number),
                     "a row whose key no record names");
  }
}

void compare_alert(Findings& findings, vault::AuditReader& reader, std::uint64_t seq,
                   const AlertBody& alert) {
  const auto differs = [&](std::string expected, std::string found) {
    findings.add(seq, cause::alert_mismatch, std::move(expected), std::move(found));
  };
  std::optional<vault::RawRecord> raw;
  if (alert.message >= seq)
    return differs("a message before the alert", fmt::format("record {}", alert.message));
  const auto read =
      reader.each_record(static_cast<std::int64_t>(alert.message), [&](vault::RawRecord&& record) {
        if (std::cmp_equal(record.seq, alert.message)) raw = std::move(record);
        return false;
      });
  // A message that is missing, unreadable or erased is a finding of its own.
  if (!read || !raw || !raw->body) return;
  const auto kind = parse_record_kind(raw->kind.value_or(""));
  if (!kind || !message::holds_event(*kind))
    return differs(fmt::format("record {} to hold what a provider said", alert.message),
                   shown(raw->kind));
  const auto message = message::read_body(*kind, *raw->body);
  if (!message) return;
  if (message->event.content.hex() != alert.content)
    return differs(
        fmt::format("content {} of message {}", message->event.content.hex(), alert.message),
        fmt::format("content {}", alert.content));
  if (alert.spans.size() != alert.words.size())
    return differs(fmt::format("{} words, one for each span", alert.spans.size()),
                   fmt::format("{} words", alert.words.size()));
  const std::string& text = message->event.text;
  for (std::size_t i = 0; i < alert.spans.size(); ++i) {
    const auto [begin, end] = alert.spans[i];
    if (begin > end || end > text.size())
      return differs(
          fmt::format("spans inside the {} bytes of message {}", text.size(), alert.message),
          fmt::format("a span from {} to {}", begin, end));
    if (text.compare(begin, end - begin, alert.words[i]) != 0)
      return differs(
          fmt::format("the words that stand at {} to {} of message {}", begin, end, alert.message),
          "other words");
  }
}

void table_failed(Findings& findings, std::string_view table, const Error& error) {
  findings.add(std::nullopt,
               error.code == ErrorCode::corrupt ? cause::page_damaged : cause::table_unreadable,
               fmt::format("table {} can be read to its end", table), error.what);
}

}  // namespace sigilo::evidence
