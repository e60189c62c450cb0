// SPDX-License-Identifier: Apache-2.0
#include "api/show.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "api/shapes.hpp"
#include "crypto/encoding.hpp"
#include "json/parse.hpp"
#include "ledger/record.hpp"
#include "message/media.hpp"
#include "text/unicode.hpp"

namespace sigilo::api {
namespace {

using vault::MessageRow;

/// type of a status that says that a message was told another way too ("told:app").
constexpr std::string_view told = "told:";

auto damaged(Seq seq) {
  return fail(ErrorCode::corrupt, fmt::format("record {} is damaged", seq.value()),
              "run 'sigilo verify --depth full'");
}

Result<std::optional<vault::RawRecord>> raw_record(vault::AuditReader& audit, Seq seq) {
  std::optional<vault::RawRecord> raw;
  SIGILO_TRY_DO(
      audit.each_record(static_cast<std::int64_t>(seq.value()), [&](vault::RawRecord&& record) {
        if (std::cmp_equal(record.seq, seq.value())) raw = std::move(record);
        return false;
      }));
  return raw;
}

/// The record as an expert checks it: both lines, their leaf hash, and what the header commits to.
Result<json::Object> record_json(vault::AuditReader& audit, Seq seq) {
  SIGILO_TRY(const auto raw, raw_record(audit, seq));
  if (!raw || !raw->time || !raw->kind || !raw->epoch || !raw->root || !raw->commitment ||
      !raw->signature)
    return damaged(seq);
  const auto kind = parse_record_kind(*raw->kind);
  const auto root = crypto::Digest::from(as_bytes(*raw->root));
  const auto body = crypto::Digest::from(as_bytes(*raw->commitment));
  const auto signature = crypto::Signature::from(as_bytes(*raw->signature));
  if (!kind || !root || !body || !signature) return damaged(seq);
  const ledger::Header header{audit.uuid(),
                              seq,
                              Timestamp::from_micros(*raw->time),
                              *kind,
                              Epoch(static_cast<std::uint64_t>(*raw->epoch)),
                              *root,
                              *body};
  return json::Object{{"header", ledger::header_line(header)},
                      {"signature", ledger::signature_line(*signature)},
                      {"salt", raw->salt ? json::Value(crypto::to_hex(as_bytes(*raw->salt)))
                                         : json::Value(nullptr)},
                      {"body", raw->body ? json::Value(*raw->body) : json::Value(nullptr)},
                      {"leaf", ledger::leaf_hash(header, *signature).hex()}};
}

/// The file that `row` names; nullopt where it names none.
Result<std::optional<json::Object>> file_json(vault::Reader& vault, vault::AuditReader& audit,
                                              const MessageRow& row) {
  SIGILO_TRY(const auto kept, vault.media_of(row.seq));
  if (!kept) return std::nullopt;
  const auto named = message::file_of(row.stored.event).value_or(message::File{});
  json::Object file{{"seq", row.seq.value()},
                    {"state", vault::to_string(kept->state)},
                    {"name", text_or_null(named.name)},
                    {"declared", text_or_null(named.mime_type)},
                    {"sniffed", nullptr},
                    {"size", nullptr},
                    {"sha256", text_or_null(named.sha256)},
                    {"attempts", kept->attempts},
                    {"reason", text_or_null(kept->reply)},
                    {"loss", nullptr},
                    {"record", nullptr}};
  if (kept->file) {
    file["size"] = kept->file->size;
    file["sha256"] = kept->file->sha256.hex();
  }
  if (!kept->record) return file;
  file["record"] = kept->record->value();
  SIGILO_TRY(const auto raw, raw_record(audit, *kept->record));
  const auto body = json::parse(raw && raw->body ? *raw->body : "");
  if (const auto* said = body ? body->if_object() : nullptr) {
    for (const auto* name : {"declared", "sniffed", "reason", "loss"}) {
      if (const auto text = json::text_at(*said, name)) file[name] = text_or_null(*text);
    }
  }
  return file;
}

std::string_view what_of(const message::Event& event, std::string_view root) {
  switch (event.kind) {
    case RecordKind::edit:
      return "edit";
    case RecordKind::revoke:
      return "revoke";
    case RecordKind::status:
      return event.type.starts_with(told) ? "told" : "state";
    default:
      return !event.about.empty() && event.about == root ? "reaction" : "message";
  }
}

json::Value errors_of(const message::Event& event) {
  const auto details = json::parse(event.details);
  const auto* object = details ? details->if_object() : nullptr;
  const auto* errors = object != nullptr ? json::array_at(*object, "errors") : nullptr;
  return errors != nullptr ? json::Value(*errors) : json::Value(nullptr);
}

/// The message's own id: of what speaks of another one, that one's.
std::string root_of(const std::vector<MessageRow>& rows) {
  for (const auto& row : rows) {
    const auto& event = row.stored.event;
    if (event.kind == RecordKind::message && event.about.empty()) return event.provider_id;
  }
  if (rows.empty()) return {};
  const auto& event = rows.front().stored.event;
  return event.about.empty() ? event.provider_id : event.about;
}

Timestamp sent_of(const std::vector<MessageRow>& rows, std::string_view root) {
  const auto found = std::ranges::find_if(rows, [&](const MessageRow& row) {
    const auto& event = row.stored.event;
    return event.kind == RecordKind::message && event.provider_id == root;
  });
  return found == rows.end() ? Timestamp() : found->stored.event.sent;
}

json::Object step_json(const MessageRow& row, std::string_view root, Timestamp sent) {
  const auto& event = row.stored.event;
  const auto what = what_of(event, root);
  const bool timed = event.sent != Timestamp();
  const bool by_provider = event.kind == RecordKind::status;
  return {{"seq", row.seq.value()},
          {"time", format_rfc3339(row.time)},
          {"what", what},
          {"at", timed ? json::Value(format_rfc3339(event.sent)) : json::Value(nullptr)},
          {"after", timed && sent != Timestamp() && what != "message"
                        ? json::Value(event.sent.seconds() - sent.seconds())
                        : json::Value(nullptr)},
          {"by", by_provider ? json::Value(nullptr)
                             : json::Value(event.direction == Direction::out ? "line" : "party")},
          {"via", message::to_string(event.via)},
          {"type", event.type},
          {"text", text_or_null(event.text)},
          {"errors", errors_of(event)}};
}

bool has_life(RecordKind kind) {
  return kind != RecordKind::line && kind != RecordKind::unrecognised;
}

json::Array accesses_json(const std::vector<vault::AccessRow>& rows) {
  json::Array array;
  for (const auto& row : rows) {
    array.push_back(json::Object{{"seq", row.seq.value()},
                                 {"time", format_rfc3339(row.time)},
                                 {"user", text_or_null(row.user)},
                                 {"uid", row.uid},
                                 {"what", row.what}});
  }
  return array;
}

json::Array mails_json(const std::vector<vault::OutboxRow>& rows) {
  json::Array array;
  for (const auto& row : rows) {
    array.push_back(json::Object{{"recipient", row.recipient},
                                 {"state", vault::to_string(row.state)},
                                 {"attempts", row.attempts},
                                 {"queued", format_rfc3339(row.created)},
                                 {"reply", text_or_null(row.reply)}});
  }
  return array;
}

}  // namespace

json::Array life_json(const std::vector<MessageRow>& rows) {
  const auto root = root_of(rows);
  const auto sent = sent_of(rows, root);
  json::Array life;
  for (const auto& row : rows) life.emplace_back(step_json(row, root, sent));
  return life;
}

Result<Shown> show_message(vault::Reader& vault, vault::AuditReader& audit, Seq seq) {
  SIGILO_TRY(const auto row, vault.message(seq));
  if (!row)
    return fail(ErrorCode::not_found,
                fmt::format("there is no message with record number {}", seq.value()),
                "'sigilo messages' lists the numbers");
  const bool lives = has_life(row->stored.event.kind);
  std::vector<MessageRow> life{*row};
  if (lives) {
    SIGILO_TRY(life, vault.life_of(*row));
  }
  Shown shown{message_json(*row), {seq}};
  json::Array files;
  for (const auto& step : life) {
    shown.seqs.push_back(step.seq);
    SIGILO_TRY(auto file, file_json(vault, audit, step));
    if (file) files.emplace_back(std::move(*file));
  }
  SIGILO_TRY(const auto alerts, vault.alerts_of(seq));
  SIGILO_TRY(const auto mails, vault.mails_of(seq));
  SIGILO_TRY(const auto accesses, vault.accesses_of(seq));
  SIGILO_TRY(auto record, record_json(audit, seq));
  json::Array alerts_array;
  for (const auto& alert : alerts) alerts_array.emplace_back(alert_json(alert));
  shown.message["received"] = format_rfc3339(row->stored.provenance.received);
  shown.message["delivery"] = row->stored.provenance.delivery.hex();
  shown.message["payload"] = text::to_utf8(row->stored.payload);  // byte for byte in the body
  shown.message["record"] = std::move(record);
  shown.message["life"] = lives ? life_json(life) : json::Array();
  shown.message["media"] = std::move(files);
  shown.message["alerts"] = std::move(alerts_array);
  shown.message["mails"] = mails_json(mails);
  shown.message["accesses"] = accesses_json(accesses);
  return shown;
}

}  // namespace sigilo::api
