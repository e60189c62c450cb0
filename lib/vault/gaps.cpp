// SPDX-License-Identifier: Apache-2.0
#include "vault/gaps.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "json/parse.hpp"
#include "vault/bodies.hpp"
#include "vault/impl.hpp"
#include "vault/reader_impl.hpp"
#include "vault/related.hpp"

namespace sigilo::vault {
namespace {

/// Records that one look goes through, so that a snapshot is not held for long.
constexpr std::int64_t page_records = 20'000;
constexpr std::int64_t complete = 100;
constexpr std::string_view told = "told:";

/// What an event speaks of.
struct Mention {
  std::string_view how;
  std::string_view provider_id;
};

std::vector<Mention> mentions_of(const message::Event& event) {
  std::vector<Mention> mentions;
  if (event.kind == RecordKind::status && !event.type.starts_with(told))
    mentions.push_back({"state", event.provider_id});
  if (event.kind == RecordKind::edit) mentions.push_back({"edit", event.about});
  if (event.kind == RecordKind::revoke) mentions.push_back({"revocation", event.about});
  if (event.kind == RecordKind::message) {
    mentions.push_back({"reaction", event.about});
    mentions.push_back({"reply", event.reply_to});
  }
  std::erase_if(mentions, [](const Mention& mention) { return mention.provider_id.empty(); });
  return mentions;
}

/// Ids that a gap record names already.
Result<std::set<std::string, std::less<>>> known_unseen(Database& database) {
  SIGILO_TRY(auto select,
             database.prepare("SELECT body FROM record INDEXED BY record_few"
                              " WHERE kind NOT IN ('message', 'status') AND kind = 'gap'"));
  std::set<std::string, std::less<>> ids;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return ids;
    const auto body = json::parse(select.text(0));
    const auto* object = body ? body->if_object() : nullptr;
    if (object == nullptr) continue;
    if (const auto id = json::text_at(*object, "provider_id")) ids.emplace(*id);
  }
}

std::int64_t number_at(const json::Object& object, std::string_view key) {
  const auto text = json::text_at(object, key).value_or("");
  std::int64_t value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Chunks seen of each phase.
using Phases = std::map<std::int64_t, std::set<std::int64_t>>;

std::vector<MissingChunk> missing_of(const std::string& line, const Phases& phases) {
  constexpr std::size_t most = 1000;
  std::vector<MissingChunk> missing;
  for (const auto& [phase, chunks] : phases) {
    for (auto chunk = *chunks.begin(); chunk < *chunks.rbegin() && missing.size() < most; ++chunk)
      if (!chunks.contains(chunk)) missing.push_back({line, phase, chunk});
  }
  return missing;
}

void note_history(const message::StoredEvent& stored, HistoryState& state, Phases& phases) {
  const auto details = json::parse(stored.event.details);
  const auto* object = details ? details->if_object() : nullptr;
  if (object == nullptr) return;
  state.last = stored.provenance.received;
  if (stored.event.type == "history:declined") {
    const auto* errors = json::array_at(*object, "errors");
    const auto* error = errors != nullptr && !errors->empty() ? (*errors)[0].if_object() : nullptr;
    state.declined =
        error == nullptr
            ? "refused"
            : std::string(json::text_at(*error, "title")
                              .value_or(json::text_at(*error, "message").value_or("refused")));
    return;
  }
  const auto phase = number_at(*object, "phase");
  const auto chunk = number_at(*object, "chunk_order");
  state.phase = std::max(state.phase, phase);
  state.progress = std::max(state.progress, number_at(*object, "progress"));
  if (phase >= 0 && chunk >= 0) phases[phase].insert(chunk);
}

}  // namespace

Result<UnseenPage> Reader::unseen(std::int64_t first, Timestamp before) {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  SIGILO_TRY(auto related, Related::prepare(impl_->database));
  SIGILO_TRY(auto known, known_unseen(impl_->database));
  SIGILO_TRY(auto select, impl_->database.prepare(
                              "SELECT record.seq, time, kind, body FROM event"
                              " JOIN record ON record.seq = event.seq"
                              " WHERE event.seq >= ?1 AND event.seq < ?2 ORDER BY event.seq"));
  select.bind(1, first).bind(2, first + page_records);
  SIGILO_TRY(const auto last, impl_->database.integer("SELECT max(seq) FROM record"));
  UnseenPage page;
  page.next = std::min(first + page_records, last + 1);
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return page;
    if (select.integer(1) >= before.micros()) {
      page.next = select.integer(0);
      return page;
    }
    const auto kind = parse_record_kind(select.text(2));
    if (!kind || !message::holds_event(*kind) || !select.maybe_text(3)) continue;
    const auto stored = message::read_body(*kind, select.text(3));
    if (!stored) continue;  // damage is for `verify` to find
    for (const auto& mention : mentions_of(stored->event)) {
      if (known.contains(mention.provider_id)) continue;
      const Seq record(static_cast<std::uint64_t>(select.integer(0)));
      SIGILO_TRY(const auto came, related.origin_of(mention.provider_id, record));
      if (came) continue;
      known.emplace(mention.provider_id);
      page.found.push_back({record, std::string(mention.how), std::string(mention.provider_id),
                            stored->event.line.value(), stored->event.party.key()});
    }
  }
}

