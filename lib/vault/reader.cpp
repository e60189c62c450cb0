// SPDX-License-Identifier: Apache-2.0
#include "vault/reader.hpp"

#include <algorithm>
#include <utility>

#include "json/parse.hpp"
#include "vault/files.hpp"
#include "vault/messages.hpp"
#include "vault/reader_impl.hpp"
#include "vault/related.hpp"
#include "vault/schema.hpp"

namespace sigilo::vault {

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(const std::filesystem::path& directory,
                            const crypto::SecretBytes& key) {
  SIGILO_TRY(auto database, Database::open(database_file(directory), key, Access::read));
  SIGILO_TRY_DO(check_schema(database));
  return Reader(std::unique_ptr<Impl>(new Impl{std::move(database)}));
}

Result<std::vector<MessageRow>> Reader::messages(const MessageFilter& filter) {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  return Messages(impl_->database).list(filter);
}

Result<std::optional<MessageRow>> Reader::message(Seq seq) {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  return Messages(impl_->database).one(seq);
}

Result<std::vector<MessageRow>> Reader::around(Seq seq, std::size_t before, std::size_t after) {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  return Messages(impl_->database)
      .around(seq, std::min(before, max_rows), std::min(after, max_rows));
}

std::optional<Duration> after_sending(const message::Event& message, Timestamp when) {
  if (message.sent == Timestamp()) return std::nullopt;
  return when - message.sent;
}

Result<std::vector<MessageRow>> Reader::life_of(const MessageRow& row) {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  SIGILO_TRY(auto related, Related::prepare(impl_->database));
  const std::string& id =
      row.stored.event.about.empty() ? row.stored.event.provider_id : row.stored.event.about;
  SIGILO_TRY(auto rows, related.to(id));
  // What the firm sends to change a message has an id and states of its own.
  for (std::size_t next = 0, first_level = rows.size(); next < first_level; ++next) {
    const std::string own = rows[next].stored.event.provider_id;
    if (own == id) continue;
    SIGILO_TRY(auto more, related.to(own));
    for (auto& one : more)
      if (std::ranges::find(rows, one.seq, &MessageRow::seq) == rows.end())
        rows.push_back(std::move(one));
  }
  if (rows.empty()) rows.push_back(row);
  std::ranges::sort(rows, {}, &MessageRow::seq);
  SIGILO_TRY_DO(related.mark(rows));
  const auto origin = std::ranges::find_if(rows, [&](const MessageRow& one) {
    return one.stored.event.kind == RecordKind::message && one.stored.event.provider_id == id;
  });
  if (origin == rows.end()) return rows;
  const message::Event message = origin->stored.event;
  for (auto& one : rows) {
    const auto& said = one.stored.event;
    // What was told again repeats the message's own time.
    const bool dated = said.sent != Timestamp() && !said.type.starts_with("told:");
    one.after = after_sending(message, dated ? said.sent : one.time);
  }
  return rows;
}

namespace {

/// The reader of an access record's body, where that lists `seq` (docs/local-api.md).
std::optional<AccessRow> access_to(std::uint64_t seq, std::string_view body) {
  const auto value = json::parse(body);
  const auto* object = value ? value->if_object() : nullptr;
  if (object == nullptr) return std::nullopt;
  bool shown = false;
  if (const auto* seqs = json::array_at(*object, "seqs")) {
    shown = std::ranges::any_of(*seqs, [&](const json::Value& one) {
      return one.is_int64() && std::cmp_equal(one.get_int64(), seq);
    });
  } else {
    const auto first = json::integer_at(*object, "first");
    const auto last = json::integer_at(*object, "last");
    shown = first && last && std::cmp_less_equal(*first, seq) && std::cmp_less_equal(seq, *last);
  }
  if (!shown) return std::nullopt;
  return AccessRow{.seq = {},
                   .time = {},
                   .user = std::string(json::text_at(*object, "user").value_or("")),
                   .uid = static_cast<std::uint64_t>(json::integer_at(*object, "uid").value_or(0)),
                   .what = std::string(json::text_at(*object, "what").value_or(""))};
}

}  // namespace

Result<std::vector<AccessRow>> Reader::accesses_of(Seq seq, std::size_t limit) {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT seq, time, body FROM record INDEXED BY record_few"
                                     " WHERE kind NOT IN ('message', 'status') AND kind = 'access'"
                                     " AND seq > ? ORDER BY seq DESC"));
  select.bind(1, static_cast<std::int64_t>(seq.value()));
  std::vector<AccessRow> rows;
  while (rows.size() < limit) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) break;
    auto row = access_to(seq.value(), select.text(2));
    if (!row) continue;
    row->seq = Seq(static_cast<std::uint64_t>(select.integer(0)));
    row->time = Timestamp::from_micros(select.integer(1));
    rows.push_back(std::move(*row));
  }
  std::reverse(rows.begin(), rows.end());
  return rows;
}

