// SPDX-License-Identifier: Apache-2.0
#include "scan/policies.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "scan/pattern.hpp"
#include "scan/pattern_set.hpp"
#include "scan/proximity.hpp"
#include "scan/rules.hpp"
#include "text/unicode.hpp"

namespace sigilo::scan {
namespace {

/// Memory that a thread keeps for folding between texts; a text that needs more gives it back.
constexpr std::size_t kept_scratch = 256 * 1024;

/// Characters of a pattern in a message.
constexpr std::size_t max_shown = 80;

using Numbers = std::vector<std::size_t>;  // of patterns in the set

/// A rule whose patterns are numbers.
struct CompiledRule {
  Rule rule;
  Numbers any;
  std::vector<Numbers> near;
  Numbers unless;
};

/// Whether enough of a rule's patterns were found for a second look.
bool can_be_broken(const CompiledRule& compiled, const Numbers& found) {
  const auto has = [&](const Numbers& numbers) {
    return std::any_of(numbers.begin(), numbers.end(), [&](std::size_t number) {
      return std::binary_search(found.begin(), found.end(), number);
    });
  };
  return has(compiled.any) ||
         (!compiled.near.empty() && std::all_of(compiled.near.begin(), compiled.near.end(), has));
}

/// A text that some pattern hit, and what the second pass over it needs.
struct Scanned {
  const PatternSet& patterns;
  const text::Folded& folded;
  const Words words;
  const Numbers found;  ///< ascending

