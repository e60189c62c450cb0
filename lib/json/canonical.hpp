// SPDX-License-Identifier: Apache-2.0
// RFC 8785 (JSON Canonicalization Scheme): one text for one value, so that it can be hashed and
// signed.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sigilo::json {

/// Members sorted by UTF-16 code units, shortest escapes, ECMAScript number format, no white space.
/// The value must hold valid UTF-8 and finite numbers (parse() guarantees both); otherwise it
/// aborts.
std::string canonical(const Value& value);

/// The same of an object as if it had none of the members `without`.
std::string canonical_without(const Object& object, std::span<const std::string_view> without);

/// True if `text` is JSON and byte for byte its own canonical form.
bool is_canonical(std::string_view text);

}  // namespace sigilo::json
