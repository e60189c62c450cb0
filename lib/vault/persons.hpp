// SPDX-License-Identifier: Apache-2.0
// The names of one person: numbers, user ids, and how the provider called them. Values only; the
// call is in reader.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "base/time.hpp"

namespace sigilo::vault {

/// Why two numbers or ids are one person.
struct IdentityLink {
  std::string name;
  std::string other;
  Seq record;      ///< the first that says so
  Timestamp time;  ///< of that record
  /// "given beside it" (both stood in one event), "user changed number", "user id update"; "" where
  /// the record can't say it any more (erased, or damaged).
  std::string how;
};

/// A profile's name, as the person chose it.
struct CalledName {
  std::string name;  ///< untrusted text
  Timestamp
      first;  ///< records of the first and the last message that carried it, of those looked at
  Timestamp last;
};

struct Person {
  std::vector<std::string> names;   ///< the one asked for first; at most 64
  std::vector<IdentityLink> links;  ///< each pair once, in the order of their records
  std::vector<CalledName> called;   ///< the one seen last first
  bool truncated = false;           ///< there were more messages than are looked at for `called`
};

/// Messages that are looked at for the names of one person, the newest.
inline constexpr std::size_t max_messages_of_person = 5000;

}  // namespace sigilo::vault
