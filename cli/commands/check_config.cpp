// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "scan/policies.hpp"
#include "text/terminal.hpp"

namespace sigilo::cli {
namespace {

void print_problems(const std::vector<config::Problem>& problems) {
  for (const auto& problem : problems)
    fmt::print(stderr, "{}\n", text::for_terminal(problem.message()));
}

void print_warnings(const std::vector<std::string>& warnings) {
  for (const auto& warning : warnings)
    fmt::print(stderr, "warning: {}\n", text::for_terminal(warning));
}

json::Array as_json(const std::vector<config::Problem>& problems) {
  json::Array array;
  for (const auto& problem : problems) {
    array.push_back(json::Object{{"file", problem.file},
                                 {"line", problem.line},
                                 {"what", problem.what},
                                 {"remedy", problem.remedy}});
  }
  return array;
}

}  // namespace

int check_config(const Context& context) {
  auto loaded = config::load(context.config_file);
  auto problems = loaded.problems;
  print_warnings(loaded.warnings);
  if (loaded.config) {
    const auto machine =
        config::check_machine(*loaded.config, context.config_file, credentials_directory());
    problems.insert(problems.end(), machine.problems.begin(), machine.problems.end());
    print_warnings(machine.warnings);
    const auto policies = scan::Policies::load(loaded.config->policies.string());
    problems.insert(problems.end(), policies.problems.begin(), policies.problems.end());
  }
  if (context.json) {
    print_json(json::Object{{"ok", problems.empty()}, {"problems", as_json(problems)}});
  } else if (problems.empty()) {
    print_line(fmt::format("{}: no problems", context.config_file));
  }
  print_problems(problems);
  return problems.empty() ? exit_ok : exit_config;
}

}  // namespace sigilo::cli
