// SPDX-License-Identifier: Apache-2.0
#include "line_poll.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ledger/record.hpp"
#include "message/body.hpp"
#include "message/line_profile.hpp"

namespace sigilo {
namespace {

/// Provenance of what the provider was asked for; no signature comes with it.
constexpr std::string_view source = "graph";

}  // namespace

LinePoll::LinePoll(vault::Reader reader, const CurrentRules& rules, vault::StoreThread& store,
                   MakeApi make_api, const Clock& clock, Random& random, Logger log)
    : reader_(std::move(reader)),
      rules_(rules),
      store_(store),
      make_api_(std::move(make_api)),
      clock_(clock),
      random_(random),
      log_(log) {}

Duration LinePoll::step(const std::stop_token& stop) {
  const auto rules = rules_.get();
  bool renewed = false;
  {
    const std::scoped_lock lock(mutex_);
    renewed = std::exchange(renewed_, false);
  }
  if (!api_ || renewed) api_ = make_api_(stop);
  if (rules->config().meta) {
    for (const auto& account : rules->config().meta->accounts) {
      if (stop.stop_requested()) break;
      ask(*api_, account);
    }
  }
  return std::max(rules->config().watch_poll, least_poll);
}

void LinePoll::ask(graph::Api& api, const std::string& account) {
  auto pages = api.phone_numbers(account);
  if (!pages) {
    const auto& failure = pages.error();
    if (failure.kind == graph::FailureKind::stopped) return;
    return tell(account, fmt::format("{}; {}", failure.what,
                                     failure.remedy.empty() ? nothing_to_do : failure.remedy));
  }
  for (auto& page : *pages) {
    if (const auto taken = take(std::move(page), account); !taken)
      return tell(account, taken.error().message());
  }
  tell(account, "");
}

Result<> LinePoll::take(std::string page, const std::string& account) {
  const auto rules = rules_.get();
  auto understood = message::interpret_phone_numbers(page, account, rules->lines());
  vault::Ingest ingest;
  ingest.provenance = {std::string(source), crypto::sha256(as_bytes(page)), clock_.now()};
  for (auto& event : understood.events) {
    if (event.kind == RecordKind::unrecognised)
      return fail(
          ErrorCode::invalid_input,
          fmt::format("the answer about account {} has an unknown form ({})", account, event.type),
          "see whether a later version of sigilo is there, or set [source.meta] "
          "graph_version");
    SIGILO_TRY(const auto before, reader_.line_profile(event.line));
    if (before && before->stored.event.content == event.content) continue;
    // The provider gives no time. Without one, a profile that changes back would be taken for a
    // repeat of the first.
    event.sent = Timestamp::from_seconds(ingest.provenance.received.seconds());
    auto body = message::make_body(event, ingest.provenance, page);
    auto commitment = ledger::commit_to(body, random_);
    ingest.events.push_back({.event = std::move(event),
                             .body = std::move(body),
                             .commitment = std::move(commitment),
                             .alerts = {},
                             .mails = {}});
  }
  if (ingest.events.empty()) return {};
  // Numbers that are not monitored are told by what deliveries say of them, not by each poll.
  ingest.foreign = std::move(understood.foreign);
  ingest.raw = std::move(page);
  return store_.run([&](vault::WriteTransaction& transaction) {
    return transaction.ingest(ingest).map([](const vault::Ingested&) {});
  });
}

void LinePoll::tell(const std::string& account, std::string trouble) {
  const std::scoped_lock lock(mutex_);
  auto& known = troubles_[account];
  if (trouble != known && !trouble.empty())
    log_.warning("account {} cannot be asked for its numbers: {}", account, trouble);
  known = std::move(trouble);
}

void LinePoll::renew() {
  const std::scoped_lock lock(mutex_);
  renewed_ = true;
}

std::vector<std::string> LinePoll::troubles() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> sentences;
  for (const auto& [account, trouble] : troubles_) {
    if (!trouble.empty())
      sentences.push_back(
          fmt::format("account {} cannot be asked for its numbers: {}", account, trouble));
  }
  return sentences;
}

}  // namespace sigilo
