// SPDX-License-Identifier: Apache-2.0
// Untrusted JSON in, values out. RFC 8259 strictly; nothing is guessed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/monotonic_resource.hpp>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sigilo::json {

/// Arrays and objects inside each other; the provider's deepest known payload has 12.
inline constexpr std::size_t max_depth = 64;

/// Parses one JSON value, UTF-8, with nothing but white space after it.
/// An escaped lone surrogate (\ud800 without its partner) is legal JSON grammar but no Unicode
/// text: it is read as U+FFFD, so that a message cannot hide from the scanner behind one. Of a
/// repeated member the last one counts. A number becomes a 64-bit integer where it is written as
/// one and fits, else the nearest double.
/// Errors: invalid_input (grammar, UTF-8, depth, a number beyond every double), with the byte
/// position.
Result<Value> parse(std::string_view text);

/// Where the values of a delivery lie side by side and are given up all at once: a small one needs
/// no memory of the heap, where taking and freeing its values one by one took longer than parsing.
/// Copies of its values lie in it too.
class Arena {
 public:
  Arena() : resource_(small_, sizeof small_) {}

 private:
  friend Result<Value> parse(std::string_view text, Arena& arena);
  unsigned char small_[8192];
  boost::json::monotonic_resource resource_;
};

/// The same, for values that are given up before `arena` is.
Result<Value> parse(std::string_view text, Arena& arena);

/// `text` with each escaped lone surrogate overwritten by \ufffd; same length, so that positions
/// hold. nullopt when there is none. Expects text that is well-formed otherwise.
std::optional<std::string> without_lone_surrogates(std::string_view text);

/// Members of a value, never throwing: nullptr / nullopt where it is absent or of another type.
const Object* object_at(const Object& object, std::string_view key);
const Array* array_at(const Object& object, std::string_view key);
/// A view into the value; lives as long as it.
std::optional<std::string_view> text_at(const Object& object, std::string_view key);
std::optional<std::int64_t> integer_at(const Object& object, std::string_view key);
std::optional<bool> boolean_at(const Object& object, std::string_view key);

}  // namespace sigilo::json
