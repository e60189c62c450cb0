// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iostream>
#include <set>
#include <string>

#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "scan/policies.hpp"
#include "text/terminal.hpp"

namespace sigilo::cli {
namespace {

/// Longest line of a file to be scanned.
constexpr std::size_t max_line = 4 * 1024 * 1024;

/// The compiled policies, or nullopt after every problem was printed. The rest of the configuration
/// does not matter when a directory is given.
std::optional<scan::Policies> load(const Context& context, const std::string& directory) {
  auto place = directory;
  if (place.empty()) {
    const auto config = context.config();
    if (!config) return std::nullopt;
    place = config->policies.string();
  }
  auto loaded = scan::Policies::load(place);
  for (const auto& problem : loaded.problems)
    fmt::print(stderr, "{}\n", text::for_terminal(problem.message()));
  return std::move(loaded.policies);
}

/// What one line of the file asks for. Errors: invalid_input.
struct Asked {
  json::Value id;
  std::string text;
  Direction direction = Direction::in;
};

Result<Asked> read_line(const std::string& line, std::size_t number) {
  const auto bad = [number](std::string_view why) {
    return fail(ErrorCode::invalid_input, fmt::format("line {}: {}", number, why),
                R"(write {"id":"1","text":"…"} on each line)");
  };
  if (line.size() > max_line) return bad("too long");
  auto value = json::parse(line);
  if (!value) return bad(value.error().what);
  if (!value->is_object()) return bad("not an object");
  const auto& object = value->get_object();
  const auto* id = object.if_contains("id");
  const auto text = json::text_at(object, "text");
  if (id == nullptr || !text) return bad("id or text is missing");
  const auto direction = parse_direction(json::text_at(object, "direction").value_or("in"));
  if (!direction) return bad("direction is neither in nor out");
  return Asked{*id, std::string(*text), *direction};
}

std::string judged(const scan::Policies& policies, const Asked& asked) {
  std::set<std::string> categories;
  json::Array rules;
  for (const auto& match : policies.scan(asked.text, asked.direction)) {
    categories.insert(match.category);
    rules.emplace_back(match.rule);
  }
  return json::canonical(
      json::Object{{"id", asked.id},
                   {"categories", json::Array(categories.begin(), categories.end())},
                   {"rules", std::move(rules)}});
}

int scan_lines(const scan::Policies& policies, std::istream& in) {
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto asked = read_line(line, number);
    if (!asked) return complain(asked.error());
    std::cout << judged(policies, *asked) << '\n';
  }
  std::cout.flush();
  return exit_ok;
}

}  // namespace

int policy_check(const Context& context, const std::string& directory) {
  const auto policies = load(context, directory);
  if (context.json) {
    print_json(json::Object{
        {"ok", policies.has_value()},
        {"rules", policies ? policies->rules() : 0},
        {"files", policies ? policies->files() : 0},
        {"digest", policies ? json::Value(policies->digest().hex()) : json::Value(nullptr)}});
  } else if (policies) {
    print_line(
        fmt::format("{} rules in {} files, no problems", policies->rules(), policies->files()));
  }
  return policies ? exit_ok : exit_config;
}

int policy_scan(const Context& context, const std::string& directory, const std::string& file) {
  const auto policies = load(context, directory);
  if (!policies) return exit_config;
  std::ios::sync_with_stdio(false);
  if (file == "-") return scan_lines(*policies, std::cin);
  std::ifstream in(file);
  if (!in)
    return complain(Error{ErrorCode::not_found, fmt::format("cannot read {}", file),
                          "check its name and mode"});
  return scan_lines(*policies, in);
}

}  // namespace sigilo::cli
