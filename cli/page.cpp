// SPDX-License-Identifier: Apache-2.0
#include "cli/page.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/context.hpp"
#include "text/terminal.hpp"

namespace sigilo::cli {
namespace {

constexpr std::string_view bar = "| ";
constexpr std::size_t narrowest = 20;

/// Bytes of the well-formed UTF-8 character at the beginning of `text`.
std::size_t character(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
    ++length;
  return length;
}

/// The longest beginning of `line` that fits, at a space where there is one; at least a character.
std::size_t fitting(std::string_view line, std::size_t columns) {
  std::size_t end = 0;
  std::size_t space = 0;
  std::size_t width = 0;
  while (end < line.size()) {
    const auto next = line.substr(end, character(line.substr(end)));
    width += text::display_width(next);
    if (width > columns && end > 0) return space > 0 ? space : end;
    if (next == " ") space = end;
    end += next.size();
  }
  return end;
}

void wrap_line(std::string_view line, std::size_t columns, std::vector<std::string>& lines) {
  do {
    const auto end = fitting(line, columns);
    lines.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
    if (line.starts_with(' ')) line.remove_prefix(1);
  } while (!line.empty());
}

std::size_t columns_after(std::size_t used) {
  return std::max(narrowest, page_columns - std::min(used, page_columns));
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  for (;;) {
    const auto end = std::min(text.find('\n'), text.size());
    wrap_line(text::for_terminal(text.substr(0, end)), columns, lines);
    if (end == text.size()) return lines;
    text.remove_prefix(end + 1);
  }
}

void print_heading(std::string_view heading) {
  print_text("\n");
  print_line(heading);
}

void print_item(std::string_view head, std::string_view text) {
  const auto start = text::for_terminal(head);
  const auto width = text::display_width(start);
  std::string margin = start;
  for (const auto& line : wrapped(text, columns_after(width))) {
    print_text(margin + line + "\n");
    margin.assign(width, ' ');
  }
}

void print_field(std::string_view name, std::string_view value) {
  if (!value.empty()) print_item(fmt::format("  {:<11} ", name), value);
}

void print_quoted(std::size_t indent, std::string_view text) {
  const std::string margin = std::string(indent, ' ') + std::string(bar);
  for (const auto& line : wrapped(text, columns_after(margin.size())))
    print_text(margin + line + "\n");
}

}  // namespace sigilo::cli
