// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.hpp"

#include "crypto/sodium_impl.hpp"

namespace sigilo::crypto {

void SystemRandom::fill(std::span<std::uint8_t> out) {
  ready_sodium();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

}  // namespace sigilo::crypto
