// SPDX-License-Identifier: Apache-2.0
#include "paper/printable.hpp"

#include <cstdint>

#include <fmt/format.h>
#include <glib.h>

namespace sigilo::paper {
namespace {

enum class Kind { letter, mark, joiner, line_end, left_out, named };

constexpr gunichar zwnj = 0x200C, zwj = 0x200D, black_flag = 0x1F3F4;

bool is_variation_selector(gunichar c) {
  return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
}
bool is_skin_tone(gunichar c) {
  return c >= 0x1F3FB && c <= 0x1F3FF;
}
/// Letters of a flag such as Scotland's. Anywhere else they are invisible writing.
bool is_flag_tag(gunichar c) {
  return c >= 0xE0020 && c <= 0xE007F;
}

Kind kind_of(gunichar c, bool in_flag) {
  switch (c) {
    case '\n':
    case 0x2028:
    case 0x2029:
      return Kind::line_end;
    case '\t':
      return Kind::letter;
    case 0x200E:
    case 0x200F:
    case 0x061C:
    case 0x2068:
    case 0x2069:
      return Kind::left_out;
    case zwj:
    case zwnj:
      return Kind::joiner;
    case 0x115F:  // fillers: letters by name, blank to the eye
    case 0x1160:
    case 0x3164:
    case 0xFFA0:
      return Kind::named;
    default:
      break;
  }
  if (is_variation_selector(c) || is_skin_tone(c) || (in_flag && is_flag_tag(c))) return Kind::mark;
  switch (g_unichar_type(c)) {
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_SPACING_MARK:
      return Kind::mark;
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
      return Kind::named;
    default:
      return Kind::letter;
  }
}

constexpr auto bad = static_cast<gunichar>(-1);

struct Step {
  gunichar character;  ///< or `bad`: a byte that is no UTF-8
  std::size_t length;
};

/// CR LF is one step, as '\r'.
Step next_character(std::string_view text) {
  if (text.starts_with("\r\n")) return {'\r', 2};
  if (static_cast<unsigned char>(text[0]) < 0x80) return {static_cast<gunichar>(text[0]), 1};
  const auto c = g_utf8_get_char_validated(text.data(), static_cast<gssize>(text.size()));
  if (c == bad || c == static_cast<gunichar>(-2)) return {bad, 1};
  return {c, c < 0x800 ? 2U : c < 0x10000 ? 3U : 4U};
}

/// Builds the printed text and counts what it leaves out.
class Printer {
 public:
  void take(gunichar c, std::string_view bytes) {
    const Kind kind = kind_of(c, in_flag_);
    if (kind == Kind::left_out) return;
    if (kind != Kind::mark) in_flag_ = c == black_flag;
    if (kind == Kind::line_end) return end_line();
    flush_empty_lines();
    if (kind == Kind::mark || kind == Kind::joiner || (joined_ && kind == Kind::letter))
      return carry(kind, bytes);
    flush_marks();
    if (kind == Kind::named)
      out_ += fmt::format("‹U+{:04X}›", static_cast<std::uint32_t>(c));
    else if (c == '\t')
      out_ += "    ";
    else
      out_ += bytes;
  }
  void leave_out(std::size_t bytes) {
    flush_empty_lines();
    flush_marks();
    out_ += fmt::format("‹+{}›", bytes);
  }
  std::string finish() {
    flush_empty_lines();
    flush_marks();
    return std::move(out_);
  }

 private:
  // What hangs on the letter before: marks, and whatever a joiner ties to it.
  void carry(Kind kind, std::string_view bytes) {
    joined_ = kind == Kind::joiner && bytes == "\u200D";
    if (++carried_ > most_marks) return;
    out_ += bytes;
  }
  void flush_marks() {
    if (carried_ > most_marks) out_ += fmt::format("‹+{}›", carried_ - most_marks);
    carried_ = 0;
    joined_ = false;
  }
  void end_line() {
    flush_marks();
    if (++line_ends_ <= most_empty_lines + 1) out_ += '\n';
  }
  void flush_empty_lines() {
    if (line_ends_ > most_empty_lines + 1)
      out_ += fmt::format("‹+{}›\n", line_ends_ - most_empty_lines - 1);
    line_ends_ = 0;
  }

  std::string out_;
  std::size_t carried_ = 0;
  std::size_t line_ends_ = 0;
  bool joined_ = false;
  bool in_flag_ = false;
};

}  // namespace

std::string printable(std::string_view text) {
  Printer printer;
  std::size_t at = 0;
  while (at < text.size() && at < most_text) {
    const auto [c, length] = next_character(text.substr(at));
    at += length;
    const bool replaced = c == bad;
    const auto bytes = replaced ? std::string_view("\uFFFD") : text.substr(at - length, length);
    printer.take(replaced ? 0xFFFD : c == '\r' ? '\n' : c, bytes);
  }
  if (at < text.size()) printer.leave_out(text.size() - at);
  return printer.finish();
}

std::string printable_line(std::string_view text) {
  std::string line;
  for (const char c : printable(text)) {
    if (c == '\n')
      line += "⏎";
    else
      line += c;
  }
  return line;
}

std::string grouped(std::string_view text, std::size_t size) {
  std::string out;
  std::size_t count = 0;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (begins && count > 0 && count % size == 0) out += ' ';
    if (begins) ++count;
    out += c;
  }
  return out;
}

}  // namespace sigilo::paper
