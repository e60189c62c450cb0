// SPDX-License-Identifier: Apache-2.0
// What a soundly sealed record says: its body, and what other tables repeat of it.
#include <fmt/format.h>

#include "evidence/bodies.hpp"
#include "evidence/walk.hpp"
#include "ledger/checkpoint.hpp"
#include "message/media.hpp"

namespace sigilo::evidence {

void Walk::check_body(const Sealed& sealed, const vault::RawRecord& raw,
                      const vault::RawEvent* row) {
  const bool key_record = sealed.header.kind == RecordKind::key;
  if (raw.salt && raw.body && body_agrees(raw, sealed))
    return check_contents(sealed, *raw.body, row);
  // No kind of record of this version makes an erasure lawful.
  if (!raw.salt || !raw.body)
    findings_->add(sealed.seq(), cause::body_missing, "a salt and a body, or an erasure record",
                   "neither, or one of them");
  else
    findings_->add(sealed.seq(), cause::body_altered, "commitment " + sealed.header.body.hex(),
                   "a salt and a body that give another");
  if (key_record) keys_.succeed(std::nullopt);
  doubts_.add(sealed.seq(), sealed.seq() + 1);
}

void Walk::check_contents(const Sealed& sealed, const std::string& body,
                          const vault::RawEvent* row) {
  const auto accept = [&](const Result<>& checked) {
    if (!checked) invalid_body(sealed, checked.error());
  };
  if ((sealed.seq() == 0) != (sealed.header.kind == RecordKind::genesis))
    return invalid_body(
        sealed, {ErrorCode::invalid_input, "record 0, and it alone, is the genesis record", ""});
  switch (sealed.header.kind) {
    case RecordKind::genesis:
      return check_genesis(sealed, body);
    case RecordKind::key:
      return check_key(sealed, body);
    case RecordKind::checkpoint:
      return check_checkpoint(sealed, body);
    case RecordKind::alert:
      return check_alert(sealed, body);
    case RecordKind::mail:
      return accept(check_mail(body));
    case RecordKind::clock:
      return accept(check_clock(body));
    case RecordKind::media:
      return check_media(sealed, body);
    case RecordKind::service:
      return check_service(sealed, body);
    case RecordKind::gap:
      return accept(check_gap(body, sealed.seq()));
    case RecordKind::message:
    case RecordKind::edit:
    case RecordKind::revoke:
    case RecordKind::status:
    case RecordKind::line:
    case RecordKind::unrecognised:
      return check_event(sealed, body, row);
    default:
      return accept(check_other(body));
  }
}

void Walk::check_genesis(const Sealed& sealed, const std::string& body) {
  const auto genesis = read_genesis(body);
  if (!genesis) return invalid_body(sealed, genesis.error());
  compare_vault(*findings_, reader_->vault(), sealed.header, sealed.leaf);
  lists_.epoch(sealed.seq(), 0, genesis->public_key);
}

void Walk::check_key(const Sealed& sealed, const std::string& body) {
  const auto key = read_key(body);
  const std::uint64_t epoch = keys_.epoch() + 1;
  if (!key)
    invalid_body(sealed, key.error());
  else if (key->epoch != epoch)
    invalid_body(sealed,
                 {ErrorCode::invalid_input,
                  fmt::format("it names epoch {} after {}", key->epoch, keys_.epoch()), ""});
  else if (key->by_recovery != keys_.is_recovery(sealed))
    invalid_body(sealed,
                 {ErrorCode::invalid_input,
                  key->by_recovery ? "it says that the recovery key signed it, which is not so"
                                   : "the recovery key signed it, which it doesn't say",
                  ""});
  else
    lists_.epoch(sealed.seq(), epoch, key->public_key);
  if (key && key->by_recovery && keys_.is_recovery(sealed))
    remarks_.push_back({sealed.seq(), "recovered",
                        "The signing key was lost, and the holder of the recovery key named this "
                        "new one; what stood before it is as proven as ever."});
  keys_.succeed(key ? std::optional(key->public_key) : std::nullopt);
}

void Walk::check_checkpoint(const Sealed& sealed, const std::string& body) {
  const auto note = read_checkpoint(body);
  if (!note) return invalid_body(sealed, note.error());
  const auto differs = [&](std::string expected, std::string found) {
    findings_->add(sealed.seq(), cause::checkpoint_mismatch, std::move(expected), std::move(found));
  };
  lists_.checkpoint(sealed.seq(), *note);
  notes_.emplace(sealed.seq(), *note);
  const auto checkpoint =
      keys_.key() ? ledger::open_checkpoint(*note, *keys_.key()) : ledger::parse_checkpoint(*note);
  if (!checkpoint)
    return differs("a checkpoint signed with the key of its epoch", checkpoint.error().what);
  if (checkpoint->origin != ledger::origin_of(reader_->uuid()))
    return differs("origin " + ledger::origin_of(reader_->uuid()), "origin " + checkpoint->origin);
  if (checkpoint->size != sealed.seq())
    return differs(fmt::format("all {} records before it", sealed.seq()),
                   fmt::format("{} records", checkpoint->size));
  if (checkpoint->root != sealed.header.root)
    return differs("root " + sealed.header.root.hex(), "root " + checkpoint->root.hex());
}

void Walk::check_alert(const Sealed& sealed, const std::string& body) {
  const auto alert = read_alert(body);
  if (!alert) return invalid_body(sealed, alert.error());
  lists_.alert(sealed.seq(), *alert);
  if (!doubts_.contains(alert->message)) compare_alert(*findings_, *reader_, sealed.seq(), *alert);
}

void Walk::check_media(const Sealed& sealed, const std::string& body) {
  const auto media = read_media(body);
  if (!media) return invalid_body(sealed, media.error());
  media_.outcome(sealed.seq(), *media);
}

void Walk::check_service(const Sealed& sealed, const std::string& body) {
  const auto read = read_service(body, sealed.seq());
  if (!read) return invalid_body(sealed, read.error());
  const auto anchor = read_anchor(body, sealed.seq());
  if (!anchor) return invalid_body(sealed, anchor.error());
  if (*anchor) return check_anchored(sealed, **anchor);
  if (read->empty()) return;
  reread_.service(sealed.seq(), *read);
  deliveries_.end_run();
}

void Walk::check_anchored(const Sealed& sealed, const AnchorBody& anchor) {
  if (doubts_.contains(anchor.checkpoint)) return;
  const auto note = notes_.find(anchor.checkpoint);
  const auto checked =
      note == notes_.end()
          ? Result<>(fail(ErrorCode::invalid_input,
                          fmt::format("record {} is no checkpoint", anchor.checkpoint)))
          : check_anchor(anchor, note->second);
  if (!checked) invalid_body(sealed, checked.error());
}

void Walk::check_event(const Sealed& sealed, const std::string& body, const vault::RawEvent* row) {
  const auto stored = message::read_body(sealed.header.kind, body);
  if (!stored) return invalid_body(sealed, stored.error());
  identities_.event(sealed.seq(), stored->event);
  if (message::file_of(stored->event)) media_.named(sealed.seq());
  if (row == nullptr) {
    if (events_readable_)
      findings_->add(sealed.seq(), cause::event_missing, "a row in event", "no such row");
    deliveries_.number_of(sealed.seq(), stored->provenance, std::nullopt);
    return doubts_.add(sealed.seq(), sealed.seq() + 1);
  }
  const auto delivery = deliveries_.number_of(sealed.seq(), stored->provenance, row->delivery);
  if (!compare_event(*findings_, sealed.seq(), *row, *stored, delivery))
    doubts_.add(sealed.seq(), sealed.seq() + 1);
}

void Walk::invalid_body(const Sealed& sealed, const Error& why) {
  const bool newer = why.code == ErrorCode::newer_version;
  findings_->add(sealed.seq(), newer ? cause::unknown_version : cause::body_invalid,
                 fmt::format("a body of kind {}", to_string(sealed.header.kind)), why.what);
  doubts_.add(sealed.seq(), sealed.seq() + 1);
}

}  // namespace sigilo::evidence
