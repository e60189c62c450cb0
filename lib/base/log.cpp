// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <cstdio>

namespace sigilo {
namespace {

struct Prefix {
  std::string_view journal;
  std::string_view terminal;
};

Prefix prefix_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return {"<7>", "debug: "};
    case LogLevel::info:
      return {"<6>", ""};
    case LogLevel::warning:
      return {"<4>", "warning: "};
    case LogLevel::error:
      return {"<3>", "error: "};
  }
  return {"<3>", "error: "};
}

}  // namespace

void StderrSink::write(LogLevel level, std::string_view line) {
  const Prefix prefix = prefix_of(level);
  std::string out(journal_ ? prefix.journal : prefix.terminal);
  // A line break or an escape inside an event could forge another line or move a terminal's cursor.
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  out += '\n';
  const std::scoped_lock lock(mutex_);
  std::fwrite(out.data(), 1, out.size(), stderr);
}

}  // namespace sigilo
