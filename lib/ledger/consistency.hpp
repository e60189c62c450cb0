// SPDX-License-Identifier: Apache-2.0
// A checkpoint that somebody kept, compared with a vault: is the vault the continuation of what it
// certifies, and if not, what happened? The answer is a value and sentences for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/sign.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/tree.hpp"

namespace sigilo::ledger {

/// A public key that the vault's own records name.
struct EpochKey {
  std::uint64_t epoch = 0;
  std::uint64_t first =
      0;  ///< the record that names it: 0, or a `key` record, after which it signs
  crypto::PublicKey key;
};

/// The vault as it is now.
struct VaultView {
  std::string vault;           ///< its UUID
  std::uint64_t size = 0;      ///< number of records
  TileReader tiles;            ///< of the tree of that size
  std::vector<EpochKey> keys;  ///< by rising epoch
  /// Whether verification found what is there free of damage at its end: the tiles hold no leaf
  /// beyond the last record, no table speaks of later ones, the last record's root fits.
  bool whole = true;
};

struct Comparison {
  enum class Kind {
    consistent,     ///< the vault begins with what was certified; `proof` proves it
    another_vault,  ///< of another vault's origin
    truncated,      ///< certifies more records than there are, and the vault's end is damaged
    rolled_back,    ///< certifies more records than there are, and what is there is whole
    fork,           ///< certifies other records than those that are there
    unknown_key,    ///< under this vault's name, signed by no key that the vault names
    wrong_epoch,    ///< signed by a key of the vault at whose time that many records weren't there
    bad_signature,  ///< names a key of the vault, and its signature doesn't hold
    no_checkpoint,  ///< can't be read as a checkpoint
  };
  Kind kind = Kind::no_checkpoint;
  /// What the note says; nothing where it can't be read. Believed only if is_authentic().
  std::optional<Checkpoint> kept;
  std::optional<std::uint64_t> epoch;  ///< of the key that signed
  std::vector<crypto::Digest>
      proof;  ///< of consistent: RFC 9162, from the kept size to the present
  /// What is so, what it can mean, and what remains proven: a sentence or two each; the last two
  /// may be empty.
  std::string what;
  std::string meaning;
  std::string remains;

  /// True if the signature is by the vault's key of that time.
  [[nodiscard]] bool is_authentic() const;
};

/// "consistent", "another-vault", "truncated" …: for scripts and reports.
std::string_view name_of(Comparison::Kind kind);

/// Compares one kept note. Errors: only those of reading the tiles, and corrupt where they
/// contradict themselves: the vault has to be verified first. Runs on: any; reads O(log n) tiles.
Result<Comparison> compare_checkpoint(std::string_view note, const VaultView& view);

/// What several notes together prove: how many records, from the first on, are certified as they
/// are (0: none), and from how many on an authentic note contradicts (nullopt: none does). So a
/// history that was exchanged is found to part between the two.
struct Extent {
  std::uint64_t proven = 0;
  std::optional<std::uint64_t> contradicted;
};
Extent extent_of(const std::vector<Comparison>& comparisons);

}  // namespace sigilo::ledger
