// SPDX-License-Identifier: Apache-2.0
// Checks for bugs in our own code: always compiled in, and they abort. Input is never checked with
// these.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace sigilo::detail {
[[noreturn]] inline void check_failed(const char* condition, const char* why, const char* file,
                                      int line) {
  std::fprintf(stderr, "<2>bug: %s (%s) at %s:%d\n", why, condition, file, line);
  std::abort();
}
}  // namespace sigilo::detail

#define SIGILO_CHECK(condition, why) \
  ((condition) ? void(0) : ::sigilo::detail::check_failed(#condition, why, __FILE__, __LINE__))
