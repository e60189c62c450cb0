// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "text/terminal.hpp"

namespace sigilo::cli {
namespace {

constexpr std::string_view gap = "  ";

void append_row(std::string& out, const std::vector<std::string>& cells,
                const std::vector<std::size_t>& widths, const std::vector<Table::Column>& columns) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - text::display_width(cells[i]), ' ');
    if (i > 0) line += gap;
    line += columns[i].right ? padding + cells[i] : cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

}  // namespace

void Table::add(const std::vector<std::string>& cells) {
  SIGILO_CHECK(cells.size() == columns_.size(), "a row has one cell for each column");
  auto& row = rows_.emplace_back();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    auto cell = text::for_terminal(cells[i]);
    row.push_back(columns_[i].widest == 0 ? std::move(cell) : text::fit(cell, columns_[i].widest));
  }
}

std::string Table::text() const {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    titles.push_back(columns_[i].title);
    widths.push_back(sigilo::text::display_width(columns_[i].title));
    for (const auto& row : rows_)
      widths[i] = std::max(widths[i], sigilo::text::display_width(row[i]));
  }
  std::string out;
  append_row(out, titles, widths, columns_);
  for (const auto& row : rows_) append_row(out, row, widths, columns_);
  return out;
}

}  // namespace sigilo::cli
