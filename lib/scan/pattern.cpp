// SPDX-License-Identifier: Apache-2.0
#include "scan/pattern.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "text/unicode.hpp"

namespace sigilo::scan {
namespace {

bool is_ascii(std::string_view character) {
  return static_cast<unsigned char>(character[0]) < 0x80;
}

std::ptrdiff_t characters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

/// `folded` as literals: what has a meaning in RE2 is escaped.
std::string escaped(std::string_view folded) {
  constexpr std::string_view meta = R"(\.+*?()|[]{}^$-)";
  std::string out;
  for (const char c : folded) {
    if (meta.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

class PatternFolder {
 public:
  explicit PatternFolder(std::string_view pattern) : in_(pattern) {}

  Result<std::string> run() {
    while (!done()) {
      if (in_[at_] == '\\') {
        SIGILO_TRY_DO(escape());
      } else if (in_[at_] == '[') {
        SIGILO_TRY_DO(character_class());
      } else if (ahead("(?")) {
        group_head();
      } else {
        literal(next_character());
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool done() const { return at_ >= in_.size(); }
  [[nodiscard]] bool ahead(std::string_view what) const {
    return in_.substr(at_).starts_with(what);
  }

  std::string_view next_character() {
    const std::size_t from = at_++;
    while (!done() && (in_[at_] & 0xC0) == 0x80) ++at_;
    return in_.substr(from, at_ - from);
  }

  void copy(std::size_t bytes) {
    out_ += in_.substr(at_, bytes);
    at_ = std::min(at_ + bytes, in_.size());
  }
  /// Copies up to and with `end`, or the rest; RE2 complains about what has no end.
  void copy_through(std::size_t end) {
    copy(end == std::string_view::npos ? in_.size() : end + 1 - at_);
  }

  /// A character outside of a class. ASCII punctuation is RE2's own here.
  void literal(std::string_view character) {
    const std::string folded = text::fold(character).text;
    if (is_ascii(character)) {
      out_ += folded;
    } else {
      out_ += characters(folded) > 1 ? "(?:" + escaped(folded) + ")" : escaped(folded);
    }
  }

  Result<> escape() {
    if (at_ + 1 == in_.size()) return copy(1), Result<>{};
    const char kind = in_[at_ + 1];
    if (kind == 'x' || (kind >= '0' && kind <= '9')) {
      return fail(ErrorCode::invalid_input,
                  fmt::format(R"(\{} names a character by its number or a group)", kind),
                  "write the character itself");
    }
    if (kind == 'C') {
      return fail(ErrorCode::invalid_input, R"(\C matches a part of a character)",
                  "write . instead");
    }
    if (kind == 'Q') return quoted(), Result<>{};
    if (std::string_view("tnrfv").find(kind) != std::string_view::npos) {
      out_ += ' ';
      at_ += 2;
    } else if ((kind == 'p' || kind == 'P') && in_.substr(at_ + 2).starts_with('{')) {
      copy_through(in_.find('}', at_));
    } else if (kind == 'p' || kind == 'P') {
      copy(3);
    } else {
      copy(1);
      out_ += next_character();
    }
    return {};
  }

  /// \Q...\E: everything in it is literal.
  void quoted() {
    at_ += 2;
    while (!done() && !ahead("\\E")) {
      const std::string folded = text::fold(next_character()).text;
      out_ += characters(folded) > 1 ? "(?:" + escaped(folded) + ")" : escaped(folded);
    }
    at_ = std::min(at_ + 2, in_.size());
  }

  /// Flags and names of groups keep their letters.
  void group_head() {
    const bool named = ahead("(?P<") || ahead("(?<");
    copy_through(named ? in_.find('>', at_) : in_.find_first_of(":)", at_));
  }

  Result<> character_class() {
    copy(ahead("[^") ? 2 : 1);
    const std::size_t begin = out_.size();
    for (bool first = true; !done() && (first || in_[at_] != ']'); first = false) {
      if (ahead("[:")) {
        copy_through(in_.find(']', at_));
      } else if (in_[at_] == '\\' && !ahead("\\Q")) {
        SIGILO_TRY_DO(escape());
      } else {
        SIGILO_TRY_DO(class_member());
      }
    }
    if (out_.size() == begin) {
      return fail(ErrorCode::invalid_input,
                  "a [class] holds only characters that are removed from the text",
                  "leave the class out");
    }
    copy(1);
    return {};
  }

  /// A character or a range in a class.
  Result<> class_member() {
    const std::string_view low = next_character();
    const std::string folded = text::fold(low).text;
    const bool range =
        ahead("-") && at_ + 1 < in_.size() && in_[at_ + 1] != ']' && in_[at_ + 1] != '\\';
    if (range) {
      ++at_;
      return class_range(low, next_character());
    }
    if (characters(folded) > 1) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("'{}' folds to '{}', which can't stand in a [class]", low, folded),
                  fmt::format("write it outside, as ({}|...)", folded));
    }
    out_ += is_ascii(low) ? folded : escaped(folded);
    return {};
  }

  Result<> class_range(std::string_view low, std::string_view high) {
    const auto upper = [](std::string_view end) { return end[0] >= 'A' && end[0] <= 'Z'; };
    const std::string from = text::fold(low).text;
    const std::string to = text::fold(high).text;
    if ((from != low || to != high) && !(upper(low) && upper(high))) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("the range {}-{} is not a range after folding", low, high),
                  "leave it out: case and accents are folded away, so that [a-z] is enough");
    }
    out_ += from + "-" + to;
    return {};
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

Result<std::string> fold_pattern(std::string_view pattern) {
  return PatternFolder(pattern).run();
}

}  // namespace sigilo::scan
