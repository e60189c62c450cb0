// SPDX-License-Identifier: Apache-2.0
#include "ledger/consistency.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "ledger/note.hpp"

namespace sigilo::ledger {
namespace {

using Kind = Comparison::Kind;

/// The key whose name and hash stand on a line under the vault's name, and whether its signature
/// holds.
struct Signer {
  const EpochKey* key = nullptr;
  bool holds = false;
};

/// Of several lines under the vault's name one that holds counts more than one that doesn't: two
/// keys can have the same hash.
Signer find_signer(const SignedNote& note, const VaultView& view, const std::string& origin) {
  Signer found;
  for (const auto& line : note.signatures) {
    if (line.name != origin) continue;
    for (const EpochKey& known : view.keys) {
      if (key_hash(origin, known.key) != line.key_hash) continue;
      const auto signature = crypto::Signature::from(line.signature);
      if (signature && known.key.verify(as_bytes(note.text), *signature)) return {&known, true};
      found.key = &known;
    }
  }
  return found;
}

/// Whether the vault had `size` records while this key signed: it signs from the record after the
/// one that names it up to the one that names the next key. A checkpoint counts the records before
/// it, so it may be made before the first of them.
bool signed_then(const EpochKey& key, std::uint64_t size, const VaultView& view) {
  if (key.epoch != 0 && size <= key.first) return false;
  return std::none_of(view.keys.begin(), view.keys.end(), [&](const EpochKey& later) {
    return later.epoch > key.epoch && size > later.first;
  });
}

Comparison told(Kind kind, std::string what, std::string meaning, std::string remains = {}) {
  Comparison comparison;
  comparison.kind = kind;
  comparison.what = std::move(what);
  comparison.meaning = std::move(meaning);
  comparison.remains = std::move(remains);
  return comparison;
}

Comparison longer_than(const Checkpoint& kept, const VaultView& view) {
  const std::string what =
      fmt::format("the checkpoint certifies {} records; the vault has {}: at least {} are missing",
                  kept.size, view.size, kept.size - view.size);
  if (!view.whole) {
    return told(Kind::truncated, what,
                "records were cut off the vault's end, and traces of it are left: see the findings",
                "the checkpoint proves that the missing records existed; it can't prove what the "
                "remaining ones say");
  }
  return told(Kind::rolled_back, what,
              "an older backup was put in the vault's place, or the end was cut off every table "
              "alike; if the vault went on since, what was recorded after that point is new",
              "the checkpoint proves that the missing records existed; what is there is whole in "
              "itself, and an earlier checkpoint can prove how far it is unchanged");
}

Comparison another_root(const Checkpoint& kept, const VaultView& view) {
  return told(
      Kind::fork,
      fmt::format("the first {} of the vault's {} records are not the {} that the checkpoint "
                  "certifies",
                  kept.size, view.size, kept.size),
      "the history was exchanged by somebody with a signing key, or the vault went on from "
      "an older backup: two histories of this vault exist",
      "the checkpoint proves that the other history existed; an earlier checkpoint that "
      "fits proves the records up to it");
}

/// An authentic checkpoint of this vault against its tree.
Result<Comparison> compare_trees(const Checkpoint& kept, const VaultView& view) {
  if (kept.size > view.size) return longer_than(kept, view);
  SIGILO_TRY(const auto then, root_at(kept.size, view.tiles));
  if (then != kept.root) return another_root(kept, view);
  std::vector<crypto::Digest> proof;
  if (kept.size != 0) {
    SIGILO_TRY(const auto now, root_at(view.size, view.tiles));
    SIGILO_TRY(proof, consistency_proof(kept.size, view.size, view.tiles));
    if (!verify_consistency(kept.size, kept.root, view.size, now, proof)) {
      return fail(ErrorCode::corrupt, "the vault's stored hashes contradict each other",
                  "verify the vault itself first");
    }
  }
  auto comparison = told(
      Kind::consistent,
      fmt::format(
          "the vault begins with the {} records that the checkpoint certifies; {} came since",
          kept.size, view.size - kept.size),
      {},
      fmt::format("none of these {} records was changed, removed, inserted or re-ordered since the "
                  "checkpoint was made",
                  kept.size));
  comparison.proof = std::move(proof);
  return comparison;
}

Comparison by_nobody(const SignedNote& note, const std::string& origin, const Checkpoint& kept,
                     const VaultView& view) {
  const bool named = std::any_of(note.signatures.begin(), note.signatures.end(),
                                 [&](const NoteSignature& line) { return line.name == origin; });
  if (!named) {
    return told(Kind::unknown_key, "the checkpoint bears no signature of this vault",
                "its signature line was removed, or it was never signed: it proves nothing");
  }
  const bool longer = kept.size > view.size;
  return told(
      Kind::unknown_key,
      fmt::format("the checkpoint over {} records is signed by a key that the vault does not "
                  "name",
                  kept.size),
      longer ? "it is a forgery, or the record that names its key is among the records that "
               "are missing from the vault's end: an older backup, or a cut"
             : "it is a forgery, or the vault was made anew under the same name: compare the "
               "fingerprint with the one printed at its beginning");
}

Comparison at_wrong_time(const EpochKey& key, const Checkpoint& kept) {
  return told(
      Kind::wrong_epoch,
      fmt::format("the checkpoint over {} records is signed by the key of epoch {}, which did "
                  "not sign at that time",
                  kept.size, key.epoch),
      "somebody holds a key of another period and forged the checkpoint, or the vault went on from "
      "an older backup and took new keys since");
}

}  // namespace

bool Comparison::is_authentic() const {
  return kind == Kind::consistent || kind == Kind::truncated || kind == Kind::rolled_back ||
         kind == Kind::fork;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::consistent:
      return "consistent";
    case Kind::another_vault:
      return "another-vault";
    case Kind::truncated:
      return "truncated";
    case Kind::rolled_back:
      return "rolled-back";
    case Kind::fork:
      return "fork";
    case Kind::unknown_key:
      return "unknown-key";
    case Kind::wrong_epoch:
      return "wrong-epoch";
    case Kind::bad_signature:
      return "bad-signature";
    case Kind::no_checkpoint:
      return "no-checkpoint";
  }
  SIGILO_CHECK(false, "a kind of comparison without a name");
  return {};
}

