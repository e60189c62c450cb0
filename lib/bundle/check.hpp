// SPDX-License-Identifier: Apache-2.0
// Whether a bundle proves itself: the same that verify.py checks, and nothing is believed that is
// not computed here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"

namespace sigilo::bundle {

struct CheckOptions {
  /// Of the vault, from whoever holds it. Absent: the bundle proves that it is whole, not whose it
  /// is.
  std::optional<crypto::Digest> fingerprint;
  /// The provider's app secret: then the provider's own signatures are checked.
  std::optional<crypto::SecretBytes> provider_secret;
};

struct CheckProblem {
  std::optional<std::uint64_t> seq;  ///< the record, where it is about one
  std::string problem;
  std::string meaning;
};

struct CheckReport {
  std::string vault;
  std::string fingerprint;  ///< of its record 0
  bool fingerprint_compared = false;
  std::string manifest;    ///< SHA-256 of MANIFEST.sha256, as the vault's export record has it
  std::uint64_t size = 0;  ///< of the checkpoint's tree
  std::string root;
  std::uint64_t records = 0;
  std::uint64_t files = 0;
  std::uint64_t deliveries = 0;
  bool deliveries_authenticated = false;
  std::uint64_t omissions = 0;         ///< that the bundle itself names
  std::vector<CheckProblem> problems;  ///< at most max_problems
  std::uint64_t more_problems = 0;

  [[nodiscard]] bool ok() const { return problems.empty(); }
};
inline constexpr std::size_t max_problems = 100;

/// Errors: those of opening it (not_found, permission, io). A file that is no whole bundle is a
/// problem in the report. Runs on: work.
Result<CheckReport> check(const std::filesystem::path& zip, const CheckOptions& options);

}  // namespace sigilo::bundle
