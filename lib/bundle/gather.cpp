// SPDX-License-Identifier: Apache-2.0
#include "bundle/gather.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "bundle/related_records.hpp"
#include "evidence/findings.hpp"
#include "evidence/sealed.hpp"
#include "json/parse.hpp"
#include "ledger/tree.hpp"
#include "media/sealed_file.hpp"

namespace sigilo::bundle {
namespace {

/// Everything that the visit of the ledger needs; one for each bundle.
class Gatherer {
 public:
  Gatherer(vault::AuditReader& audit, vault::Reader& reader, const Ask& ask, Related related,
           std::uint64_t size)
      : audit_(audit), reader_(reader), ask_(ask), related_(std::move(related)), size_(size) {}

  Result<> period(const std::vector<Seq>& chosen);
  Result<> records();
  Result<> proofs();
  Result<> files(const std::filesystem::path& media);
  Result<> deliveries();
  Gathered take() { return std::move(found_); }

 private:
  Result<Timestamp> time_of(std::int64_t seq);
  Result<> visit(vault::RawRecord&& raw);
  [[nodiscard]] bool belongs(RecordKind kind, const vault::RawRecord& raw, bool in_period) const;
  [[nodiscard]] bool was_shown(const json::Object& access) const;
  [[nodiscard]] bool is_ours(const json::Object& body, std::string_view member) const;

