// SPDX-License-Identifier: Apache-2.0
// What is spoken of but never came: found afterwards, kept as `gap` records. Values only; the calls
// are in reader.hpp and transaction.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "base/time.hpp"

namespace sigilo::vault {

/// A message that something speaks of.
struct Unseen {
  Seq record;               ///< what speaks of it
  std::string how;          ///< "state", "edit", "revocation", "reaction", "reply"
  std::string provider_id;  ///< of the message
  std::string line;
  std::string party;
};

/// Counter (Summary::counters) of the records that were looked through.
inline constexpr std::string_view searched_counter = "searched_for_gaps";

/// What a look through a part of the records found.
struct UnseenPage {
  std::vector<Unseen> found;
  std::int64_t next = 0;  ///< record to go on from
};

/// A part of a phone's history that did not come though later ones did.
struct MissingChunk {
  std::string line;
  std::int64_t phase = 0;
  std::int64_t chunk = 0;
};

/// What the provider said about one line's history.
struct HistoryState {
  std::string line;
  std::int64_t phase = -1;     ///< the latest seen: 0 the first day, 1 to day 90, 2 to day 180
  std::int64_t progress = -1;  ///< 0 to 100
  std::optional<Timestamp> last;
  std::string declined;  ///< why the owner or the provider refused, "" where nobody did
  /// Once progress is 100: chunks before the last one of each phase that came. Where a phase's
  /// numbers begin is not documented, so nothing is said of what stands before the first one.
  std::vector<MissingChunk> missing;
};

/// A gap as people see it.
struct GapRow {
  Seq seq;
  Timestamp time;
  std::string body;     ///< canonical JSON
  bool filled = false;  ///< what was missing came later
};

}  // namespace sigilo::vault
