// SPDX-License-Identifier: Apache-2.0
// Which events belong to the chosen messages, and which deliveries are wholly theirs. Private to
// this room.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "vault/audit.hpp"

namespace sigilo::bundle {

struct Related {
  /// The chosen, what they are about, and all that is about any of these.
  std::set<std::int64_t> events;
  /// Deliveries of which every record is among `events`.
  std::vector<std::int64_t> deliveries;
};

/// By the table of events, read once: 24 bytes of memory a row. Events from `size` on are left out.
Result<Related> related_to(vault::AuditReader& audit, const std::vector<Seq>& chosen,
                           std::uint64_t size);

}  // namespace sigilo::bundle
