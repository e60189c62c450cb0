// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "mail/render.hpp"
#include "mail/words.hpp"

namespace sigilo::mail {
namespace {

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// Each further line of a message is indented, so that nobody can write a line that looks like
/// ours.
std::string indented(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += c;
    if (c == '\n') result += "    ";
  }
  return result;
}

void add_facts(std::string& out, const Letter& letter) {
  std::size_t widest = 0;
  for (const auto& [label, value] : letter.facts) widest = std::max(widest, width(label));
  for (const auto& [label, value] : letter.facts) {
    fmt::format_to(std::back_inserter(out), "{}: {}{}\n", label,
                   std::string(widest - width(label), ' '), value);
  }
}

void add_talk(std::string& out, const Letter& letter) {
  if (letter.talk.empty()) return;
  fmt::format_to(std::back_inserter(out), "\n-- {} --\n", letter.talk_heading);
  for (const auto& said : letter.talk) {
    fmt::format_to(std::back_inserter(out), "\n{} {} · {}", said.alerted ? ">>" : "  ", said.when,
                   said.who);
    if (said.alerted)
      fmt::format_to(std::back_inserter(out), " ({})", words(letter.language).this_message);
    out += "\n    ";
    for (const auto& piece : said.text) {
      const auto text = indented(piece.text);
      out += piece.marked ? "»" + text + "«" : text;
    }
    out += '\n';
  }
}

}  // namespace

std::string render_text(const Letter& letter) {
  std::string out = letter.heading + "\n\n";
  add_facts(out, letter);
  if (!letter.intro.empty()) out += "\n" + letter.intro + "\n";
  add_talk(out, letter);
  if (!letter.note.empty()) out += "\n" + letter.note + "\n";
  fmt::format_to(std::back_inserter(out), "\n-- {} --\n", letter.next_heading);
  for (const auto& [what, command] : letter.steps) {
    fmt::format_to(std::back_inserter(out), "\n{}\n    {}\n", what, command);
  }
  out += "\n--\n";
  for (const auto& line : letter.footer) out += line + "\n";
  return out;
}

}  // namespace sigilo::mail
