// SPDX-License-Identifier: Apache-2.0
// What is kept from toml++ 3.3 because it does not survive it: fuzzing found that characters beyond
// ASCII outside of texts and comments reach its __builtin_unreachable(), and that a dotted key of
// many parts exhausts the stack.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sigilo::config {

struct Unfit {
  int line = 0;
  std::string what;
  std::string remedy;
};

/// The first place that no sound TOML file of ours has. Knows of TOML only where texts and comments
/// begin and end.
std::optional<Unfit> find_unfit(std::string_view text);

}  // namespace sigilo::config
