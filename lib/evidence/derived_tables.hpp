// SPDX-License-Identifier: Apache-2.0
// Which names are one person, and which records were read again: both follow from the records
// alone.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "evidence/doubts.hpp"
#include "evidence/findings.hpp"
#include "evidence/source.hpp"
#include "message/event.hpp"

namespace sigilo::evidence {

/// Table identity: both orders of each pair, under the first record that says so. Holds the pairs,
/// some 150 bytes each. Runs on: work.
class IdentityCheck {
 public:
  /// The next sound record that holds an event.
  void event(std::uint64_t seq, const message::Event& event);
  /// Once all records were seen.
  void run(Source& source, Findings& findings, const Doubts& doubts);

 private:
  std::unordered_map<std::string, std::uint64_t> first_;  ///< "name\nother" → record
};

/// Table reread: each unrecognised record that a `service` record says was read.
class RereadCheck {
 public:
  void service(std::uint64_t seq, const std::vector<std::uint64_t>& read);
  void run(Source& source, Findings& findings, const Doubts& doubts);

 private:
  std::unordered_map<std::int64_t, std::uint64_t> by_;  ///< record that was read → service record
};

}  // namespace sigilo::evidence