  vault::AuditReader& audit_;
  vault::Reader& reader_;
  const Ask& ask_;
  Related related_;
  std::uint64_t size_;
  Gathered found_;
  evidence::Findings findings_;
};

Result<Timestamp> Gatherer::time_of(std::int64_t seq) {
  std::int64_t time = 0;
  SIGILO_TRY_DO(audit_.each_record(seq, [&](vault::RawRecord&& raw) {
    time = raw.time.value_or(0);
    return false;
  }));
  return Timestamp::from_micros(time);
}

/// What was named one by one has the time from the first to the last of it.
Result<> Gatherer::period(const std::vector<Seq>& chosen) {
  const auto last = ask_.by_number() ? static_cast<std::int64_t>(chosen.back().value())
                                     : static_cast<std::int64_t>(size_) - 1;
  SIGILO_TRY(found_.since, time_of(static_cast<std::int64_t>(chosen.front().value())));
  SIGILO_TRY(found_.until, time_of(last));
  found_.until = found_.until + Duration(1);  // the last one is inside
  if (ask_.since) found_.since = *ask_.since;
  if (ask_.until) found_.until = *ask_.until;
  return {};
}

bool Gatherer::is_ours(const json::Object& body, std::string_view member) const {
  const auto seq = json::integer_at(body, member);
  return seq && related_.events.contains(*seq);
}

/// A long reading names only its first and last record: then it may have shown ours.
bool Gatherer::was_shown(const json::Object& access) const {
  if (const auto* seqs = json::array_at(access, "seqs")) {
    return std::ranges::any_of(*seqs, [&](const json::Value& seq) {
      return seq.is_int64() && related_.events.contains(seq.get_int64());
    });
  }
  const auto first = json::integer_at(access, "first");
  const auto last = json::integer_at(access, "last");
  if (!first || !last) return false;
  const auto next = related_.events.lower_bound(*first);
  return next != related_.events.end() && *next <= *last;
}

bool Gatherer::belongs(RecordKind kind, const vault::RawRecord& raw, bool in_period) const {
  if (message::holds_event(kind)) return related_.events.contains(raw.seq);
  if (kind == RecordKind::genesis || kind == RecordKind::key) return true;
  // Each of these fixes all before it, and may have been mailed to somebody who still has it.
  if (kind == RecordKind::checkpoint) return raw.seq > *related_.events.begin();
  if (kind == RecordKind::service || kind == RecordKind::clock) return in_period;
  const auto parsed = json::parse(raw.body.value_or(""));
  if (!parsed || !parsed->is_object()) return false;
  const auto& body = parsed->get_object();
  if (kind == RecordKind::media || kind == RecordKind::alert || kind == RecordKind::mail)
    return is_ours(body, "message");
  if (kind == RecordKind::access) return was_shown(body);
  if (kind != RecordKind::gap) return false;
  const auto line = json::text_at(body, "line");
  const bool of_line = !ask_.line || !line || *line == ask_.line->value();
  return is_ours(body, "record") || (in_period && of_line && !ask_.party && !ask_.by_number());
}

Result<> Gatherer::visit(vault::RawRecord&& raw) {
  const auto sealed = evidence::assemble(raw, audit_.uuid(), findings_);
  if (!sealed)
    return fail(ErrorCode::corrupt, fmt::format("record {} of the vault is damaged", raw.seq),
                "run 'sigilo verify' before anything is exported");
  const auto kind = std::string(to_string(sealed->header.kind));
  const bool in_period = sealed->header.time >= found_.since && sealed->header.time < found_.until;
  ++found_.ledger[kind];
  if (in_period) ++found_.period[kind];
  if (!belongs(sealed->header.kind, raw, in_period)) return {};
  ++found_.included[kind];
  if (in_period) ++found_.included_of_period[kind];
  RecordFile record{.header = sealed->header,
                    .signature = sealed->signature,
                    .leaf = sealed->leaf,
                    .salt = std::nullopt,
                    .body = std::nullopt,
                    .proof = {}};
  if (raw.body && raw.salt) {
    if (!evidence::body_agrees(raw, *sealed))
      return fail(ErrorCode::corrupt, fmt::format("the body of record {} was altered", raw.seq),
                  "run 'sigilo verify' before anything is exported");
    record.salt.emplace();
    std::ranges::copy(as_bytes(*raw.salt), record.salt->begin());
    record.body = std::move(raw.body);
  } else {
    found_.omissions.push_back({sealed->header.seq, "body", "erased"});
  }
  if (sealed->header.kind == RecordKind::gap || sealed->header.kind == RecordKind::service)
    found_.gaps.push_back(sealed->header.seq);
  found_.records.push_back(std::move(record));
  return {};
}

Result<> Gatherer::records() {
  Result<> visited;
  SIGILO_TRY_DO(audit_.each_record(0, [&](vault::RawRecord&& raw) {
    if (raw.seq >= static_cast<std::int64_t>(size_)) return false;
    visited = visit(std::move(raw));
    return visited.has_value();
  }));
  return visited;
}

/// Proofs of neighbours need the same tiles.
Result<> Gatherer::proofs() {
  constexpr std::size_t kept_tiles = 4096;  // 8 KiB each
  std::unordered_map<std::uint64_t, ledger::Tile> tiles;
  const ledger::TileReader read = [&](int level, std::uint64_t index) -> Result<ledger::Tile> {
    const auto key = (static_cast<std::uint64_t>(level) << 48U) | index;
    if (const auto known = tiles.find(key); known != tiles.end()) return known->second;
    SIGILO_TRY(const auto raw, audit_.tile(level, index));
    ledger::Tile tile{level, index, {}};
    const std::string_view hashes = raw ? std::string_view(raw->hashes) : std::string_view();
    for (auto rest = hashes; rest.size() >= 32; rest.remove_prefix(32))
      tile.hashes.push_back(*crypto::Digest::from(as_bytes(rest.substr(0, 32))));
    if (tiles.size() == kept_tiles) tiles.clear();
    return tiles.emplace(key, std::move(tile)).first->second;
  };
  SIGILO_TRY(const auto root, ledger::root_at(size_, read));
  for (auto& record : found_.records) {
    SIGILO_TRY(record.proof, ledger::inclusion_proof(record.header.seq.value(), size_, read));
    if (!ledger::verify_inclusion(record.leaf, record.header.seq.value(), size_, record.proof,
                                  root))
      return fail(ErrorCode::corrupt,
                  fmt::format("record {} is not in the tree", record.header.seq.value()),
                  "run 'sigilo verify' before anything is exported");
  }
  return {};
}

Result<> Gatherer::files(const std::filesystem::path& media) {
  std::vector<std::pair<Seq, std::string>> named;
  SIGILO_TRY_DO(audit_.each_media([&](vault::RawMedia&& row) {
    if (related_.events.contains(row.message))
      named.emplace_back(Seq(static_cast<std::uint64_t>(row.message)), row.state.value_or(""));
    return true;
  }));
  std::unordered_map<std::int64_t, std::string> sniffed;
  for (const auto& record : found_.records) {
    if (record.header.kind != RecordKind::media || !record.body) continue;
    const auto body = json::parse(*record.body);
    if (body && body->is_object())
      sniffed[json::integer_at(body->get_object(), "message").value_or(-1)] =
          json::text_at(body->get_object(), "sniffed").value_or("");
  }
  for (const auto& [message, state] : named) {
    if (state != to_string(vault::MediaState::stored)) {
      found_.omissions.push_back({message, "file", state});
      continue;
    }
    SIGILO_TRY(auto row, reader_.media_of(message));
    const auto omit = [&](std::string why) {
      found_.omissions.push_back({message, "file", std::move(why)});
    };
    if (!row || !row->file)
      omit("erased");
    else if (row->file->size > max_file)
      omit("too-large");
    else if (!media::check_sealed(media, *row->file))
      omit("damaged");
    else
      found_.files.push_back(
          {message, sniffed[static_cast<std::int64_t>(message.value())], std::move(*row->file)});
  }
  return {};
}

Result<> Gatherer::deliveries() {
  constexpr std::string_view scheme = "sha256=";
  for (const auto id : related_.deliveries) {
    SIGILO_TRY(auto delivery, audit_.delivery(id));
    if (!delivery || delivery->partial || !delivery->raw || !delivery->digest) continue;
    const auto digest = crypto::sha256(as_bytes(*delivery->raw));
    if (!std::ranges::equal(digest.view(), as_bytes(*delivery->digest))) continue;
    std::string_view signature = delivery->signature ? *delivery->signature : std::string_view();
    if (!signature.starts_with(scheme)) continue;
    signature.remove_prefix(scheme.size());
    if (!crypto::Digest::from_hex(signature)) continue;
    found_.deliveries.push_back(
        {Seq(static_cast<std::uint64_t>(id)), std::move(*delivery->raw), std::string(signature)});
  }
  return {};
}

}  // namespace

Result<Gathered> gather(const std::filesystem::path& vault, vault::AuditReader& audit,
                        vault::Reader& reader, const Ask& ask, const std::vector<Seq>& chosen,
                        std::uint64_t size) {
  SIGILO_TRY(auto related, related_to(audit, chosen, size));
  Gatherer gatherer(audit, reader, ask, std::move(related), size);
  SIGILO_TRY_DO(gatherer.period(chosen));
  SIGILO_TRY_DO(gatherer.records());
  SIGILO_TRY_DO(gatherer.proofs());
  SIGILO_TRY_DO(gatherer.files(media::media_directory(vault)));
  SIGILO_TRY_DO(gatherer.deliveries());
  return gatherer.take();
}

}  // namespace sigilo::bundle
