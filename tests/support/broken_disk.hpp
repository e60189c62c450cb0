// SPDX-License-Identifier: Apache-2.0
// A disk that takes no more, for the time of a scope.
#pragma once

#include <csignal>

#include <sys/resource.h>

namespace sigilo::test {

/// While it lives no file of this process can grow or be written: a commit fails.
class BrokenDisk {
 public:
  BrokenDisk() : before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit nothing{0, limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &nothing);
  }
  ~BrokenDisk() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }
  BrokenDisk(const BrokenDisk&) = delete;
  BrokenDisk& operator=(const BrokenDisk&) = delete;

 private:
  void (*before_)(int);
  rlimit limit_{};
};

}  // namespace sigilo::test
