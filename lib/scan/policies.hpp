// SPDX-License-Identifier: Apache-2.0
// The firm's rules, compiled: which of them a text breaks, and with which words.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "config/document.hpp"
#include "crypto/digest.hpp"

namespace sigilo::scan {

/// Bytes [begin, end) of the original text: the words that matched.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool operator==(const Span&) const = default;
};

/// One rule that a text breaks.
struct Match {
  std::string rule;      ///< "bribery.coima"
  std::string category;  ///< "bribery"
  Severity severity = Severity::low;
  std::string policy;       ///< name of the policy it stands in
  std::vector<Span> spans;  ///< in order, not overlapping, at least one; at most max_spans
  bool operator==(const Match&) const = default;
};

inline constexpr std::size_t max_spans = 32;
/// A longer text is scanned up to here (the provider's own limit is 4,096 characters); the rest is
/// kept, not scanned.
inline constexpr std::size_t max_text = 1024 * 1024;
/// Most policy files in a directory.
inline constexpr std::size_t max_files = 100;
/// `unless` takes a match back where it covers it or stands at most so many words away.
inline constexpr int unless_within = 6;

/// One policy file before compilation.
struct PolicySource {
  std::string file;  ///< name for messages
  std::string content;
};

/// An immutable set of rules; a reload makes a new one, a scan keeps the one it began with.
/// Runs on: any; scan() may be called from several threads at once.
class Policies {
 public:
  struct Loaded;

  /// All *.toml of a directory in name order. Every mistake becomes a problem with file and line
  /// (all-or-nothing).
  static Loaded load(const std::string& directory);
  static Loaded compile(std::vector<PolicySource> sources);

  Policies(Policies&&) noexcept;
  Policies& operator=(Policies&&) noexcept;
  ~Policies();

  /// Rules that `text` breaks, in the order of their files and places. Time is linear in the text.
  /// Malformed UTF-8 is no obstacle: each bad sequence counts as U+FFFD. Spans are whole characters
  /// with their marks.
  [[nodiscard]] std::vector<Match> scan(std::string_view text, Direction direction) const;

  [[nodiscard]] std::size_t rules() const;
  [[nodiscard]] std::size_t files() const;
  /// SHA-256 over names and contents of all files: names this version of the policies in alerts.
  [[nodiscard]] const crypto::Digest& digest() const;

 private:
  struct Impl;
  explicit Policies(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct Policies::Loaded {
  std::optional<Policies> policies;  ///< set when there is no problem
  std::vector<config::Problem> problems;
};

}  // namespace sigilo::scan
