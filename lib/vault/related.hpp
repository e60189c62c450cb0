// SPDX-License-Identifier: Apache-2.0
// Everything that has a provider's id or speaks of it. Private to this room.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "vault/database.hpp"
#include "vault/reader.hpp"

namespace sigilo::vault {

/// Works inside the caller's snapshot; prepares its statements once.
class Related {
 public:
  static Result<Related> prepare(Database& database);

  /// Events whose id or `about` is `provider_id`, in the order of records, from record `first` on.
  Result<std::vector<MessageRow>> to(std::string_view provider_id, std::int64_t first);
  /// Whether a message, edit or call has this id.
  Result<bool> has_message(std::string_view provider_id);
  /// Sets what became of a message: edited, revoked, state.
  Result<> mark(MessageRow& row);

 private:
  Result<> seqs_in_block(std::int64_t block, std::int64_t key, std::int64_t first,
                         std::vector<std::int64_t>& seqs);
  Result<> seqs_in_newest(std::int64_t key, std::int64_t first, std::vector<std::int64_t>& seqs);
  Result<std::vector<MessageRow>> load(std::string_view provider_id,
                                       const std::vector<std::int64_t>& seqs);

  std::int64_t indexed_ = 0;
  std::int64_t last_ = -1;
  Statement in_block_, in_newest_, record_;
};

}  // namespace sigilo::vault
