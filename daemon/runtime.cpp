// SPDX-License-Identifier: Apache-2.0
#include "runtime.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace sigilo {
namespace {

constexpr std::chrono::seconds patience{2};

void add_attention(const RunningParts& parts, api::Runtime& runtime) {
  const auto& config = parts.rules.config();
  auto& attention = runtime.attention;
  if (const auto trouble = parts.storage.trouble()) {
    attention.push_back(
        fmt::format("the vault cannot be written since {} ({}): deliveries are refused and the "
                    "provider repeats them; make room on the disk of {}",
                    format_rfc3339(trouble->since), trouble->reason,
                    parts.started_with.vault.directory.string()));
  }
  if (parts.anchoring != nullptr) {
    for (auto& sentence : parts.anchoring->attention()) attention.push_back(std::move(sentence));
  }
  if (!config.mail)
    attention.emplace_back("no [mail] is configured: nobody is told of alerts; add the table");
  if (config.lines.empty())
    attention.emplace_back("no [[line]] is configured: nothing is kept; add one");
  if (!parts.started_with.meta) {
    attention.emplace_back("no [source.meta] is configured: nothing is taken in; add the table");
  } else if (parts.provider == nullptr) {
    attention.emplace_back(
        "no [source.meta] access_token is configured: files of messages are not fetched, and the "
        "provider keeps them for 7 days only; add it and reload sigilod");
  }
  if (parts.provider == nullptr) return;
  for (auto& sentence : parts.provider->troubles()) attention.push_back(std::move(sentence));
  if (config.meta && config.meta->accounts.empty())
    attention.emplace_back(
        "[source.meta] accounts is empty: the lines' names, quality and link to a phone are not "
        "known; add the ids of the firm's WhatsApp Business Accounts");
}

void add_counts(const RunningParts& parts, api::Runtime& runtime) {
  auto counts = std::make_shared<std::promise<source::MetaWebhook::Counts>>();
  auto answer = counts->get_future();
  parts.io.post([webhook = parts.webhook, counts] { counts->set_value(webhook->counts()); });
  if (answer.wait_for(patience) != std::future_status::ready) return;
  const auto seen = answer.get();
  runtime.sources["meta"] = json::Object{{"listen", parts.started_with.meta->listen.text()},
                                         {"accepted", seen.accepted},
                                         {"stored", seen.stored},
                                         {"put_off", seen.put_off},
                                         {"refused_signature", seen.refused_signature},
                                         {"handshakes", seen.handshakes},
                                         {"refused_handshakes", seen.refused_handshakes}};
}

}  // namespace

api::Runtime runtime_of(const RunningParts& parts) {
  api::Runtime runtime;
  runtime.version = SIGILO_VERSION;
  runtime.started = parts.started;
  runtime.now = parts.now;
  runtime.backlog = parts.pipeline.under_way();
  for (const auto& line : parts.rules.config().lines)
    runtime.lines.push_back(
        {line.number.value(), line.phone_number_id.value(), line.lawyer, line.team});
  add_attention(parts, runtime);
  if (parts.provider != nullptr) runtime.media = parts.provider->media();
  if (parts.anchoring != nullptr) runtime.anchors = parts.anchoring->states();
  if (parts.webhook != nullptr) add_counts(parts, runtime);
  return runtime;
}

}  // namespace sigilo
