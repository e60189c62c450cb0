// SPDX-License-Identifier: Apache-2.0
// Which names an entry of an archive may have: what every unpacking program puts below the
// directory it is told, and at one place only.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sigilo::archive {

/// Bytes; with a directory in front it stays below what Windows Explorer unpacks (260).
inline constexpr std::size_t most_name_bytes = 200;

/// Relative, parts separated by "/", none of them empty, "." or ".."; valid UTF-8 without control
/// characters, direction marks, "\", ":" or the other characters that Windows refuses; no part ends
/// in a dot or a space. Errors: invalid_input. Runs on: any.
Result<> check_name(std::string_view name);

/// The names of one archive.
class Names {
 public:
  /// Errors: invalid_input (check_name; or taken already, upper and lower case of ASCII being one,
  /// or a file where another name has a directory).
  Result<> add(std::string_view name);

 private:
  std::set<std::string, std::less<>> files_;
  std::set<std::string, std::less<>> directories_;
};

}  // namespace sigilo::archive
