// SPDX-License-Identifier: Apache-2.0
// A policy file as values: its keys, their limits, and the line of each pattern for messages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "config/document.hpp"
#include "scan/policies.hpp"

namespace sigilo::scan {

inline constexpr std::size_t max_rules_per_file = 500;
inline constexpr std::size_t max_patterns_per_file = 2000;
/// Length of names, categories and ids, in bytes; they stand in subjects of mails.
inline constexpr std::size_t max_name = 80;
/// Largest `within`.
inline constexpr int max_within = 50;

struct Pattern {
  std::string text;  ///< as written
  int line = 0;
};

/// `near`: a hit of each list, with at most `within` words from the end of one to the begin of
/// another.
struct Near {
  std::vector<std::vector<Pattern>> words;
  int within = 0;
  bool ordered = false;  ///< in the order of the lists
};

/// One [[rule]]. It is broken where one of `any` hits or `near` does, unless `unless` takes that
/// back.
struct Rule {
  std::string id;
  std::string category;
  Severity severity = Severity::low;
  std::optional<Direction> direction;  ///< nullopt: any
  std::vector<Pattern> any;
  std::optional<Near> near;
  std::vector<Pattern> unless;
  std::string policy;
  std::string file;
  int line = 0;
};

/// The rules of one file; mistakes become problems, and what has one may be missing from the
/// answer.
std::vector<Rule> read_rules(const PolicySource& source, std::vector<config::Problem>& problems);

}  // namespace sigilo::scan