Result<Comparison> compare_checkpoint(std::string_view note, const VaultView& view) {
  const auto parsed = parse_note(note);
  const auto kept = parse_checkpoint(note);
  if (!parsed || !kept) {
    const Error& error = parsed ? kept.error() : parsed.error();
    return told(Kind::no_checkpoint, error.what, error.remedy);
  }
  const std::string origin = origin_of(view.vault);
  const auto judge = [&]() -> Result<Comparison> {
    if (kept->origin != origin) {
      return told(Kind::another_vault, "the checkpoint is of another vault than this one",
                  "the wrong file was given, or another vault was put in this one's place");
    }
    const Signer signer = find_signer(*parsed, view, origin);
    if (signer.key == nullptr) return by_nobody(*parsed, origin, *kept, view);
    Result<Comparison> comparison = Comparison{};
    if (!signer.holds) {
      comparison =
          told(Kind::bad_signature, "the vault's signature on the checkpoint does not hold",
               "the checkpoint was altered after it was made, or damaged in copying: it proves "
               "nothing");
    } else if (!signed_then(*signer.key, kept->size, view)) {
      comparison = at_wrong_time(*signer.key, *kept);
    } else {
      comparison = compare_trees(*kept, view);
    }
    if (comparison) comparison->epoch = signer.key->epoch;
    return comparison;
  };
  auto comparison = judge();
  if (comparison) comparison->kept = *kept;
  return comparison;
}

Extent extent_of(const std::vector<Comparison>& comparisons) {
  Extent extent;
  for (const Comparison& one : comparisons) {
    if (!one.is_authentic()) continue;
    const std::uint64_t size = one.kept->size;
    if (one.kind == Kind::consistent)
      extent.proven = std::max(extent.proven, size);
    else
      extent.contradicted = std::min(extent.contradicted.value_or(size), size);
  }
  return extent;
}

}  // namespace sigilo::ledger
