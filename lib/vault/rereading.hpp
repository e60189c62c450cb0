// SPDX-License-Identifier: Apache-2.0
// What was kept without being understood, for a version that may understand it. Values only; the
// calls are in reader.hpp and transaction.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "message/body.hpp"

namespace sigilo::vault {

/// An unrecognised record and its slice of the delivery.
struct UnreadRecord {
  Seq seq;
  std::size_t offset = 0;
  std::size_t length = 0;
};

/// A delivery with unrecognised records that no later version has read, and of which nothing was
/// erased.
struct UnreadDelivery {
  std::int64_t number = 0;  ///< of the delivery
  message::Provenance provenance;
  std::string raw;  ///< put together again
  std::string signature;
  bool partial = false;  ///< foreign slices were blanked
  std::vector<UnreadRecord> records;
};

}  // namespace sigilo::vault
