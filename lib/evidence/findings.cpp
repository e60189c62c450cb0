// SPDX-License-Identifier: Apache-2.0
#include "evidence/findings.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace sigilo::evidence {
namespace cause {

const Cause vault_altered{
    "vault-altered",
    "The vault's own row was changed, or rows of another vault were put in: no record is of "
    "the vault that this one says it is."};
const Cause fingerprint_mismatch{
    "fingerprint-mismatch",
    "This is another vault than the one whose fingerprint was given, or its whole history "
    "was made anew."};
const Cause empty_vault{"empty-vault", "All records were removed; even a new vault has one."};
const Cause interrupted{"interrupted",
                        "The check was stopped; nothing is said about the records not reached."};
const Cause page_damaged{
    "page-damaged",
    "Bytes of the file were changed outside the program, or the disk or a copy is faulty. A "
    "backup may hold what was here."};
const Cause table_unreadable{
    "table-unreadable",
    "The database's structure was changed, or reading failed; what it should hold could not "
    "be compared."};
const Cause record_missing{
    "record-missing",
    "Records were removed, or the database was put together from an older state."};
const Cause record_surplus{"record-surplus",
                           "A row was put in that can't be part of the sequence."};
const Cause record_altered{
    "record-altered",
    "The record was changed, replaced or moved after it was sealed; what it said is lost unless "
    "a backup or bundle holds it."};
const Cause signature_invalid{
    "signature-invalid",
    "The record was made or changed by somebody without the key of that time."};
const Cause root_mismatch{
    "root-mismatch",
    "The history before this record isn't the one that it was signed over: records before it were "
    "exchanged by somebody who holds a signing key."};
const Cause time_backwards{
    "time-backwards",
    "The record claims to be older than the one before it; sigilo never writes that."};
const Cause epoch_mismatch{
    "epoch-mismatch",
    "The record was signed for another period of keys than its place belongs to."};
const Cause key_unknown{
    "key-unknown",
    "The record that names this period's key is missing or damaged, so that signatures of the "
    "period can't be checked; the tree still binds its records."};
const Cause unknown_kind{
    "unknown-kind",
    "The record was written by a later version, or changed. Use a later sigilo to check it."};
const Cause unknown_version{
    "unknown-version", "The body was written by a later version. Use a later sigilo to check it."};
const Cause tile_missing{
    "tile-missing", "Stored hashes of the tree were removed; the records themselves prove more."};
const Cause tile_altered{
    "tile-altered",
    "A stored hash of the tree was changed; the records and their signatures say otherwise."};
const Cause tile_surplus{
    "tile-surplus", "The tree once held more records than there are now, or rows were put in."};
const Cause body_missing{
    "body-missing",
    "The content was destroyed without the erasure record that a lawful erasure leaves."};
const Cause body_altered{"body-altered",
                         "The content or its salt was changed after the record was sealed."};
const Cause body_invalid{
    "body-invalid",
    "No sigilo writes such a body: whoever made this record held the signing key but not the "
    "program, or the program has a fault."};
const Cause event_missing{
    "event-missing",
    "The index row was removed to hide the record from searches; the record itself is there."};
const Cause event_altered{
    "event-altered",
    "The index was changed, so that searches show or hide the record wrongly; the record itself "
    "is whole."};
const Cause event_surplus{"event-surplus",
                          "The index has a row without a record: the row was put in, or the record "
                          "was removed together with its part of the tree."};
const Cause index_missing{
    "index-missing",
    "A table by which messages are found lacks a record, so that searches of its conversation "
    "miss it, a repeat of it is stored again, or what became of a message isn't shown; the record "
    "itself is whole."};
const Cause index_altered{
    "index-altered",
    "What says how far the tables by which messages are found reach was changed, so that searches "
    "miss records or repeats are stored again; the records themselves are whole."};
const Cause index_surplus{
    "index-surplus",
    "A table by which messages are found has a row that repeats no record's: it shows a record in "
    "another conversation, or would make a message that is to come pass for a repeat."};
const Cause alert_missing{"alert-missing",
                          "The alert was removed from the list of alerts; its record is there."};
const Cause alert_altered{"alert-altered",
                          "The list of alerts was changed; the alert's record says otherwise."};
const Cause alert_surplus{
    "alert-surplus",
    "The list of alerts has a row without a record: the row was put in, or the "
    "record was removed together with its part of the tree."};
const Cause alert_mismatch{"alert-mismatch",
                           "The alert quotes what the message that it names doesn't say."};
const Cause checkpoint_missing{
    "checkpoint-missing", "The list of checkpoints was changed; the checkpoint's record is there."};
const Cause checkpoint_altered{
    "checkpoint-altered",
    "The list of checkpoints was changed; the checkpoint's record says otherwise."};
const Cause checkpoint_surplus{
    "checkpoint-surplus",
    "The list of checkpoints has a row without a record: the row was put in, or the record "
    "was removed together with its part of the tree."};
const Cause checkpoint_mismatch{
    "checkpoint-mismatch",
    "The checkpoint certifies another history than the one that stands here."};
const Cause epoch_missing{
    "epoch-missing",
    "The list of signing keys was changed; the record that names the key is there."};
const Cause epoch_altered{
    "epoch-altered",
    "The list of signing keys was changed, so that sigilo may refuse to go on or be led to another "
    "key; the records say which one it is."};
const Cause epoch_surplus{
    "epoch-surplus",
    "The list of signing keys has one that no record names: the row was put in, or the record was "
    "removed together with its part of the tree."};
const Cause delivery_missing{"delivery-missing",
                             "The provider's delivery, as it was received, was removed."};
const Cause delivery_altered{
    "delivery-altered",
    "What was kept of the provider's delivery was changed; what its records quote from it is "
    "sealed and whole."};
const Cause delivery_surplus{
    "delivery-surplus",
    "A delivery that no record quotes was put in, or its index rows or records were removed."};
const Cause identity_missing{
    "identity-missing",
    "What says that two numbers or ids are one person was removed, so that searches miss a part of "
    "what they said; the record that says so is there."};
const Cause identity_altered{
    "identity-altered",
    "What says that two numbers or ids are one person names another record than the first one that "
    "says so."};
const Cause identity_surplus{
    "identity-surplus",
    "Two numbers or ids are said to be one person, and no record says so: the row was put in, or "
    "the record was removed together with its part of the tree."};
const Cause reread_missing{
    "reread-missing",
    "What says that a record was read again was removed, so that it may be read a second time; the "
    "record that says so is there."};
const Cause reread_altered{"reread-altered",
                           "A record is said to have been read again by another record than did."};
const Cause reread_surplus{
    "reread-surplus",
    "A record is said to have been read again, so that no later version tries, and no record says "
    "that it was."};
const Cause media_missing{
    "media-missing",
    "The row about a message's file was removed, so that the file is never fetched or can't be "
    "found; the message that names it is there."};
const Cause media_altered{
    "media-altered",
    "The row about a message's file was changed: it shows another file, or a state that no record "
    "gives it, so that the file is never fetched or can't be found."};
const Cause media_surplus{
    "media-surplus",
    "There is a row about a file of a record that names none: the row was put in, or the record "
    "was removed together with its part of the tree."};
const Cause media_mismatch{
    "media-mismatch",
    "The media record is about a record that names no file, or about one whose file was stored or "
    "lost before."};
const Cause file_missing{
    "file-missing",
    "The sealed file isn't in the media directory. A backup may hold it; the media record proves "
    "its hash."};
const Cause file_altered{
    "file-altered",
    "The sealed file or its key was changed, or the disk is faulty: what it opens to isn't what "
    "the media record names."};
const Cause file_surplus{
    "file-surplus",
    "A file is listed that no media record names: the row was put in, or the record was removed "
    "together with its part of the tree."};

}  // namespace cause

