// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"

namespace sigilo::crypto {

/// The kernel's randomness through libsodium. Runs on: any.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace sigilo::crypto
