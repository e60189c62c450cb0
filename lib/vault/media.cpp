// SPDX-License-Identifier: Apache-2.0
#include "vault/media.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "json/parse.hpp"
#include "message/body.hpp"
#include "vault/bodies.hpp"
#include "vault/impl.hpp"
#include "vault/reader_impl.hpp"

namespace sigilo::vault {
namespace {

constexpr const char* file_columns = "path, key, sha256, size";

Result<SealedFile> file_of(const Statement& row, int first) {
  SealedFile file;
  file.path = row.text(first);
  file.key = crypto::SecretBytes::copy_of(row.bytes(first + 1));
  SIGILO_TRY(file.sha256, crypto::Digest::from(row.bytes(first + 2)));
  file.size = static_cast<std::uint64_t>(row.integer(first + 3));
  return file;
}

constexpr std::array<std::pair<MediaLoss, std::string_view>, 5> losses{
    {{MediaLoss::gone, "gone"},
     {MediaLoss::unreachable, "unreachable"},
     {MediaLoss::other_bytes, "other-bytes"},
     {MediaLoss::too_large, "too-large"},
     {MediaLoss::erased, "erased"}}};

/// What a media record says; nullopt for one that says nothing of a loss, or is damaged.
std::optional<MediaLoss> loss_of(std::string_view body) {
  const auto value = json::parse(body);
  const auto* object = value ? value->if_object() : nullptr;
  const auto word = object != nullptr ? json::text_at(*object, "loss") : std::nullopt;
  return word ? parse_media_loss(*word) : std::nullopt;
}

MediaState state_of(std::string_view text) {
  if (text == to_string(MediaState::stored)) return MediaState::stored;
  if (text == to_string(MediaState::lost)) return MediaState::lost;
  return MediaState::waiting;
}

constexpr std::string_view select_notice =
    "SELECT media.message, record.time, line, attempts, reply FROM media {}"
    " JOIN record ON record.seq = media.message LEFT JOIN event ON event.seq = media.message"
    " LEFT JOIN conversation ON conversation.id = event.conversation ";

MediaNotice notice_of(const Statement& row) {
  return {Seq(static_cast<std::uint64_t>(row.integer(0))), Timestamp::from_micros(row.integer(1)),
          std::string(row.text(2)), static_cast<int>(row.integer(3)), std::string(row.text(4))};
}

/// Id of the row that holds these bytes, made if there is none.
Result<std::int64_t> file_row(Vault::Impl& vault, const SealedFile& file) {
  auto& find = vault.sql.find_media_file.bind(1, file.sha256.view());
  SIGILO_TRY(const bool found, find.step());
  const std::int64_t id = found ? find.integer(0) : 0;
  find.reset();
  if (found) return id;
  auto& add = vault.sql.add_media_file.bind(1, file.sha256.view())
                  .bind(2, static_cast<std::int64_t>(file.size))
                  .bind(3, std::string_view(file.path))
                  .bind(4, file.key.view());
  SIGILO_TRY_DO(add.step());
  const std::int64_t added = add.integer(0);
  add.reset();
  return added;
}

}  // namespace

std::string_view to_string(MediaState state) {
  switch (state) {
    case MediaState::waiting:
      return "waiting";
    case MediaState::stored:
      return "stored";
    case MediaState::lost:
      return "lost";
  }
  SIGILO_CHECK(false, "not a state of a file");
}

std::string_view to_string(MediaLoss loss) {
  for (const auto& [known, word] : losses)
    if (known == loss) return word;
  SIGILO_CHECK(false, "not a reason for a loss");
}

std::optional<MediaLoss> parse_media_loss(std::string_view text) {
  for (const auto& [loss, word] : losses)
    if (word == text) return loss;
  return std::nullopt;
}

Result<> WriteTransaction::media_outcome(const MediaOutcome& outcome) {
  const auto message = static_cast<std::int64_t>(outcome.message.value());
  auto& find = vault_->sql.media_state.bind(1, message);
  SIGILO_TRY(const bool found, find.step());
  const std::string before(found ? find.text(0) : "");
  find.reset();
  if (!found) return fail(ErrorCode::not_found, fmt::format("record {} names no file", message));
  if (before != to_string(MediaState::waiting))
    return fail(ErrorCode::refused,
                fmt::format("the file of record {} is finished: it is {}", message, before));
  SIGILO_CHECK(outcome.file.has_value() == (outcome.state == MediaState::stored),
               "what is stored has a file");

  auto& change = vault_->sql.change_media.bind(1, message)
                     .bind(2, to_string(outcome.state))
                     .bind(3, outcome.next.micros())
                     .bind(4, std::string_view(outcome.reason))
                     .bind_null(5)
                     .bind_null(6);
  if (outcome.state == MediaState::waiting) return change.run();
  if (outcome.file) {
    SIGILO_TRY(const auto file, file_row(*vault_, *outcome.file));
    change.bind(6, file);
  }
  SIGILO_TRY(const Seq record, vault_->append(RecordKind::media, media_body(outcome)));
  change.bind(5, static_cast<std::int64_t>(record.value()));
  ++vault_->tally.counters[outcome.state == MediaState::stored ? "media_stored" : "media_lost"];
  return change.run();
}

// INDEXED BY: without statistics the planner would rather walk through every file ever named.
Result<std::vector<MediaJob>> Reader::due_media(Timestamp now, std::size_t limit) {
  SIGILO_TRY(auto select,
             impl_->database.prepare(
                 "SELECT media.message, media.attempts, record.time, record.kind, record.body"
                 " FROM media INDEXED BY media_waiting JOIN record ON record.seq = media.message"
                 " WHERE state = 'waiting' AND next <= ? ORDER BY next LIMIT ?"));
  select.bind(1, now.micros()).bind(2, static_cast<std::int64_t>(std::min(limit, max_rows)));
  std::vector<MediaJob> jobs;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return jobs;
    MediaJob job;
    job.message = Seq(static_cast<std::uint64_t>(select.integer(0)));
    job.attempts = static_cast<int>(select.integer(1));
    job.recorded = Timestamp::from_micros(select.integer(2));
    const auto kind = parse_record_kind(select.text(3));
    // An erased message leaves nothing to ask for: the job says so by its empty file.
    if (select.maybe_text(4)) {
      const auto stored = kind && message::holds_event(*kind)
                              ? message::read_body(*kind, select.text(4))
                              : Result<message::StoredEvent>(fail(ErrorCode::corrupt, "no event"));
      // One damaged record must not hold up the files of all others.
      job.readable = stored.has_value();
      if (stored) {
        job.line = stored->event.line;
        job.history = stored->event.via == message::Via::history;
        job.file = message::file_of(stored->event).value_or(message::File{});
      }
    }
    jobs.push_back(std::move(job));
  }
}

