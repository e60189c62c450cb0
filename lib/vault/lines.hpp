// SPDX-License-Identifier: Apache-2.0
// What is known of the firm's numbers beside their messages. Values only; the calls are in
// reader.hpp.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace sigilo::vault {

/// A number that deliveries named and that is not monitored; nothing of its content is kept.
struct UnmonitoredLine {
  std::string number;  ///< as the provider writes it; phone_number_id where it names no number
  std::string phone_number_id;  ///< "" where it was never given
  Timestamp first;              ///< when it was named for the first and for the last time
  Timestamp last;
  std::uint64_t events = 0;
};

}  // namespace sigilo::vault
