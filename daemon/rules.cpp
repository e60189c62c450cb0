// SPDX-License-Identifier: Apache-2.0
#include "rules.hpp"

namespace sigilo {
namespace {

std::vector<message::LineBook::Entry> entries_of(const config::Config& config) {
  std::vector<message::LineBook::Entry> entries;
  for (const auto& line : config.lines) entries.push_back({line.number, line.phone_number_id});
  return entries;
}

}  // namespace

std::shared_ptr<const Rules> Rules::make(config::Config config,
                                         std::vector<config::Problem>& problems) {
  auto loaded = scan::Policies::load(config.policies.string());
  problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
  if (!loaded.policies) return nullptr;
  return std::shared_ptr<const Rules>(new Rules(std::move(config), std::move(*loaded.policies)));
}

Rules::Rules(config::Config config, scan::Policies policies)
    : config_(std::move(config)), lines_(entries_of(config_)), policies_(std::move(policies)) {
  for (const auto& line : config_.lines) {
    for (std::size_t i = 0; i < config_.teams.size(); ++i) {
      if (config_.teams[i].name == line.team) team_of_line_.emplace(line.number, i);
    }
  }
}

const config::Team* Rules::team_of(const E164& line) const {
  const auto found = team_of_line_.find(line);
  return found == team_of_line_.end() ? nullptr : &config_.teams[found->second];
}

}  // namespace sigilo
