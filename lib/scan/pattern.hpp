// SPDX-License-Identifier: Apache-2.0
// Patterns meet texts that were folded (text/unicode.hpp), so their letters are folded the same
// way.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sigilo::scan {

/// Longest pattern, in bytes.
inline constexpr std::size_t max_pattern = 1000;

/// `pattern` (RE2 syntax, UTF-8) with its literal characters folded: 'Señor[ÍI]a' → 'senor[ii]a'.
///
/// How: the pattern is read item by item, and only literal characters go through text::fold, one by
/// one (fold works character by character, so this is how the text was folded too):
///  - escapes (\b \w \S \pL \p{Greek} \.), group heads ((?i: (?P<name>) and [:classes:] stay as
///  they are;
///  - \t \n \r \f \v become a space, as in the text; \Q...\E becomes escaped literals;
///  - a character that folds to several stands as a group, (?:ss) for ß; one that folds to
///  punctuation is escaped;
///  - in a [class], a range must be the same range after folding: [A-Z] is [a-z], [à-ü] is refused;
///  - \x41, \101 and \C are refused: what they would fold to can't be seen.
/// RE2's \b, \w and \d know ASCII only. That is right for folded Spanish, Portuguese and English,
/// whose letters are all ASCII then; for other scripts \pL and [^\pL] do the work. What this does
/// not judge (unbalanced brackets, look-ahead) is left to RE2. Errors: invalid_input.
Result<std::string> fold_pattern(std::string_view pattern);

}  // namespace sigilo::scan
