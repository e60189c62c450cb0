// SPDX-License-Identifier: Apache-2.0
// Tables for people: columns aligned by what a terminal shows, every cell harmless.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sigilo::cli {

class Table {
 public:
  /// `widest`: columns that a cell may take at most; 0: as wide as it is.
  struct Column {
    std::string title;
    std::size_t widest = 0;
    bool right = false;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Cells are untrusted text: they become harmless and are cut here. One for each column.
  void add(const std::vector<std::string>& cells);
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  /// Title line and rows, without spaces at the ends of lines.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace sigilo::cli
