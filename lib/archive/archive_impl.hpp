// SPDX-License-Identifier: Apache-2.0
// What reading and writing share of libarchive. Private to this room.
#pragma once

#include <clocale>
#include <string>

#include <archive.h>

#include "base/check.hpp"

namespace sigilo::archive {

/// libarchive converts names by the thread's locale, and a daemon runs in "C". Set for the time of
/// a scope, for this thread only.
class Utf8Names {
 public:
  Utf8Names() : before_(::uselocale(locale())) {}
  ~Utf8Names() { ::uselocale(before_); }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  static locale_t locale() {
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
    SIGILO_CHECK(utf8 != locale_t{}, "C.UTF-8 is part of glibc");
    return utf8;
  }
  locale_t before_;
};

inline std::string reason_of(::archive* archive) {
  const char* const text = archive_error_string(archive);
  return text == nullptr ? "unknown reason" : text;
}

}  // namespace sigilo::archive
