// SPDX-License-Identifier: Apache-2.0
// One section of sigilo.toml, read by the table of keys: required keys, forms, and where everything
// stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "config/document.hpp"
#include "config/keys.hpp"

namespace sigilo::config {

/// Borrows what its table borrows, and `lines`. Runs on: any, one at a time.
class Section {
 public:
  /// `name` as in the table of keys; `label` is what `lines` calls it ("line[0]"), where it
  /// differs.
  Section(std::string_view name, Table table, LineMap& lines, std::string label = {});

  /// Reads a text by its form into `target`, which stays as it is where the key is absent or wrong.
  template <class Target, class Parse>
  void read(std::string_view key, Target& target, Parse parse) {
    const auto written = text(key);
    if (!written) return;
    if (auto value = parse(*written)) {
      target = *std::move(value);
    } else {
      refuse(key, table_.line(key), value.error());
    }
  }
  /// A text of any form.
  void read(std::string_view key, std::string& target);
  void read(std::string_view key, bool& target);
  /// Each element of an array by its form; a plain text stands for an array of one.
  template <class Value, class Parse>
  void read_each(std::string_view key, std::vector<Value>& target, Parse parse) {
    const auto written = texts(key);
    const auto lines = table_.lines_of(key);
    for (std::size_t i = 0; i < written.size(); ++i) {
      if (auto value = parse(written[i])) {
        target.push_back(*std::move(value));
      } else {
        refuse(key, lines[i], value.error());
      }
    }
  }

  [[nodiscard]] bool has(std::string_view key) const { return table_.has(key); }
  [[nodiscard]] int line(std::string_view key = {}) const { return table_.line(key); }
  /// A mistake at the line of `key`; the message begins with "SECTION.KEY: ".
  void complain(std::string_view key, std::string_view what, std::string remedy);

 private:
  std::optional<std::string> text(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  const Key& ask(std::string_view key, KeyType type);
  bool is_plain(std::string_view key, int line, std::string_view value);
  void refuse(std::string_view key, int line, const Error& error);

  std::string_view name_;
  Table table_;
  LineMap& lines_;
  std::string label_;
};

}  // namespace sigilo::config
