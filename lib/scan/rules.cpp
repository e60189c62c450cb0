// SPDX-License-Identifier: Apache-2.0
#include "scan/rules.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "scan/pattern.hpp"

namespace sigilo::scan {
namespace {

using config::Table;

/// Lower-case ASCII words joined by . _ or -: safe in a mail header, a shell and a URL.
bool is_identifier(std::string_view text) {
  const auto joins = [](char c) { return c == '.' || c == '_' || c == '-'; };
  if (text.empty() || text.size() > max_name || joins(text.front()) || joins(text.back()))
    return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || joins(c);
  });
}

/// A text that must be there.
std::optional<std::string> required(Table& table, std::string_view key, std::string_view example) {
  if (!table.has(key)) {
    table.complain({}, fmt::format("'{}' is missing", key),
                   fmt::format("add {} = {}", key, example));
    return std::nullopt;
  }
  return table.text(key);
}

std::string required_identifier(Table& table, std::string_view key, std::string_view example) {
  const auto text = required(table, key, example);
  if (!text) return {};
  if (is_identifier(*text)) return *text;
  table.complain(key, fmt::format("{} = \"{}\" is not a plain name", key, *text),
                 fmt::format("write a-z, 0-9 and . _ - inside, at most {} of them, like {}",
                             max_name, example));
  return {};
}

/// What is wrong with a pattern before RE2 sees it.
void check_pattern(Table& table, std::string_view key, const std::string& pattern) {
  if (pattern.empty())
    table.complain(key, "an empty pattern matches everything", "write a pattern or remove it");
  if (pattern.size() > max_pattern) {
    table.complain(key, fmt::format("a pattern has {} bytes", pattern.size()),
                   fmt::format("at most {}; make several of it", max_pattern));
  }
}

std::vector<Pattern> patterns(Table& table, std::string_view key) {
  const auto texts = table.texts(key);
  if (!texts) return {};
  if (texts->empty())
    table.complain(key, fmt::format("'{}' is empty", key), "write a pattern or remove the key");
  const std::vector<int> lines = table.lines_of(key);
  std::vector<Pattern> out;
  for (std::size_t i = 0; i < texts->size(); ++i) {
    check_pattern(table, key, (*texts)[i]);
    out.push_back({(*texts)[i], i < lines.size() ? lines[i] : table.line(key)});
  }
  return out;
}

std::vector<std::vector<Pattern>> word_lists(Table& near) {
  const auto lists = near.text_lists("words");
  if (!lists) return {};
  const std::vector<int> lines = near.lines_of("words");
  std::vector<std::vector<Pattern>> out;
  for (std::size_t i = 0; i < lists->size(); ++i) {
    out.emplace_back();
    for (const std::string& pattern : (*lists)[i]) {
      check_pattern(near, "words", pattern);
      out.back().push_back({pattern, i < lines.size() ? lines[i] : near.line("words")});
    }
  }
  const bool hollow =
      std::any_of(out.begin(), out.end(), [](const auto& list) { return list.empty(); });
  if (out.size() < 2 || hollow) {
    near.complain("words", "near needs two lists or more, each with a word",
                  "write words = [['paga\\w*'], ['juez', 'fiscal']]");
  }
  return out;
}

std::optional<Near> read_near(Table& rule) {
  auto table = rule.table("near");
  if (!table) return std::nullopt;
  Near near;
  for (const std::string_view key : {"words", "within"})
    if (!table->has(key))
      table->complain({}, fmt::format("near without '{}'", key), fmt::format("add {}", key));
  near.words = word_lists(*table);
  if (const auto within = table->integer("within")) {
    if (*within < 1 || *within > max_within) {
      table->complain("within", fmt::format("within = {} is not a number of words", *within),
                      fmt::format("write 1 to {}", max_within));
    } else {
      near.within = static_cast<int>(*within);
    }
  }
  near.ordered = table->boolean("ordered").value_or(false);
  return near;
}

Severity read_severity(Table& table) {
  const auto text = required(table, "severity", "\"high\"");
  if (!text) return Severity::low;
  const auto severity = parse_severity(*text);
  if (!severity)
    table.complain("severity", fmt::format("severity = \"{}\" is unknown", *text),
                   "write low, medium or high");
  return severity.value_or(Severity::low);
}

std::optional<Direction> read_direction(Table& table) {
  const auto text = table.text("direction");
  if (!text || *text == "any") return std::nullopt;
  const auto direction = parse_direction(*text);
  if (!direction)
    table.complain("direction", fmt::format("direction = \"{}\" is unknown", *text),
                   "write in, out or any");
  return direction;
}

Rule read_rule(Table& table) {
  Rule rule;
  rule.line = table.line();
  rule.id = required_identifier(table, "id", "\"bribery.coima\"");
  rule.category = required_identifier(table, "category", "\"bribery\"");
  rule.severity = read_severity(table);
  rule.direction = read_direction(table);
  rule.any = patterns(table, "any");
  rule.near = read_near(table);
  rule.unless = patterns(table, "unless");
  if (!table.has("any") && !table.has("near"))
    table.complain({}, "a rule that looks for nothing", "add any = ['...'] or near = {...}");
  return rule;
}

/// The name of the policy; its languages are checked, and say for whom the file is.
std::string read_head(Table& root) {
  auto policy = root.table("policy");
  if (!policy) {
    if (!root.has("policy"))
      root.complain({}, "no [policy] table", "begin with [policy] and name = \"...\"");
    return {};
  }
  const std::string name = required(*policy, "name", "\"Sobornos\"").value_or("");
  if (policy->has("name") && (name.empty() || name.size() > max_name)) {
    policy->complain("name", "the name is empty or too long",
                     fmt::format("write 1 to {} bytes", max_name));
  }
  for (const std::string& language :
       policy->texts("language", true).value_or(std::vector<std::string>{}))
    if (!parse_language(language))
      policy->complain("language", fmt::format("language \"{}\" is unknown", language),
                       "write es, pt or en");
  return name;
}

std::size_t count_patterns(const Rule& rule) {
  std::size_t count = rule.any.size() + rule.unless.size();
  if (rule.near)
    for (const auto& list : rule.near->words) count += list.size();
  return count;
}

void check_limits(const std::vector<Rule>& rules, const std::string& file,
                  std::vector<config::Problem>& problems) {
  if (rules.empty())
    problems.push_back({file, 0, "no [[rule]] in it", "add one, or remove the file"});
  if (rules.size() > max_rules_per_file) {
    problems.push_back({file, rules[max_rules_per_file].line,
                        fmt::format("{} rules in one file", rules.size()),
                        fmt::format("at most {}; make two files of it", max_rules_per_file)});
  }
  std::size_t patterns = 0;
  for (const Rule& rule : rules) patterns += count_patterns(rule);
  if (patterns > max_patterns_per_file) {
    problems.push_back({file, 0, fmt::format("{} patterns in one file", patterns),
                        fmt::format("at most {}; make two files of it", max_patterns_per_file)});
  }
}

}  // namespace

std::vector<Rule> read_rules(const PolicySource& source, std::vector<config::Problem>& problems) {
  const auto document = config::Document::parse(source.content, source.file, problems);
  if (!document) return {};
  Table root = document->root(problems);
  const std::string policy = read_head(root);
  std::vector<Rule> rules;
  for (Table& table : root.tables("rule")) {
    rules.push_back(read_rule(table));
    rules.back().policy = policy;
    rules.back().file = source.file;
  }
  root.finish();
  check_limits(rules, source.file, problems);
  return rules;
}

}  // namespace sigilo::scan
