// SPDX-License-Identifier: Apache-2.0
// Everything that asks the provider: files, numbers, a phone's history. Built only where there is
// an access token.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "chores.hpp"
#include "crypto/secret.hpp"
#include "graph/api.hpp"
#include "graph_access.hpp"
#include "json/value.hpp"
#include "line_poll.hpp"
#include "media/fetcher.hpp"
#include "rules.hpp"
#include "vault/store.hpp"

namespace sigilo {

/// What the record of a file's end must do besides: a lost one is told to the line's team in the
/// same transaction. Runs on: store.
Result<> write_media_outcome(vault::WriteTransaction& transaction,
                             const vault::MediaOutcome& outcome, const vault::MediaJob& job,
                             const Rules& rules);

/// Runs on: io, but for request_sync(), media() and troubles() (any), and its own threads.
class Provider {
 public:
  struct Parts {
    const CurrentRules& rules;
    const crypto::SecretBytes& vault_key;
    vault::StoreThread& store;
    const Clock& clock;
    Random& random;
    std::function<void()> mail_waits;  ///< mails were committed; called on media
  };

  /// Removes what a crash left in media/, and starts the threads. Borrows all of `parts`. The rules
  /// must have [source.meta]. Errors: the vault's, permission, io.
  static Result<std::unique_ptr<Provider>> start(Parts parts, crypto::SecretBytes token,
                                                 Logger log);
  ~Provider();

  /// Ends all threads within a second: what is under way is broken off.
  void stop();
  /// Messages with files were committed. Runs on: any.
  void wake() { fetcher_->wake(); }
  /// After a reload, with the token as it is now.
  void reload(crypto::SecretBytes token);

  graph::Answer<std::string> request_sync(std::string_view phone_number_id, graph::SyncType type);
  /// Members of status's "media" that the vault does not know.
  [[nodiscard]] json::Object media() const;
  /// Sentences for status.
  [[nodiscard]] std::vector<std::string> troubles() const;

 private:
  Provider(Parts parts, crypto::SecretBytes token, vault::Reader reader, Logger log);

  Parts parts_;
  std::stop_source stop_;
  GraphAccess access_;
  LinePoll poll_;
  std::unique_ptr<media::Fetcher> fetcher_;
  std::unique_ptr<Chores> chores_;
};

}  // namespace sigilo