namespace {

/// Whether it casts doubt on what a record says, and not only on what else repeats or finds it.
bool is_about_a_record(const Cause& cause) {
  for (const auto* one :
       {&cause::page_damaged, &cause::record_missing, &cause::record_altered,
        &cause::signature_invalid, &cause::root_mismatch, &cause::time_backwards,
        &cause::epoch_mismatch, &cause::key_unknown, &cause::unknown_kind, &cause::unknown_version,
        &cause::body_missing, &cause::body_altered, &cause::body_invalid, &cause::alert_mismatch,
        &cause::checkpoint_mismatch, &cause::media_mismatch})
    if (one->name == cause.name) return true;
  return false;
}

}  // namespace

void Findings::add(std::optional<std::uint64_t> seq, const Cause& cause, std::string expected,
                   std::string found) {
  if (seq && is_about_a_record(cause)) doubt(*seq);
  if (problems_.size() == max_problems) {
    ++more_;
    return;
  }
  problems_.push_back({seq,
                       std::string(cause.name),
                       std::move(expected),
                       std::move(found),
                       std::string(cause.meaning),
                       {}});
}

std::string Findings::remains(Depth depth) const {
  const auto records = std::min(proven_, doubt_from_.value_or(proven_));
  if (records == 0)
    return "nothing by what is here alone; a backup, a bundle or a checkpoint kept elsewhere may "
           "prove more";
  return fmt::format("{} as sealed{}",
                     records == 1 ? "record 0 is" : fmt::format("records 0 to {} are", records - 1),
                     depth == Depth::full ? "" : " (their contents are not checked at depth tree)");
}

void Findings::move_to(Report& report) {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.seq < b.seq; });
  report.problems = std::exchange(problems_, {});
  for (auto& problem : report.problems) problem.remains = remains(report.depth);
  report.more_problems = std::exchange(more_, 0);
}

}  // namespace sigilo::evidence
