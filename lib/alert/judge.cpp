// SPDX-License-Identifier: Apache-2.0
#include "alert/judge.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace sigilo::alert {
namespace {

using Spans = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// Sorted, without overlaps: several rules often find the same words.
Spans merged(Spans spans) {
  std::sort(spans.begin(), spans.end());
  Spans result;
  for (const auto& span : spans) {
    if (!result.empty() && span.first <= result.back().second) {
      result.back().second = std::max(result.back().second, span.second);
    } else {
      result.push_back(span);
    }
  }
  return result;
}

void add(vault::NewAlert& alert, const scan::Match& match) {
  if (alert.rules.empty() || match.severity > alert.severity) {
    alert.severity = match.severity;
    alert.rule = match.rule;
    alert.policy = match.policy;
  }
  if (std::find(alert.rules.begin(), alert.rules.end(), match.rule) == alert.rules.end()) {
    alert.rules.push_back(match.rule);
  }
  for (const auto& span : match.spans) alert.spans.emplace_back(span.begin, span.end);
}

std::vector<vault::NewAlert> alerts_of(const std::vector<scan::Match>& matches,
                                       const std::string& team, const crypto::Digest& policies) {
  std::vector<vault::NewAlert> alerts;
  for (const auto& match : matches) {
    auto alert = std::find_if(alerts.begin(), alerts.end(),
                              [&](const auto& known) { return known.category == match.category; });
    if (alert == alerts.end()) {
      alert = alerts.emplace(alerts.end());
      alert->category = match.category;
      alert->team = team;
      alert->policies = policies;
    }
    add(*alert, match);
  }
  for (auto& alert : alerts) alert.spans = merged(std::move(alert.spans));
  std::stable_sort(alerts.begin(), alerts.end(),
                   [](const auto& a, const auto& b) { return a.severity > b.severity; });
  return alerts;
}

/// RFC 5321 2.4: the domain is case-insensitive, the local part is the receiving host's business.
std::string mailbox_key(std::string address) {
  const auto at = address.rfind('@');
  const auto domain = at == std::string::npos ? address.size() : at;
  std::transform(address.begin() + static_cast<std::ptrdiff_t>(domain), address.end(),
                 address.begin() + static_cast<std::ptrdiff_t>(domain), [](char c) {
                   return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
                 });
  return address;
}

std::vector<vault::NewMail> mails_to(const config::Team& team) {
  std::vector<vault::NewMail> mails;
  std::set<std::string> told;
  for (const auto& manager : team.managers) {
    if (told.insert(mailbox_key(manager)).second)
      mails.push_back({manager, team.language, team.name});
  }
  return mails;
}

}  // namespace

Verdict judge(const message::Event& event, const std::vector<scan::Match>& matches,
              const config::Team& team, const crypto::Digest& policies, bool mail_configured) {
  const bool text = event.kind == RecordKind::message || event.kind == RecordKind::edit;
  if (!text || matches.empty()) return {};
  Verdict verdict;
  verdict.alerts = alerts_of(matches, team.name, policies);
  if (mail_configured) verdict.mails = mails_to(team);
  return verdict;
}

Verdict lost_file(const config::Team& team, bool mail) {
  Verdict verdict;
  auto& alert = verdict.alerts.emplace_back();
  alert.category = media_lost;
  alert.severity = Severity::medium;
  alert.rule = media_lost_rule;
  alert.rules = {alert.rule};
  alert.policy = "sigilo";
  alert.team = team.name;
  if (mail) verdict.mails = mails_to(team);
  return verdict;
}

}  // namespace sigilo::alert