namespace {

struct History {
  HistoryState state;
  Phases phases;
};
using Histories = std::map<std::string, History, std::less<>>;

Result<Histories> read_histories(Database& database) {
  SIGILO_TRY(auto select,
             database.prepare("SELECT body FROM record INDEXED BY record_few"
                              " WHERE kind NOT IN ('message', 'status') AND kind = 'line'"
                              " ORDER BY seq"));
  Histories lines;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return lines;
    // Cheaper than reading the bodies of a whole address book.
    if (select.text(0).find(R"("type":"history:)") == std::string_view::npos) continue;
    const auto stored = message::read_body(RecordKind::line, select.text(0));
    if (!stored) continue;
    auto& [state, phases] = lines[stored->event.line.value()];
    state.line = stored->event.line.value();
    note_history(*stored, state, phases);
  }
}

/// Whether what the gap record says was missing is there now.
Result<bool> is_filled(Related& related, const Histories& lines, Seq seq, const json::Object& gap) {
  if (const auto id = json::text_at(gap, "provider_id")) {
    SIGILO_TRY(const auto origin, related.origin_of(*id, seq));
    return origin.has_value();
  }
  const auto line = lines.find(json::text_at(gap, "line").value_or(""));
  if (line == lines.end()) return false;
  const auto& phases = line->second.phases;
  const auto phase = phases.find(json::integer_at(gap, "phase").value_or(-1));
  return phase != phases.end() &&
         phase->second.contains(json::integer_at(gap, "chunk").value_or(-1));
}

}  // namespace

Result<std::vector<HistoryState>> Reader::histories() {
  SIGILO_TRY(auto lines, read_histories(impl_->database));
  std::vector<HistoryState> states;
  for (auto& [line, entry] : lines) {
    auto& [state, phases] = entry;
    if (state.progress >= complete) state.missing = missing_of(line, phases);
    states.push_back(std::move(state));
  }
  return states;
}

Result<std::vector<GapRow>> Reader::gaps(std::size_t limit) {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT seq, time, body FROM record INDEXED BY record_few"
                                     " WHERE kind NOT IN ('message', 'status') AND kind = 'gap'"
                                     " ORDER BY seq DESC LIMIT ?"));
  select.bind(1, static_cast<std::int64_t>(std::min(limit, max_rows)));
  std::vector<GapRow> rows;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) break;
    rows.push_back({Seq(static_cast<std::uint64_t>(select.integer(0))),
                    Timestamp::from_micros(select.integer(1)), std::string(select.text(2))});
  }
  std::reverse(rows.begin(), rows.end());
  SIGILO_TRY(auto related, Related::prepare(impl_->database));
  SIGILO_TRY(const auto histories, read_histories(impl_->database));
  for (auto& row : rows) {
    const auto body = json::parse(row.body);
    if (!body || !body->is_object()) continue;
    SIGILO_TRY(row.filled, is_filled(related, histories, row.seq, body->get_object()));
  }
  return rows;
}

Result<> WriteTransaction::unseen(const UnseenPage& page, std::int64_t first) {
  for (const auto& one : page.found)
    SIGILO_TRY_DO(vault_->append(RecordKind::gap, unseen_body(one)));
  if (!page.found.empty()) vault_->tally.counters["unseen"] += page.found.size();
  if (page.next > first)
    vault_->tally.counters[std::string(searched_counter)] +=
        static_cast<std::uint64_t>(page.next - first);
  return {};
}

Result<> WriteTransaction::missing_chunks(const std::vector<MissingChunk>& chunks) {
  SIGILO_TRY(auto known,
             vault_->database.prepare("SELECT 1 FROM record INDEXED BY record_few WHERE kind NOT IN"
                                      " ('message', 'status') AND kind = 'gap' AND body = ?"));
  for (const auto& chunk : chunks) {
    const std::string body = missing_chunk_body(chunk);
    SIGILO_TRY(const bool found, known.bind(1, std::string_view(body)).step());
    known.reset();
    if (!found) SIGILO_TRY_DO(vault_->append(RecordKind::gap, body));
  }
  return {};
}

}  // namespace sigilo::vault