namespace {

Result<> read_counters(Database& database, Summary& summary) {
  SIGILO_TRY(auto select, database.prepare("SELECT name, value FROM counter"));
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return {};
    summary.counters[std::string(select.text(0))] = static_cast<std::uint64_t>(select.integer(1));
  }
}

Result<> read_lines(Database& database, Summary& summary) {
  SIGILO_TRY(auto select, database.prepare("SELECT number, last, events FROM line_state"));
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return {};
    const std::string number(select.text(0));
    summary.lines[number] = {number, Timestamp::from_micros(select.integer(1)),
                             static_cast<std::uint64_t>(select.integer(2))};
  }
}

Result<> read_outbox(Database& database, Summary& summary) {
  SIGILO_TRY(auto select, database.prepare("SELECT state, count(*) FROM outbox INDEXED BY "
                                           "outbox_unsent WHERE state <> 'sent' GROUP BY state"));
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) break;
    const auto count = static_cast<std::uint64_t>(select.integer(1));
    if (select.text(0) == "queued") summary.outbox_queued = count;
    if (select.text(0) == "deferred") summary.outbox_deferred = count;
    if (select.text(0) == "failed") summary.outbox_failed = count;
  }
  SIGILO_TRY(auto newest,
             database.prepare("SELECT reply FROM outbox INDEXED BY outbox_unsent"
                              " WHERE state <> 'sent' AND state IN ('deferred', 'failed')"
                              " ORDER BY tried DESC, id DESC LIMIT 1"));
  SIGILO_TRY(const bool found, newest.step());
  if (found) summary.last_mail_error = newest.text(0);
  return {};
}

Result<> read_checkpoint(Database& database, Summary& summary) {
  SIGILO_TRY(
      auto select,
      database.prepare("SELECT record.time, checkpoint.size FROM checkpoint JOIN record USING (seq)"
                       " ORDER BY seq DESC LIMIT 1"));
  SIGILO_TRY(const bool found, select.step());
  if (!found) return {};
  summary.last_checkpoint = Timestamp::from_micros(select.integer(0));
  summary.last_checkpoint_size = static_cast<std::uint64_t>(select.integer(1));
  return {};
}

}  // namespace

Result<Summary> Reader::summary() {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  Summary summary;
  SIGILO_TRY(const auto last, impl_->database.integer("SELECT coalesce(max(seq), -1) FROM record"));
  summary.records = static_cast<std::uint64_t>(last + 1);
  SIGILO_TRY_DO(read_counters(impl_->database, summary));
  SIGILO_TRY_DO(read_lines(impl_->database, summary));
  SIGILO_TRY_DO(read_outbox(impl_->database, summary));
  SIGILO_TRY_DO(read_checkpoint(impl_->database, summary));
  SIGILO_TRY(summary.media, media_summary(impl_->database));
  const auto counted = [&](const char* name) {
    const auto found = summary.counters.find(name);
    return found == summary.counters.end() ? 0 : found->second;
  };
  const auto unrecognised = counted("unrecognised");
  summary.unread = unrecognised - std::min(unrecognised, counted("reread"));
  return summary;
}

}  // namespace sigilo::vault
