// SPDX-License-Identifier: Apache-2.0
// Canonical JSON (RFC 8785) written directly: building a value first would double the cost of each
// record. Only strings, objects and arrays of them are written here, so no number format is needed.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sigilo::message {

/// `text`, which came out of a JSON parser, as a JSON string; aborts where it is not UTF-8.
std::string quoted(std::string_view text);

/// One object. Keys are ASCII literals, each used once; finish() sorts them.
class ObjectText {
 public:
  void text(std::string_view key, std::string_view value) { json(key, quoted(value)); }
  /// `value` is canonical JSON already.
  void json(std::string_view key, std::string value) {
    members_.emplace_back(key, std::move(value));
  }
  [[nodiscard]] bool empty() const { return members_.empty(); }
  [[nodiscard]] std::string finish();

 private:
  std::vector<std::pair<std::string_view, std::string>> members_;
};

/// One array of canonical JSON texts.
std::string array_text(const std::vector<std::string>& elements);

}  // namespace sigilo::message
