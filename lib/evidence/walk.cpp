// SPDX-License-Identifier: Apache-2.0
// The order of the checks is that of docs/evidence-format.md, "Verification"; walk_bodies.cpp has
// the contents.
#include "evidence/walk.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "evidence/bodies.hpp"
#include "evidence/event_tables.hpp"
#include "ledger/checkpoint.hpp"

namespace sigilo::evidence {
namespace {

constexpr std::uint64_t progress_every = 4096;

/// Kinds that verification itself relies on: these are checked in full at any depth.
bool is_of_the_ledger(RecordKind kind) {
  return kind == RecordKind::genesis || kind == RecordKind::key || kind == RecordKind::checkpoint;
}

/// Kinds that have an index row.
bool is_event(RecordKind kind) {
  return message::holds_event(kind);
}

/// The keys that a genesis record names, where its body is the one that was sealed.
std::optional<GenesisBody> first_keys(const Sealed& sealed, const vault::RawRecord& raw) {
  if (sealed.header.kind != RecordKind::genesis || !body_agrees(raw, sealed)) return std::nullopt;
  auto genesis = read_genesis(*raw.body);
  return genesis ? std::optional(std::move(*genesis)) : std::nullopt;
}

}  // namespace

Walk::Walk(Source& source, Findings& findings, const VerifyOptions& options)
    : source_(&source),
      reader_(&source.reader()),
      findings_(&findings),
      options_(&options),
      workers_(options.threads),
      feed_(source, findings, full() ? &workers_ : nullptr),
      tree_(*reader_, findings),
      lists_(source, findings),
      deliveries_(*reader_, findings, doubts_),
      media_(findings, doubts_) {}

void Walk::run(Report& report) {
  if (options_->since) {
    const auto kept = ledger::parse_checkpoint(*options_->since);
    tree_.keep_for(kept ? kept->size : 0);
  }
  all_ = reader_->record_count().value_or(0);
  if (feed_.peek() == nullptr && !feed_.broken()) {
    findings_->add(std::nullopt, cause::empty_vault, "at least the genesis record", "no record");
  } else if (of_another_vault()) {
    findings_->add(std::nullopt, cause::vault_altered, "records of the vault " + reader_->uuid(),
                   "a first and second record that are of another");
  } else {
    lists_.load(full());
    source_->revive();
    if (full()) with_index();
    to_the_end();
    if (!stopped_) close_tail();
  }
  if (options_->since && !stopped_) report.since = compare_since(*options_->since);
  report.records = done_;
  report.fingerprint = fingerprint_;
  report.remarks = std::move(remarks_);
  if (const auto root = tree_.root(); root && !stopped_) report.checkpoint_root = root->hex();
}

/// With another UUID no header would be the one that was signed: one finding instead of one a
/// record.
bool Walk::of_another_vault() {
  std::optional<GenesisBody> keys;
  int strange = 0;
  Findings ignored;
  const auto read = reader_->each_record(0, [&](vault::RawRecord&& raw) {
    const auto sealed = raw.seq > 1 ? std::nullopt : assemble(raw, reader_->uuid(), ignored);
    if (!sealed) return false;
    if (raw.seq == 0) keys = first_keys(*sealed, raw);
    Succession succession;
    if (keys) succession.begin(keys->public_key, keys->recovery_public_key);
    strange += succession.signs(*sealed) == false ? 1 : 0;
    return raw.seq == 0;
  });
  return read && strange == 2;
}

void Walk::with_index() {
  // Event rows come in the order of records, so both are read beside each other. Where reading
  // fails, once more from there: a visit can't go on in a new read transaction.
  SurplusRows surplus(*findings_, cause::event_surplus, "event", all_);
  std::int64_t next = INT64_MIN;
  for (;;) {
    const std::int64_t from = next;
    const auto read = reader_->each_event([&](vault::RawEvent&& row) {
      if (row.seq < next) return true;
      if (row.seq > INT64_MIN) through(row.seq - 1);
      if (stopped_ || feed_.broken()) return false;
      const auto* record = feed_.peek();
      if (feed_.broken()) return false;
      if (record != nullptr && record->seq == row.seq)
        step(&row);
      else
        surplus_event(row, surplus);
      if (row.seq == INT64_MAX) return false;
      next = row.seq + 1;
      return !stopped_;
    });
    const bool broken = feed_.broken();
    if (broken) feed_.mend();
    if (read && !broken) return;
    source_->revive();
    if (read || broken || next > from) continue;
    events_readable_ = false;
    return table_failed(*findings_, "event", read.error());
  }
}

void Walk::to_the_end() {
  for (through(INT64_MAX); feed_.broken(); through(INT64_MAX)) feed_.mend();
}

/// All records up to `last`, which have no index row.
void Walk::through(std::int64_t last) {
  for (const auto* record = feed_.peek(); !stopped_ && record != nullptr && record->seq <= last;
       record = feed_.peek())
    step(nullptr);
}

void Walk::surplus_event(const vault::RawEvent& row, SurplusRows& surplus) {
  const auto seq = static_cast<std::uint64_t>(std::max<std::int64_t>(row.seq, 0));
  const bool record_is_missing =
      row.seq >= 0 &&
      (feed_.peek() != nullptr || feed_.unreadable(seq) || tree_.stored_leaf(seq).has_value());
  if (!record_is_missing) surplus.add(row.seq);
}

void Walk::step(const vault::RawEvent* row) {
  auto [raw, ahead] = feed_.take();
  ++done_;
  if (!report_progress()) return;
  if (raw.seq < 0)
    return findings_->add(std::nullopt, cause::record_surplus, "numbers from 0",
                          fmt::format("record {}", raw.seq));
  const auto seq = static_cast<std::uint64_t>(raw.seq);
  if (seq > next_) skip_to(seq);
  next_ = seq + 1;

  const auto sealed = ahead ? std::move(ahead) : assemble(raw, reader_->uuid(), *findings_);
  if (!sealed) {
    doubt(seq, seq + 1);
    if (const auto stored = tree_.stored_leaf(seq)) tree_.append(seq, *stored, false);
    before_.reset();
    return;
  }
  if (seq == 0) {
    fingerprint_ = sealed->leaf.hex();
    if (const auto keys = first_keys(*sealed, raw))
      keys_.begin(keys->public_key, keys->recovery_public_key);
  }
  if (!judge(*sealed)) return doubt(seq, seq + 1);
  check_order(*sealed);
  if (full() || is_of_the_ledger(sealed->header.kind)) check_body(*sealed, raw, row);
  if (row != nullptr && !is_event(sealed->header.kind) && !doubts_.contains(seq))
    findings_->add(
        seq, cause::event_surplus, fmt::format("no row {} in event", seq),
        fmt::format("a row, though the record is of kind {}", to_string(sealed->header.kind)));
  after_doubt_ = false;
}

/// Is this the record that was sealed here? Goes on in the tree with the hash that is more to be
/// believed.
bool Walk::judge(const Sealed& sealed) {
  const auto stored = tree_.stored_leaf(sealed.seq());
  const bool differs = stored && *stored != sealed.leaf;
  note_epoch(sealed, stored && !differs);
  const std::optional<bool> holds = signature_holds(sealed, differs);
  bool sound = holds.value_or(!differs) && check_root(sealed);
  if (holds == false && !differs)
    findings_->add(sealed.seq(), cause::signature_invalid,
                   fmt::format("a signature by the key of epoch {}", keys_.epoch()),
                   "a signature that doesn't hold under it");
  else if (differs && !sound)
    findings_->add(sealed.seq(), cause::record_altered, "hash " + stored->hex(),
                   "hash " + sealed.leaf.hex());
  else if (differs)
    pending_ = Pending{sealed.seq(), sealed.leaf.hex(), stored->hex()};
  else if (!stored && bare_tile_ != sealed.seq() / ledger::tile_width) {
    bare_tile_ = sealed.seq() / ledger::tile_width;
    findings_->add(sealed.seq(), cause::tile_missing,
                   fmt::format("the hash of record {} in tile {}", sealed.seq(), *bare_tile_),
                   "no such row, or one that is too short");
  }
  tree_.append(sealed.seq(), differs && !sound ? *stored : sealed.leaf, sound);
  before_ = sealed;
  keys_before_ = keys_;
  last_is_signed_ = holds.has_value();
  if (sound && holds == true && !explained_) findings_->proven(sealed.seq() + 1);
  return sound;
}

/// nullopt: not known (no key), or not asked at this depth.
std::optional<bool> Walk::signature_holds(const Sealed& sealed, bool leaf_differs) const {
  const bool last = done_ == all_;
  const bool asked = full() || leaf_differs || last || is_of_the_ledger(sealed.header.kind);
  return asked ? keys_.signs(sealed) : std::nullopt;
}

/// Where the record before can't be relied on it may have been the one that named the next key.
void Walk::note_epoch(const Sealed& sealed, bool leaf_agrees) {
  if (after_doubt_ && leaf_agrees && sealed.header.epoch.value() == keys_.epoch() + 1)
    keys_.succeed(std::nullopt);
  if (keys_.first_use_without_key())
    findings_->add(sealed.seq(), cause::key_unknown,
                   fmt::format("the public key of epoch {}", keys_.epoch()),
                   "no record that can be relied on names it");
}

/// The root that this record was signed over. False: it turned out that the record itself can't be
/// relied on.
bool Walk::check_root(const Sealed& sealed) {
  const auto& root = sealed.header.root;
  if (tree_.agrees(sealed.seq(), root)) {
    settle_pending(true);
    explained_ = false;
    return true;
  }
  if (!full() && keys_.signs(sealed) == false) {
    findings_->add(sealed.seq(), cause::signature_invalid,
                   fmt::format("a signature by the key of epoch {}", keys_.epoch()),
                   "a signature that doesn't hold under it");
    return false;
  }
  if (tree_.recover(sealed.seq(), root)) {
    settle_pending(false);
    explained_ = false;
    return true;
  }
  settle_pending(true);
  blame(sealed);
  return true;
}

/// Neither records nor tiles give the root: says why, once.
void Walk::blame(const Sealed& sealed) {
  if (std::exchange(explained_, true)) return findings_->count_more();
  findings_->distrust_last();
  if (!full() && before_ && keys_before_.signs(*before_) == false)
    findings_->add(before_->seq(), cause::signature_invalid, "a signature by the key of its epoch",
                   "a signature that doesn't hold under it");
  else
    findings_->add(sealed.seq(), cause::root_mismatch,
                   fmt::format("the tree over the {} records before to have root {}", sealed.seq(),
                               sealed.header.root.hex()),
                   "another root");
}

void Walk::settle_pending(bool tile_is_wrong) {
  if (!pending_) return;
  const auto [seq, found, stored] = *std::exchange(pending_, std::nullopt);
  if (!tile_is_wrong)
    return findings_->add(seq, cause::record_altered, "hash " + stored,
                          fmt::format("hash {}, validly signed", found));
  if (std::exchange(altered_tile_, seq / ledger::tile_width) == seq / ledger::tile_width)
    return findings_->count_more();
  findings_->add(seq, cause::tile_altered, "hash " + found, "hash " + stored);
}

void Walk::check_order(const Sealed& sealed) {
  const auto& header = sealed.header;
  if (header.epoch.value() != keys_.epoch())
    findings_->add(sealed.seq(), cause::epoch_mismatch, fmt::format("epoch {}", keys_.epoch()),
                   fmt::format("epoch {}", header.epoch.value()));
  if (last_time_ && header.time < *last_time_)
    findings_->add(sealed.seq(), cause::time_backwards, format_rfc3339(*last_time_) + " or later",
                   format_rfc3339(header.time));
  last_time_ = std::max(last_time_.value_or(header.time), header.time);
}

/// Records from `first` up to `end` can't be relied on: what other tables say of them is not held
/// against those.
void Walk::doubt(std::uint64_t first, std::uint64_t end) {
  after_doubt_ = true;
  explained_ = true;
  doubts_.add(first, end);
}

/// Records next_ to seq - 1 are not there: the tree goes on with what the tiles keep of them.
void Walk::skip_to(std::uint64_t seq) {
  if (!feed_.unreadable(next_))
    findings_->add(next_, cause::record_missing,
                   seq - next_ == 1 ? fmt::format("record {}", next_)
                                    : fmt::format("records {} to {}", next_, seq - 1),
                   "no such rows");
  doubt(next_, seq);
  before_.reset();
  for (std::uint64_t gone = next_; gone < seq; ++gone) {
    const auto stored = tree_.stored_leaf(gone);
    if (!stored) break;
    tree_.append(gone, *stored, false);
  }
}

/// The tree may know of more records than there are.
void Walk::close_tail() {
  source_->revive();
  // The last signature is what pins the tree: asked for also where it wasn't known to be the last.
  if (before_ && !last_is_signed_ && keys_before_.signs(*before_) == false)
    findings_->add(before_->seq(), cause::signature_invalid, "a signature by the key of its epoch",
                   "a signature that doesn't hold under it");
  settle_pending(true);
  std::uint64_t end = next_;
  while (tree_.stored_leaf(end)) ++end;
  const bool unreadable = feed_.unreadable(next_);
  if (end > next_ && !unreadable)
    findings_->add(next_, cause::record_missing,
                   end - next_ == 1 ? fmt::format("record {}", next_)
                                    : fmt::format("records {} to {}", next_, end - 1),
                   "no such rows at the end");
  if (unreadable) end = INT64_MAX;
  if (end > next_) doubts_.add(next_, end);
  tree_.finish(next_, end > next_);
  lists_.finish(next_, end, doubts_);
  if (full()) deliveries_.run(next_, end);
  if (full()) {
    identities_.run(*source_, *findings_, doubts_);
    reread_.run(*source_, *findings_, doubts_);
    media_.run(*source_, [this] { return go_on(); });
  }
  if (full() && events_readable_)
    EventTables(*source_, *findings_, doubts_, [this] { return go_on(); }).run(end);
  if (options_->fingerprint && *options_->fingerprint != fingerprint_)
    findings_->add(0, cause::fingerprint_mismatch, *options_->fingerprint,
                   fingerprint_.empty() ? "no genesis record" : fingerprint_);
}

bool Walk::report_progress() {
  return done_ % progress_every != 0 || go_on();
}

bool Walk::go_on() {
  if (stopped_) return false;
  if (!options_->progress || options_->progress(done_, all_)) return true;
  stopped_ = true;
  findings_->add(std::nullopt, cause::interrupted, fmt::format("all {} records checked", all_),
                 fmt::format("{} checked", done_));
  return false;
}

}  // namespace sigilo::evidence
