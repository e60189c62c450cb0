// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "json/parse.hpp"
#include "scan/policies.hpp"

namespace sigilo::cli {
namespace {

/// Longest line of a file to be scanned.
constexpr std::size_t max_line = std::size_t{4} * 1024 * 1024;

/// The policies compiled, or every problem. The rest of the configuration does not matter when a
/// directory is given; nullopt: it does, and its problems were printed.
std::optional<scan::Policies::Loaded> load(const Context& context, const std::string& directory) {
  auto place = directory;
  if (place.empty()) {
    const auto config = context.config();
    if (!config) return std::nullopt;
    place = config->policies.string();
  }
  auto loaded = scan::Policies::load(place);
  print_problems(loaded.problems);
  return loaded;
}

/// What one line of the file asks for. Errors: invalid_input.
struct Asked {
  json::Value id;
  std::string text;
  std::vector<Direction> directions;  ///< both where the line does not say
};

/// A larger number would come back rounded, as the id of another line.
bool can_be_given_back(const json::Value& id) {
  constexpr std::int64_t limit = std::int64_t{1} << 53;
  return id.is_string() || (id.is_int64() && id.get_int64() <= limit && id.get_int64() >= -limit);
}

Result<Asked> read_line(std::string_view line, std::size_t number) {
  const auto bad = [number](std::string_view why) {
    return fail(ErrorCode::invalid_input, fmt::format("line {}: {}", number, why),
                R"(write {"id":"1","text":"…"} on each line)");
  };
  auto value = json::parse(line);
  if (!value) return bad(value.error().what);
  if (!value->is_object()) return bad("not an object");
  const auto& object = value->get_object();
  const auto* id = object.if_contains("id");
  const auto text = json::text_at(object, "text");
  if (id == nullptr || !text) return bad("id or text is missing");
  if (!can_be_given_back(*id)) return bad("id is neither a text nor a number up to 2^53");
  Asked asked{*id, std::string(*text), {Direction::in, Direction::out}};
  if (object.contains("direction")) {
    const auto direction = parse_direction(json::text_at(object, "direction").value_or(""));
    if (!direction) return bad("direction is neither in nor out");
    asked.directions = {*direction};
  }
  return asked;
}

/// Rules in the order of their files, categories in alphabetical order, each once.
json::Object judged(const scan::Policies& policies, Asked asked) {
  std::set<std::string> categories;
  std::vector<std::string> rules;
  for (const auto direction : asked.directions) {
    for (const auto& match : policies.scan(asked.text, direction)) {
      categories.insert(match.category);
      if (std::find(rules.begin(), rules.end(), match.rule) == rules.end())
        rules.push_back(match.rule);
    }
  }
  return {{"id", std::move(asked.id)},
          {"categories", json::Array(categories.begin(), categories.end())},
          {"rules", json::Array(rules.begin(), rules.end())}};
}

int scan_lines(const scan::Policies& policies, std::istream& in) {
  std::vector<char> buffer(max_line + 2);  // what is one too long, and the terminating NUL
  for (std::size_t number = 1;; ++number) {
    in.getline(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto taken = static_cast<std::size_t>(in.gcount());
    if (in.bad())
      return complain(Error{ErrorCode::io, fmt::format("reading broke off at line {}", number),
                            "check that it is a file and can be read"});
    if (in.eof() && taken == 0) return exit_ok;
    const std::string_view line(buffer.data(), in.eof() || in.fail() ? taken : taken - 1);
    if (line.size() > max_line)
      return complain(Error{ErrorCode::invalid_input,
                            fmt::format("line {} is longer than {} bytes", number, max_line),
                            "split the file into lines"});
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      auto asked = read_line(line, number);
      if (!asked) return complain(asked.error());
      print_json(judged(policies, std::move(*asked)));
    }
    if (in.eof()) return exit_ok;
  }
}

}  // namespace

int policy_check(const Context& context, const std::string& directory) {
  const auto loaded = load(context, directory);
  if (!loaded) return exit_config;
  const auto& policies = loaded->policies;
  if (context.json) {
    print_json(json::Object{
        {"ok", policies.has_value()},
        {"rules", policies ? policies->rules() : 0},
        {"files", policies ? policies->files() : 0},
        {"digest", policies ? json::Value(policies->digest().hex()) : json::Value(nullptr)},
        {"problems", problems_json(loaded->problems)}});
  } else if (policies) {
    print_line(
        fmt::format("{} rules in {} files, no problems", policies->rules(), policies->files()));
  }
  return policies ? exit_ok : exit_config;
}

int policy_scan(const Context& context, const std::string& directory, const std::string& file) {
  const auto loaded = load(context, directory);
  if (!loaded || !loaded->policies) return exit_config;
  std::ios::sync_with_stdio(false);
  if (file == "-") return scan_lines(*loaded->policies, std::cin);
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return complain(Error{ErrorCode::not_found, fmt::format("cannot read {}", file),
                          "check its name and mode"});
  return scan_lines(*loaded->policies, in);
}

}  // namespace sigilo::cli
