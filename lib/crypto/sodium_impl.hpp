// SPDX-License-Identifier: Apache-2.0
// libsodium, ready for use; for the .cpp files of this room only.
#pragma once

#include <sodium.h>

#include "base/check.hpp"

namespace sigilo::crypto {

/// To be called before any function of libsodium that needs sodium_init(). Runs on: any.
inline void ready_sodium() {
  static const int outcome = sodium_init();
  SIGILO_CHECK(outcome >= 0, "libsodium finds no randomness on this system");
}

}  // namespace sigilo::crypto
