// SPDX-License-Identifier: Apache-2.0
#include "vault/anchors.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "ledger/tree.hpp"
#include "vault/reader_impl.hpp"
#include "vault/rows.hpp"

namespace sigilo::vault {
namespace {

constexpr std::array<std::pair<AnchorKind, std::string_view>, 4> kinds{{
    {AnchorKind::directory, "directory"},
    {AnchorKind::rfc3161, "rfc3161"},
    {AnchorKind::witness, "witness"},
    {AnchorKind::mail, "mail"},
}};

KeptCheckpoint checkpoint_of(const Statement& row) {
  return {Seq(static_cast<std::uint64_t>(row.integer(0))), Timestamp::from_micros(row.integer(1)),
          std::string(row.text(2))};
}

}  // namespace

std::string_view to_string(AnchorKind kind) {
  return std::ranges::find(kinds, kind, &decltype(kinds)::value_type::first)->second;
}

std::optional<AnchorKind> parse_anchor_kind(std::string_view text) {
  const auto* const found = std::ranges::find(kinds, text, &decltype(kinds)::value_type::second);
  return found == kinds.end() ? std::nullopt : std::optional(found->first);
}

std::string anchor_body(const Anchor& anchor) {
  return json::canonical(json::Object{{"anchor", to_string(anchor.kind)},
                                      {"checkpoint", anchor.checkpoint.value()},
                                      {"event", "anchored"},
                                      {"note_sha256", anchor.note_sha256.hex()},
                                      {"proof", anchor.proof},
                                      {"v", 1},
                                      {"where", anchor.where}});
}

Result<Anchor> read_anchor_body(std::string_view body) {
  const auto value = json::parse(body);
  const auto* object = value ? value->if_object() : nullptr;
  const auto bad = [] {
    return fail(ErrorCode::corrupt, "a record of an anchor cannot be read",
                "run 'sigilo verify' and keep a copy of the vault as it is");
  };
  if (object == nullptr) return bad();
  const auto kind = parse_anchor_kind(json::text_at(*object, "anchor").value_or(""));
  const auto checkpoint = json::integer_at(*object, "checkpoint");
  const auto digest = crypto::Digest::from_hex(json::text_at(*object, "note_sha256").value_or(""));
  const auto where = json::text_at(*object, "where");
  const auto proof = json::text_at(*object, "proof");
  if (!kind || !checkpoint || *checkpoint < 0 || !digest || !where || !proof) return bad();
  return Anchor{*kind, Seq(static_cast<std::uint64_t>(*checkpoint)), *digest, std::string(*where),
                std::string(*proof)};
}

Result<std::optional<KeptCheckpoint>> Reader::newest_checkpoint() {
  SIGILO_TRY(auto select, impl_->database.prepare(
                              "SELECT seq, (SELECT time FROM record r WHERE r.seq = c.seq), note"
                              " FROM checkpoint c ORDER BY seq DESC LIMIT 1"));
  SIGILO_TRY(const bool found, select.step());
  if (!found) return std::nullopt;
  return checkpoint_of(select);
}

Result<std::vector<KeptCheckpoint>> Reader::checkpoints_after(Seq seq, std::size_t limit) {
  SIGILO_TRY(auto select, impl_->database.prepare(
                              "SELECT seq, (SELECT time FROM record r WHERE r.seq = c.seq), note"
                              " FROM checkpoint c WHERE seq > ? ORDER BY seq LIMIT ?"));
  select.bind(1, static_cast<std::int64_t>(seq.value())).bind(2, static_cast<std::int64_t>(limit));
  std::vector<KeptCheckpoint> checkpoints;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return checkpoints;
    checkpoints.push_back(checkpoint_of(select));
  }
}

Result<std::vector<AnchorRow>> Reader::anchors(std::size_t limit) {
  SIGILO_TRY(auto select,
             impl_->database.prepare(
                 "SELECT seq, time, body FROM record INDEXED BY record_few"
                 " WHERE kind NOT IN ('message', 'status') AND kind = 'service'"
                 " AND instr(body, '\"event\":\"anchored\"') > 0 ORDER BY seq DESC LIMIT ?"));
  SIGILO_TRY(auto note, impl_->database.prepare("SELECT note FROM checkpoint WHERE seq = ?"));
  select.bind(1, static_cast<std::int64_t>(std::min(limit, max_anchors)));
  std::vector<AnchorRow> rows;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) break;
    SIGILO_TRY(auto anchor, read_anchor_body(select.text(2)));
    note.bind(1, static_cast<std::int64_t>(anchor.checkpoint.value()));
    SIGILO_TRY(const bool kept, note.step());
    rows.push_back({Seq(static_cast<std::uint64_t>(select.integer(0))),
                    Timestamp::from_micros(select.integer(1)), std::move(anchor),
                    kept ? std::string(note.text(0)) : std::string()});
    note.reset();
  }
  std::ranges::reverse(rows);
  return rows;
}

Result<std::vector<crypto::Digest>> Reader::consistency(std::uint64_t old_size,
                                                        std::uint64_t size) {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  SIGILO_TRY(auto select, impl_->database.prepare(select_tile));
  return ledger::consistency_proof(old_size, size, [&](int level, std::uint64_t index) {
    return load_tile(select, level, index);
  });
}

}  // namespace sigilo::vault
