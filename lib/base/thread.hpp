// SPDX-License-Identifier: Apache-2.0
// Threads have the names that docs/architecture.md gives them, so that `top -H` and a profiler show
// who works.
#pragma once

#include <pthread.h>

namespace sigilo {

/// At most 15 characters (pthread_setname_np(3)); for the calling thread.
inline void name_this_thread(const char* name) {
  ::pthread_setname_np(::pthread_self(), name);
}

}  // namespace sigilo
