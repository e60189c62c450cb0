// SPDX-License-Identifier: Apache-2.0
#include "evidence/sealed.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sigilo::evidence {
namespace {

// Years 0001 to 9999: what RFC 3339 can write.
constexpr std::int64_t first_time = -62'135'596'800'000'000;
constexpr std::int64_t last_time = 253'402'300'799'999'999;

// Integers of canonical JSON (RFC 8785) are exact below this.
constexpr std::int64_t json_limit = std::int64_t{1} << 53;

std::optional<crypto::Digest> digest_of(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  const auto digest = crypto::Digest::from(as_bytes(*bytes));
  return digest ? std::optional(*digest) : std::nullopt;
}

/// Why the columns make no record; "" if they do.
std::string_view impossible(const vault::RawRecord& raw) {
  if (!raw.time || *raw.time < first_time || *raw.time > last_time)
    return "no time that can be written";
  if (raw.seq >= json_limit) return "a number that no header can hold";
  if (!raw.epoch || *raw.epoch < 0 || *raw.epoch >= json_limit) return "no epoch";
  if (!digest_of(raw.root)) return "no root of 32 bytes";
  if (!digest_of(raw.commitment)) return "no commitment of 32 bytes";
  if (!raw.signature || !crypto::Signature::from(as_bytes(*raw.signature)))
    return "no signature of 64 bytes";
  return "";
}

}  // namespace

std::optional<Sealed> assemble(const vault::RawRecord& raw, std::string_view vault,
                               Findings& findings) {
  const auto seq = static_cast<std::uint64_t>(raw.seq);
  const auto kind = parse_record_kind(raw.kind.value_or(""));
  if (!kind) {
    findings.add(seq, cause::unknown_kind, "a kind of record that this version knows",
                 raw.kind ? fmt::format("kind \"{}\"", raw.kind->substr(0, 64)) : "no kind");
    return std::nullopt;
  }
  if (const auto why = impossible(raw); !why.empty()) {
    findings.add(seq, cause::record_altered, "the columns of a record", std::string(why));
    return std::nullopt;
  }
  Sealed sealed;
  sealed.header = {.vault = std::string(vault),
                   .seq = Seq(seq),
                   .time = Timestamp::from_micros(*raw.time),
                   .kind = *kind,
                   .epoch = Epoch(static_cast<std::uint64_t>(*raw.epoch)),
                   .root = *digest_of(raw.root),
                   .body = *digest_of(raw.commitment)};
  sealed.line = ledger::header_line(sealed.header);
  sealed.signature = *crypto::Signature::from(as_bytes(*raw.signature));
  sealed.leaf = ledger::leaf_hash(sealed.line, sealed.signature);
  return sealed;
}

std::optional<Sealed> prepare(const vault::RawRecord& raw, std::string_view vault,
                              const std::optional<crypto::PublicKey>& key) {
  Findings ignored;
  auto sealed = assemble(raw, vault, ignored);
  if (sealed)
    sealed->ahead = Sealed::Ahead{key, key && sealed->signed_by(*key), body_agrees(raw, *sealed)};
  return sealed;
}

bool body_agrees(const vault::RawRecord& raw, const Sealed& sealed) {
  if (sealed.ahead) return sealed.ahead->body;
  ledger::Salt salt{};
  if (!raw.salt || !raw.body || raw.salt->size() != salt.size()) return false;
  std::ranges::copy(as_bytes(*raw.salt), salt.begin());
  return ledger::commitment(salt, *raw.body) == sealed.header.body;
}

}  // namespace sigilo::evidence
