// SPDX-License-Identifier: Apache-2.0
#include "mail/plain.hpp"

#include <algorithm>

#include "text/unicode.hpp"

namespace sigilo::mail {
namespace {

constexpr std::string_view ellipsis = "…";

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::size_t length_at(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && continues(text[end])) ++end;
  return end - at;
}

/// The characters beyond ASCII that control instead of being read, as UTF-8.
bool is_control(std::string_view c) {
  if (c.size() == 1) return static_cast<unsigned char>(c[0]) < 0x20 || c[0] == 0x7F;
  if (c.size() == 2 && c[0] == '\xC2') return static_cast<unsigned char>(c[1]) < 0xA0;  // C1
  if (c == "\xD8\x9C") return true;                                                     // U+061C
  if (c.size() != 3 || c[0] != '\xE2') return false;
  const auto last = static_cast<unsigned char>(c[2]);
  if (c[1] == '\x80') return last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE);
  return c[1] == '\x81' && last >= 0xA6 && last <= 0xA9;  // U+2066 ... U+2069
}

void append_harmless(std::string& out, std::string_view valid) {
  for (std::size_t at = 0; at < valid.size();) {
    const auto c = valid.substr(at, length_at(valid, at));
    at += c.size();
    if (c == "\r") {
      if (at >= valid.size() || valid[at] != '\n') out += '\n';
    } else if (c == "\t") {
      out += ' ';
    } else if (c == "\n" || !is_control(c)) {
      out += c;
    } else {
      out += replacement;
    }
  }
}

std::size_t to_character(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  while (at < text.size() && continues(text[at])) ++at;
  return at;
}

Spans good_spans(std::string_view text, Spans spans) {
  std::sort(spans.begin(), spans.end());
  Spans good;
  for (const auto& [first, last] : spans) {
    auto begin = static_cast<std::uint32_t>(to_character(text, first));
    const auto end = static_cast<std::uint32_t>(to_character(text, last));
    if (!good.empty()) begin = std::max(begin, good.back().second);
    if (begin < end) good.emplace_back(begin, end);
  }
  return good;
}

/// Position `count` characters after `at`.
std::size_t forward(std::string_view text, std::size_t at, std::size_t count) {
  while (count-- > 0 && at < text.size()) at += length_at(text, at);
  return at;
}

std::size_t backward(std::string_view text, std::size_t at, std::size_t count) {
  while (count-- > 0 && at > 0) {
    do --at;
    while (at > 0 && continues(text[at]));
  }
  return at;
}

/// What stands between two marks (or before the first, after the last), shortened in its middle.
std::string between(std::string_view text, std::size_t keep_front, std::size_t keep_back) {
  const auto front = forward(text, 0, keep_front);
  const auto back = backward(text, text.size(), keep_back);
  if (front >= back) return harmless(text);
  return harmless(text.substr(0, front)) + std::string(ellipsis) + harmless(text.substr(back));
}

}  // namespace

std::string harmless(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  append_harmless(result, text::is_utf8(text) ? std::string(text) : text::to_utf8(text));
  return result;
}

std::string one_line(std::string_view text, std::size_t limit) {
  std::string result;
  for (const char c : harmless(text)) {
    const bool space = c == ' ' || c == '\n';
    if (space && (result.empty() || result.back() == ' ')) continue;
    result += space ? ' ' : c;
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  const auto bytes = limit * most_bytes_a_character;
  if (result.size() > bytes) result.resize(to_character(result, bytes));
  return text::shorten(result, limit);
}

std::vector<Piece> pieces(std::string_view text, const Spans& spans, const Cut& cut) {
  auto marks = good_spans(text, spans);
  if (marks.size() > cut.most_marks) marks.resize(cut.most_marks);

  std::vector<Piece> result;
  std::size_t done = 0;
  for (const auto& [begin, end] : marks) {
    auto before = between(text.substr(done, begin - done), done == 0 ? 0 : cut.around, cut.around);
    if (!before.empty()) result.push_back({std::move(before), false});
    result.push_back({between(text.substr(begin, end - begin), cut.longest_mark, 0), true});
    done = end;
  }
  auto rest = between(text.substr(done), cut.around, 0);
  if (!rest.empty()) result.push_back({std::move(rest), false});
  return result;
}

}  // namespace sigilo::mail
