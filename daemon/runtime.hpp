// SPDX-License-Identifier: Apache-2.0
// What only the running daemon knows of itself, for status.
#pragma once

#include <optional>

#include "anchoring.hpp"
#include "api/local_api.hpp"
#include "base/time.hpp"
#include "net/loop.hpp"
#include "pipeline.hpp"
#include "provider.hpp"
#include "rules.hpp"
#include "source/meta_webhook.hpp"
#include "storage_watch.hpp"

namespace sigilo {

/// The parts that are asked; all outlive the call.
struct RunningParts {
  const Rules& rules;                  ///< of now
  const config::Config& started_with;  ///< what a reload does not change
  Timestamp started;
  Timestamp now;
  const Pipeline& pipeline;
  const StorageWatch& storage;
  const Provider* provider = nullptr;      ///< null: there is no access token
  const Anchoring* anchoring = nullptr;    ///< null: [anchor] names no place
  source::MetaWebhook* webhook = nullptr;  ///< null: there is no [source.meta]
  net::Loop& io;                           ///< on which the webhook counts
};

/// Runs on: a desk thread; what belongs to io is asked for there, and left out after two seconds.
api::Runtime runtime_of(const RunningParts& parts);

}  // namespace sigilo