  [[nodiscard]] std::vector<Hit> hits_of(const Numbers& numbers) const {
    std::vector<Hit> out;
    for (const std::size_t number : numbers) {
      if (!std::binary_search(found.begin(), found.end(), number)) continue;
      const std::vector<Hit> more = patterns.hits(number, folded.text);
      out.insert(out.end(), more.begin(), more.end());
    }
    return out;
  }
};

/// Each way in which a rule is broken: the hits that belong together.
std::vector<std::vector<Hit>> groups_of(const CompiledRule& compiled, const Scanned& text) {
  std::vector<std::vector<Hit>> groups;
  for (const Hit& hit : text.hits_of(compiled.any)) groups.push_back({hit});
  if (compiled.near.empty()) return groups;
  std::vector<std::vector<Hit>> lists;
  for (const Numbers& list : compiled.near) {
    lists.push_back(text.hits_of(list));
    if (lists.back().empty()) return groups;
  }
  const Near& near = *compiled.rule.near;
  for (auto& group : together(lists, text.words, near.within, near.ordered))
    groups.push_back(std::move(group));
  return groups;
}

/// From the begin of the first to the end of the last.
Hit whole(const std::vector<Hit>& group) {
  Hit all = group.front();
  for (const Hit& hit : group) all = {std::min(all.begin, hit.begin), std::max(all.end, hit.end)};
  return all;
}

/// The bytes of the original that a hit came from, as whole characters with the marks that belong
/// to them.
Span original(const Hit& hit, const text::Folded& folded) {
  std::size_t end = hit.end;
  while (end < folded.text.size() && folded.origin[end] == folded.origin[hit.end - 1]) ++end;
  return {folded.origin[hit.begin], folded.origin[end]};
}

/// In order, overlaps joined, not more than max_spans.
std::vector<Span> tidy(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> out;
  for (const Span& span : spans) {
    if (!out.empty() && span.begin < out.back().end) {
      out.back().end = std::max(out.back().end, span.end);
    } else if (out.size() < max_spans) {
      out.push_back(span);
    }
  }
  return out;
}

std::optional<Match> judge(const CompiledRule& compiled, const Scanned& text) {
  const auto groups = groups_of(compiled, text);
  if (groups.empty()) return std::nullopt;
  const Surroundings taken_back(text.hits_of(compiled.unless), text.words, unless_within);
  std::vector<Span> spans;
  for (const auto& group : groups) {
    if (taken_back.reach(whole(group))) continue;
    for (const Hit& hit : group) spans.push_back(original(hit, text.folded));
  }
  if (spans.empty()) return std::nullopt;
  const Rule& rule = compiled.rule;
  return Match{rule.id, rule.category, rule.severity, rule.policy, tidy(std::move(spans))};
}

/// At most max_text bytes, cut between characters.
std::string_view within_limit(std::string_view text) {
  if (text.size() <= max_text) return text;
  std::size_t end = max_text;
  while (end > max_text - 4 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

struct Policies::Impl {
  PatternSet patterns;
  std::vector<CompiledRule> rules;
  std::vector<std::size_t> owner;  ///< rule of each pattern
  std::size_t files = 0;
  crypto::Digest digest;
  bool full = false;  ///< one pattern was too much; the others are not tried

  /// Adds a pattern of the rule that comes next; a bad one becomes a problem at its line.
  void add(const Pattern& pattern, const Rule& rule, Numbers& numbers,
           std::vector<config::Problem>& problems) {
    if (full) return;
    auto number = fold_pattern(pattern.text).and_then([&](const std::string& folded) {
      return patterns.add(folded);
    });
    if (number) {
      numbers.push_back(*number);
      owner.push_back(rules.size());
      return;
    }
    full = number.error().code == ErrorCode::no_space;
    problems.push_back(
        {rule.file, pattern.line,
         fmt::format("pattern '{}' of rule {}: {}", text::shorten(pattern.text, max_shown), rule.id,
                     number.error().what),
         number.error().remedy});
  }

  void add(Rule rule, std::vector<config::Problem>& problems) {
    CompiledRule compiled;
    for (const Pattern& pattern : rule.any) add(pattern, rule, compiled.any, problems);
    if (rule.near) {
      for (const auto& list : rule.near->words) {
        compiled.near.emplace_back();
        for (const Pattern& pattern : list) add(pattern, rule, compiled.near.back(), problems);
      }
    }
    for (const Pattern& pattern : rule.unless) add(pattern, rule, compiled.unless, problems);
    compiled.rule = std::move(rule);
    rules.push_back(std::move(compiled));
  }
};

namespace {

void check_unique(const std::vector<Rule>& rules, std::vector<config::Problem>& problems) {
  std::map<std::string, const Rule*> first;
  for (const Rule& rule : rules) {
    if (rule.id.empty()) continue;
    const auto [known, is_new] = first.emplace(rule.id, &rule);
    if (is_new) continue;
    problems.push_back({rule.file, rule.line,
                        fmt::format("rule {} stands already in {}:{}", rule.id, known->second->file,
                                    known->second->line),
                        "give it another id"});
  }
}

/// Over the names without their directory, so that moving it changes nothing; lengths keep the
/// parts apart.
crypto::Digest digest_of(const std::vector<PolicySource>& sources) {
  crypto::Sha256 hash;
  const auto part = [&](std::string_view text) {
    hash.update(as_bytes(fmt::format("{}:", text.size()))).update(as_bytes(text));
  };
  for (const PolicySource& source : sources) {
    part(std::string_view(source.file).substr(source.file.find_last_of('/') + 1));
    part(source.content);
  }
  return hash.finish();
}

}  // namespace

Policies::Policies(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Policies::Policies(Policies&&) noexcept = default;
Policies& Policies::operator=(Policies&&) noexcept = default;
Policies::~Policies() = default;

Policies::Loaded Policies::compile(std::vector<PolicySource> sources) {
  Loaded loaded;
  std::vector<Rule> rules;
  for (const PolicySource& source : sources) {
    auto more = read_rules(source, loaded.problems);
    std::move(more.begin(), more.end(), std::back_inserter(rules));
  }
  check_unique(rules, loaded.problems);
  auto impl = std::make_unique<Impl>();
  impl->files = sources.size();
  impl->digest = digest_of(sources);
  for (Rule& rule : rules) impl->add(std::move(rule), loaded.problems);
  if (!loaded.problems.empty()) return loaded;
  if (auto compiled = impl->patterns.compile(); !compiled) {
    loaded.problems.push_back({sources.empty() ? "" : sources.front().file, 0,
                               compiled.error().what, compiled.error().remedy});
    return loaded;
  }
  loaded.policies = Policies(std::move(impl));
  return loaded;
}

std::vector<Match> Policies::scan(std::string_view text, Direction direction) const {
  thread_local std::string scratch;
  const std::string_view seen = within_limit(text);
  text::fold_into(seen, scratch);
  Numbers found = impl_->patterns.found_in(scratch);
  if (scratch.capacity() > kept_scratch) scratch = std::string();
  if (found.empty()) return {};

  std::vector<const CompiledRule*> candidates;
  std::size_t next_rule = 0;
  for (const std::size_t pattern : found) {
    const std::size_t number = impl_->owner[pattern];  // patterns stand in the order of their rules
    if (number < next_rule) continue;
    next_rule = number + 1;
    const CompiledRule& compiled = impl_->rules[number];
    if (compiled.rule.direction.value_or(direction) == direction && can_be_broken(compiled, found))
      candidates.push_back(&compiled);
  }
  if (candidates.empty()) return {};

  const text::Folded folded = text::fold(seen);
  const Scanned scanned{impl_->patterns, folded, Words(folded.text), std::move(found)};
  std::vector<Match> matches;
  for (const CompiledRule* compiled : candidates)
    if (auto match = judge(*compiled, scanned)) matches.push_back(std::move(*match));
  return matches;
}

std::size_t Policies::rules() const {
  return impl_->rules.size();
}
std::size_t Policies::files() const {
  return impl_->files;
}
const crypto::Digest& Policies::digest() const {
  return impl_->digest;
}

}  // namespace sigilo::scan
