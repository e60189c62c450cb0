// SPDX-License-Identifier: Apache-2.0
// Any bytes as sigilo.toml: either a value or problems, and every message fit for a terminal.
#include "config/config.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = sigilo::as_text({data, size});
  const auto loaded = sigilo::config::parse(text, "f");
  SIGILO_CHECK(loaded.config.has_value() == loaded.problems.empty(),
               "a value and problems exclude each other");

  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  for (const auto& problem : loaded.problems) {
    const auto message = problem.message();
    SIGILO_CHECK(problem.line >= 0 && problem.line <= lines, "a problem's line is in the file");
    SIGILO_CHECK(!problem.remedy.empty(), "a problem says what to do");
    SIGILO_CHECK(
        std::all_of(message.begin(), message.end(),
                    [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; }),
        "no control character in a message");
  }
  if (!loaded.config) return 0;
  for (const auto& line : loaded.config->lines) (void)loaded.config->team_of(line);
  return 0;
}
