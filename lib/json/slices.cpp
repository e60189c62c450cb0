// SPDX-License-Identifier: Apache-2.0
#include "json/slices.hpp"

#include <algorithm>
#include <cstdint>

#include "json/find_byte_impl.hpp"

namespace sigilo::json {
namespace {

/// Reads forward through part of a text; every step is checked against the end.
class Walker {
 public:
  Walker(std::string_view text, Slice part)
      : text_(text),
        at_(std::min(part.offset, text.size())),
        end_(at_ + std::min(part.length, text.size() - at_)) {}

  [[nodiscard]] bool done() const { return at_ >= end_; }

  void skip_space() {
    while (!done() && is_space(text_[at_])) ++at_;
  }

  bool take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  /// The next value, and steps over it. Empty at a character that begins none.
  Slice take_value() {
    const std::size_t begin = at_;
    if (done()) return {};
    const char c = text_[at_];
    if (c == '"') {
      skip_string();
    } else if (c == '{' || c == '[') {
      skip_brackets();
    } else {
      while (!done() && !is_space(text_[at_]) && !is_punctuation(text_[at_])) ++at_;
    }
    return {begin, at_ - begin};
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  static bool is_punctuation(char c) {
    return c == ',' || c == ':' || c == ']' || c == '}' || c == '[' || c == '{' || c == '"';
  }

  void skip_string() {
    const auto mark = [](EightBytes bytes) {
      return mark_equal(bytes, '"') | mark_equal(bytes, '\\');
    };
    ++at_;
    for (;;) {
      at_ = find_byte(text_, at_, end_, mark);
      if (done()) return;
      if (text_[at_] == '"') {
        ++at_;
        return;
      }
      at_ = std::min(at_ + 2, end_);
    }
  }

  void skip_brackets() {
    std::size_t depth = 0;
    while (!done()) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return;
    }
  }

  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
};

/// Takes characters out of a string's raw inside and compares them with a key, without building the
/// string.
class KeyMatcher {
 public:
  KeyMatcher(std::string_view raw, std::string_view key) : raw_(raw), key_(key) {}

  bool matches() {
    while (!raw_.empty() && same_) step();
    return same_ && key_.empty();
  }

 private:
  void step() {
    if (raw_.front() != '\\') {
      expect(raw_.substr(0, 1));
      raw_.remove_prefix(1);
      return;
    }
    if (raw_.size() < 2) {
      same_ = false;
    } else if (raw_[1] == 'u') {
      step_unicode();
    } else {
      constexpr std::string_view names = "\"\\/bfnrt";
      constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
      const std::size_t which = names.find(raw_[1]);
      same_ = which != std::string_view::npos;
      if (same_) expect(meanings.substr(which, 1));
      raw_.remove_prefix(2);
    }
  }

  void step_unicode() {
    std::uint32_t character = take_unit();
    if (character >= 0xD800 && character <= 0xDBFF) {
      const auto after = KeyMatcher(raw_, {}).take_unit();
      if (after >= 0xDC00 && after <= 0xDFFF) {
        character = 0x10000 + ((character - 0xD800) << 10) + (after - 0xDC00);
        raw_.remove_prefix(6);
      }
    }
    if (character >= 0xD800 && character <= 0xDFFF) character = 0xFFFD;  // as parse() reads it
    expect_character(character);
  }

  /// The code unit of a \uXXXX at the front, taken away; 0xFFFFFFFF where there is none.
  std::uint32_t take_unit() {
    if (raw_.size() < 6 || raw_[0] != '\\' || raw_[1] != 'u') {
      same_ = false;
      return 0xFFFFFFFF;
    }
    std::uint32_t unit = 0;
    for (const char c : raw_.substr(2, 4)) {
      const std::uint32_t digit = c >= '0' && c <= '9'   ? static_cast<std::uint32_t>(c - '0')
                                  : c >= 'a' && c <= 'f' ? static_cast<std::uint32_t>(c - 'a' + 10)
                                  : c >= 'A' && c <= 'F' ? static_cast<std::uint32_t>(c - 'A' + 10)
                                                         : 16;
      if (digit > 15) same_ = false;
      unit = unit << 4 | (digit & 15);
    }
    raw_.remove_prefix(6);
    return unit;
  }

  void expect(std::string_view bytes) {
    same_ = same_ && key_.starts_with(bytes);
    if (same_) key_.remove_prefix(bytes.size());
  }

  void expect_character(std::uint32_t c) {
    const auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
    if (c < 0x80) {
      const char utf8[] = {static_cast<char>(c)};
      expect({utf8, 1});
    } else if (c < 0x800) {
      const char utf8[] = {static_cast<char>(0xC0 | c >> 6), tail(c)};
      expect({utf8, 2});
    } else if (c < 0x10000) {
      const char utf8[] = {static_cast<char>(0xE0 | c >> 12), tail(c >> 6), tail(c)};
      expect({utf8, 3});
    } else {
      const char utf8[] = {static_cast<char>(0xF0 | (c >> 18 & 7)), tail(c >> 12), tail(c >> 6),
                           tail(c)};
      expect({utf8, 4});
    }
  }

  std::string_view raw_;
  std::string_view key_;
  bool same_ = true;
};

bool is_key(std::string_view quoted, std::string_view key) {
  if (quoted.size() < 2 || quoted.front() != '"') return false;
  const std::string_view inside = quoted.substr(1, quoted.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return inside == key;
  return KeyMatcher(inside, key).matches();
}

}  // namespace

Slice member(std::string_view text, Slice object, std::string_view key) {
  Walker walker(text, object);
  Slice found;
  walker.skip_space();
  if (!walker.take('{')) return found;
  do {
    walker.skip_space();
    const Slice name = walker.take_value();
    walker.skip_space();
    if (!walker.take(':')) break;
    walker.skip_space();
    const Slice value = walker.take_value();
    if (is_key(name.of(text), key)) found = value;
    walker.skip_space();
  } while (walker.take(','));
  return found;
}

std::vector<Slice> elements(std::string_view text, Slice array) {
  Walker walker(text, array);
  std::vector<Slice> found;
  walker.skip_space();
  if (!walker.take('[')) return found;
  do {
    walker.skip_space();
    const Slice value = walker.take_value();
    if (value.length == 0) break;
    found.push_back(value);
    walker.skip_space();
  } while (walker.take(','));
  return found;
}

Slice whole(std::string_view text) {
  constexpr std::string_view space = " \n\r\t";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return {begin, text.find_last_not_of(space) + 1 - begin};
}

}  // namespace sigilo::json
