// SPDX-License-Identifier: Apache-2.0
// Any bytes as a policy file: told what is wrong, or usable; never both, never a crash.
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "scan/policies.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sigilo;
  const auto loaded = scan::Policies::compile({{"fuzz.toml", std::string(as_text({data, size}))}});
  SIGILO_CHECK(loaded.policies.has_value() == loaded.problems.empty(),
               "neither rules nor a reason");
  for (const config::Problem& problem : loaded.problems)
    SIGILO_CHECK(problem.file == "fuzz.toml" && problem.line >= 0 && !problem.what.empty(),
                 "a problem says nothing");
  if (!loaded.policies) return 0;
  for (const char* text : {"", "coima", "Le pagamos 500 dólares al juez por debajo de la mesa 💰"})
    for (const Direction direction : {Direction::in, Direction::out})
      for (const scan::Match& match : loaded.policies->scan(text, direction))
        SIGILO_CHECK(!match.rule.empty() && !match.spans.empty(), "a match without rule or words");
  return 0;
}
