// SPDX-License-Identifier: Apache-2.0
// What somebody wants in a bundle, and which messages that is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "vault/audit.hpp"
#include "vault/reader.hpp"

namespace sigilo::bundle {

/// A bundle is made in memory but for its files: 20,000 messages with all that happened to them are
/// some 300 MB.
inline constexpr std::size_t max_messages = 20'000;
/// Record numbers that may be named one by one: as many as fit into a parameter of the local API.
inline constexpr std::size_t max_named = 50;

struct Ask {
  std::optional<E164> line{};
  std::optional<std::string> party{};  ///< number or user id
  std::optional<Timestamp> since{};    ///< by the record's time, inclusive
  std::optional<Timestamp> until{};    ///< exclusive
  std::optional<Seq> alert{};          ///< instead of all above: the message that it is about
  std::vector<Seq> records{};          ///< instead of all above: these messages
  Language language = Language::es;
  std::string timezone = "UTC";  ///< of the transcript; satisfies text::is_time_zone()

  [[nodiscard]] bool by_number() const { return alert || !records.empty(); }
};

/// The messages, edits and revocations that are asked for, in order; what happened to them is added
/// by gather(). Errors: not_found (none), refused (more than max_messages), and the vault's.
/// Runs on: work.
Result<std::vector<Seq>> choose(vault::Reader& reader, vault::AuditReader& audit, const Ask& ask);

}  // namespace sigilo::bundle