Result<std::optional<Timestamp>> Reader::next_media_due() {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT min(next) FROM media INDEXED BY media_waiting"
                                     " WHERE state = 'waiting'"));
  SIGILO_TRY(const bool found, select.step());
  const auto next = found ? select.maybe_integer(0) : std::nullopt;
  if (!next) return std::nullopt;
  return Timestamp::from_micros(*next);
}

Result<std::optional<SealedFile>> Reader::file_with(const crypto::Digest& sha256) {
  SIGILO_TRY(auto select, impl_->database.prepare(fmt::format(
                              "SELECT {} FROM media_file WHERE sha256 = ?", file_columns)));
  SIGILO_TRY(const bool found, select.bind(1, sha256.view()).step());
  if (!found) return std::nullopt;
  SIGILO_TRY(auto file, file_of(select, 0));
  return std::optional(std::move(file));
}

Result<std::optional<MediaRow>> Reader::media_of(Seq message) {
  SIGILO_TRY(auto select,
             impl_->database.prepare(fmt::format(
                 "SELECT state, attempts, reply, media.record, time, body, {} FROM media"
                 " LEFT JOIN media_file ON media_file.id = media.file"
                 " LEFT JOIN record ON record.seq = media.record"
                 " WHERE message = ?",
                 file_columns)));
  SIGILO_TRY(const bool found, select.bind(1, static_cast<std::int64_t>(message.value())).step());
  if (!found) return std::nullopt;
  MediaRow row;
  row.state = state_of(select.text(0));
  row.attempts = static_cast<int>(select.integer(1));
  row.reply = select.text(2);
  if (const auto record = select.maybe_integer(3))
    row.record = Seq(static_cast<std::uint64_t>(*record));
  if (const auto time = select.maybe_integer(4)) row.time = Timestamp::from_micros(*time);
  if (const auto body = select.maybe_text(5)) row.loss = loss_of(*body);
  if (select.maybe_text(6)) {
    SIGILO_TRY(row.file, file_of(select, 6));
  }
  return std::optional(std::move(row));
}

Result<MediaSummary> media_summary(Database& database) {
  MediaSummary summary;
  SIGILO_TRY(const auto waiting,
             database.integer("SELECT count(*) FROM media INDEXED BY media_waiting"
                              " WHERE state = 'waiting'"));
  SIGILO_TRY(const auto lost, database.integer("SELECT count(*) FROM media INDEXED BY media_lost"
                                               " WHERE state = 'lost'"));
  SIGILO_TRY(const auto all, database.integer("SELECT count(*) FROM media"));
  summary.waiting = static_cast<std::uint64_t>(waiting);
  summary.lost = static_cast<std::uint64_t>(lost);
  summary.stored = static_cast<std::uint64_t>(all - waiting - lost);
  SIGILO_TRY(auto newest,
             database.prepare(fmt::format(fmt::runtime(select_notice), "INDEXED BY media_lost") +
                              "WHERE state = 'lost' ORDER BY media.record DESC LIMIT ?"));
  newest.bind(1, static_cast<std::int64_t>(max_lost_listed));
  for (;;) {
    SIGILO_TRY(const bool found, newest.step());
    if (!found) break;
    summary.newest_lost.push_back(notice_of(newest));
  }
  SIGILO_TRY(auto oldest,
             database.prepare(fmt::format(fmt::runtime(select_notice), "") +
                              "WHERE media.message = (SELECT min(message) FROM media INDEXED BY"
                              " media_waiting WHERE state = 'waiting')"));
  SIGILO_TRY(const bool found, oldest.step());
  if (found) summary.oldest_waiting = notice_of(oldest);
  return summary;
}

}  // namespace sigilo::vault
