// SPDX-License-Identifier: Apache-2.0
// Verification: does the vault still say what was recorded? Fails closed; fixes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "vault/audit.hpp"

namespace sigilo::evidence {

enum class Depth { tree, full };

/// One finding.
struct Problem {
  std::optional<std::uint64_t> seq;  ///< the record, where there is one
  std::string problem;  ///< short stable name: "body-altered", "record-missing", "root-mismatch" …
  std::string expected;  ///< what had to be there
  std::string found;     ///< what is there
  std::string meaning;   ///< what it can mean, in a sentence
  std::string remains;   ///< what is proven all the same: "records 0 to 4120 are as …"
};

/// What a checkpoint that somebody kept says of the vault as it is (ledger/consistency.hpp).
struct Since {
  std::string relation;               ///< "consistent", "truncated", "rolled-back", "fork" …;
                                      ///< "undecided" where the tree can't be read
  std::optional<std::uint64_t> size;  ///< records that it certifies, where it can be read
  std::uint64_t present = 0;          ///< records that there are
  std::string what;                   ///< what is so, in a sentence
  std::string meaning;                ///< what that can mean; "" where there is nothing to say
  std::string remains;                ///< what it proves all the same; "" for nothing
  bool consistent = false;            ///< the vault begins with what was certified
};

/// Something that an auditor has to know and that is no problem.
struct Remark {
  std::uint64_t seq = 0;
  std::string remark;   ///< short stable name: "recovered"
  std::string meaning;  ///< in a sentence
};

struct Report {
  bool ok = false;  ///< no problem, and everything asked for was checked and consistent
  Depth depth = Depth::full;
  std::uint64_t records = 0;        ///< records checked
  std::string vault;                ///< UUID
  std::string fingerprint;          ///< of the genesis record as found
  std::string checkpoint_root;      ///< tree root over all records, hex
  std::vector<Problem> problems;    ///< in order of records; at most max_problems
  std::uint64_t more_problems = 0;  ///< counted, not listed
  std::optional<Since> since;       ///< if asked for, and the check came to its end
  std::vector<Remark> remarks;      ///< in order of records
};
inline constexpr std::size_t max_problems = 1000;

struct VerifyOptions {
  Depth depth = Depth::full;
  /// Fingerprint that the auditor holds; a vault that begins otherwise is another vault. Unset:
  /// only reported.
  std::optional<std::string> fingerprint = {};
  /// A checkpoint's note, from anywhere: the vault must be its continuation. Unset: not asked.
  std::optional<std::string> since = {};
  /// Threads that check signatures and bodies at depth full; 0: one a core.
  unsigned threads = 0;
  /// Called now and then with records done and in all; false stops (then ok is false with problem
  /// "interrupted").
  std::function<bool(std::uint64_t done, std::uint64_t all)> progress = {};
};

/// Errors only when nothing could be checked at all (cannot open). Damage is in the report. Runs
/// on: work.
Result<Report> verify(const std::filesystem::path& directory, const crypto::SecretBytes& key,
                      const VerifyOptions& options);

}  // namespace sigilo::evidence
