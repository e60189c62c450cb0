// SPDX-License-Identifier: Apache-2.0
#include "scan/pattern_set.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>
#include <re2/stringpiece.h>

#include "base/check.hpp"

namespace sigilo::scan {
namespace {

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false);  // a log must not hold patterns or texts
  options.set_max_mem(max_set_memory);
  return options;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

/// Whether it matches where there is nothing, as 'x*' does: it would stand in every text.
bool matches_nothing(const re2::RE2& pattern) {
  for (const std::string_view sample : {"", "a", " "}) {
    re2::StringPiece match;
    if (pattern.Match(piece(sample), 0, sample.size(), re2::RE2::UNANCHORED, &match, 1) &&
        match.empty())
      return true;
  }
  return false;
}

}  // namespace

struct PatternSet::Impl {
  re2::RE2::Set set{options(), re2::RE2::UNANCHORED};
  std::vector<std::unique_ptr<re2::RE2>> patterns;
  int program = 0;  ///< size of all together
};

PatternSet::PatternSet() : impl_(std::make_unique<Impl>()) {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

Result<std::size_t> PatternSet::add(const std::string& folded_pattern) {
  re2::RE2::Options single = options();
  single.set_max_mem(max_pattern_memory);
  auto pattern = std::make_unique<re2::RE2>(folded_pattern, single);
  if (!pattern->ok()) {
    const bool look_around = pattern->error_code() == re2::RE2::ErrorBadPerlOp;
    return fail(ErrorCode::invalid_input, pattern->error(),
                look_around ? "RE2 has no look-around; use unless" : "see the syntax of RE2");
  }
  const int size = pattern->ProgramSize();
  if (pattern->ReverseProgramSize() < 0)
    return fail(ErrorCode::invalid_input, "pattern too large",
                "repeat less, or make several of it");
  if (size > max_program - impl_->program)
    return fail(ErrorCode::no_space, "all patterns together are too large",
                "repeat less, or write fewer");
  if (matches_nothing(*pattern))
    return fail(ErrorCode::invalid_input, "it matches where there is nothing",
                "use + instead of *, or add a word");
  std::string error;
  if (impl_->set.Add(folded_pattern, &error) < 0)
    return fail(ErrorCode::invalid_input, error, "see the syntax of RE2");
  impl_->patterns.push_back(std::move(pattern));
  impl_->program += size;
  return impl_->patterns.size() - 1;
}

Result<> PatternSet::compile() {
  if (impl_->set.Compile()) return {};
  return fail(ErrorCode::no_space, "all patterns together are too large",
              "repeat less, or write fewer");
}

std::vector<std::size_t> PatternSet::found_in(std::string_view folded) const {
  // Without a list to fill, RE2 allocates nothing: nearly all texts end here.
  re2::RE2::Set::ErrorInfo error{};
  if (!impl_->set.Match(piece(folded), nullptr, &error) && error.kind == re2::RE2::Set::kNoError)
    return {};
  std::vector<int> numbers;
  const bool found = impl_->set.Match(piece(folded), &numbers, &error);
  std::vector<std::size_t> out;
  if (found || error.kind == re2::RE2::Set::kNoError) {
    for (const int number : numbers) out.push_back(static_cast<std::size_t>(number));
    std::sort(out.begin(), out.end());
    return out;
  }
  // The automaton of all patterns outgrew its memory on this text; one by one always fits.
  for (std::size_t i = 0; i < impl_->patterns.size(); ++i)
    if (re2::RE2::PartialMatch(piece(folded), *impl_->patterns[i])) out.push_back(i);
  return out;
}

std::vector<Hit> PatternSet::hits(std::size_t pattern, std::string_view folded) const {
  SIGILO_CHECK(pattern < impl_->patterns.size(), "a pattern that was never added");
  std::vector<Hit> out;
  std::size_t at = 0;
  for (std::size_t tries = 0; tries < max_hits && at <= folded.size(); ++tries) {
    re2::StringPiece match;
    if (!impl_->patterns[pattern]->Match(piece(folded), at, folded.size(), re2::RE2::UNANCHORED,
                                         &match, 1))
      break;
    const auto begin = static_cast<std::size_t>(match.data() - folded.data());
    at = begin + std::max<std::size_t>(match.size(), 1);
    if (!match.empty()) out.push_back({begin, at});
  }
  return out;
}

}  // namespace sigilo::scan
