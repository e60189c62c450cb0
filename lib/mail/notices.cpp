// SPDX-License-Identifier: Apache-2.0
#include "mail/notices.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mail/compose.hpp"

namespace sigilo::mail {
namespace {

/// Alerts have theirs from the vault; a notice has no row there.
std::string new_message_id(const std::string& from, Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return fmt::format("notice.{:02x}@{}", fmt::join(bytes, ""), from.substr(from.rfind('@') + 1));
}

}  // namespace

void Notices::update(const ServiceNotice& latest, const Clock& clock, const std::string& from,
                     const Letterhead& head, const std::vector<config::Team>& teams,
                     Random& random) {
  const auto now = clock.steady();
  held_back_ = latest.kind != told_ && last_told_ && now < *last_told_ + notice_interval;
  if (latest.kind == told_ || held_back_) return;
  told_ = latest.kind;
  last_told_ = now;
  pending_.clear();
  std::set<std::string> told;
  for (const auto& team : teams) {
    const auto letter = notice_letter(latest, team.language, head);
    for (const auto& manager : team.managers) {
      if (!told.insert(manager).second) continue;
      auto message = compose(letter, {from, head.firm, manager, new_message_id(from, random),
                                      clock.now(), std::nullopt});
      if (message) pending_.push_back({manager, std::move(*message), 0, now});
    }
  }
}

std::optional<SteadyTime> Notices::next() const {
  std::optional<SteadyTime> next;
  if (held_back_) next = *last_told_ + notice_interval;
  for (const auto& notice : pending_) next = next ? std::min(*next, notice.next) : notice.next;
  return next;
}

}  // namespace sigilo::mail
