// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "config/secret.hpp"
#include "scan/policies.hpp"

namespace sigilo::cli {

int check_config(const Context& context) {
  auto loaded = config::load(context.config_file);
  auto& problems = loaded.problems;
  auto& warnings = loaded.warnings;
  if (loaded.config) {
    const auto machine =
        config::check_machine(*loaded.config, context.config_file, config::credentials_directory());
    problems.insert(problems.end(), machine.problems.begin(), machine.problems.end());
    warnings.insert(warnings.end(), machine.warnings.begin(), machine.warnings.end());
    const auto policies = scan::Policies::load(loaded.config->policies.string());
    problems.insert(problems.end(), policies.problems.begin(), policies.problems.end());
  }
  if (context.json) {
    print_json(json::Object{{"ok", problems.empty()},
                            {"problems", problems_json(problems)},
                            {"warnings", json::Array(warnings.begin(), warnings.end())}});
  } else if (problems.empty()) {
    print_line(fmt::format("{}: no problems", context.config_file));
  }
  print_warnings(warnings);
  print_problems(problems);
  return problems.empty() ? exit_ok : exit_config;
}

}  // namespace sigilo::cli
