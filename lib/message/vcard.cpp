// SPDX-License-Identifier: Apache-2.0
#include "message/vcard.hpp"

#include <algorithm>
#include <array>

namespace sigilo::message {
namespace {

constexpr std::array<std::string_view, 10> for_machines{
    "BEGIN", "END", "VERSION", "PRODID", "REV", "UID", "PHOTO", "LOGO", "SOUND", "KEY"};

/// The first logical line of `text`, which it leaves: a physical line that begins with white space
/// continues the one before.
std::string take_line(std::string_view& text) {
  std::string line;
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    line += text.substr(0, end);
    if (end == std::string_view::npos) {
      text = {};
      break;
    }
    text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
    if (text.empty() || (text.front() != ' ' && text.front() != '\t')) break;
    text.remove_prefix(1);
  }
  return line;
}

/// Where the value begins: after the first colon outside of quotes, npos where there is none.
std::size_t colon_of(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ':' && !quoted) return i;
  }
  return std::string_view::npos;
}

/// "item1.TEL;type=CELL" is TEL.
std::string name_of(std::string_view head) {
  head = head.substr(0, head.find(';'));
  if (const auto dot = head.find('.'); dot != std::string_view::npos) head.remove_prefix(dot + 1);
  std::string name(head);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

/// One space for an escaped line break, for the semicolon between components, and for any run.
std::string plain(std::string_view value) {
  std::string out;
  const auto put = [&](char c) {
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  };
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      put(value[i] == ';' ? ' ' : value[i]);
    } else {
      const char escaped = value[++i];
      put(escaped == 'n' || escaped == 'N' ? ' ' : escaped);
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

std::vector<VcardLine> read_vcard(std::string_view text) {
  std::vector<VcardLine> lines;
  while (!text.empty()) {
    const std::string line = take_line(text);
    const auto colon = colon_of(line);
    if (colon == std::string::npos) continue;
    VcardLine property{name_of(std::string_view(line).substr(0, colon)),
                       plain(std::string_view(line).substr(colon + 1))};
    if (property.value.empty()) continue;
    if (std::ranges::find(for_machines, property.name) != for_machines.end()) continue;
    constexpr std::string_view scheme = "tel:";
    if (property.name == "TEL" && property.value.starts_with(scheme))
      property.value.erase(0, scheme.size());
    lines.push_back(std::move(property));
  }
  return lines;
}

}  // namespace sigilo::message
