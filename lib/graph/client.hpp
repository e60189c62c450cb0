// SPDX-License-Identifier: Apache-2.0
// The Graph API over a channel: which call has which form, who may see the token, and what is
// done with each answer.
#pragma once

#include <memory>
#include <string>

#include "config/config.hpp"
#include "crypto/secret.hpp"
#include "graph/api.hpp"
#include "graph/channel.hpp"
#include "graph/rate_gate.hpp"

namespace sigilo::graph {

/// Answers that are JSON; a page of a hundred numbers has about 100 KiB.
inline constexpr std::uint64_t max_json = std::uint64_t{1024} * 1024;
/// Pages of one list: 5,000 numbers, beyond any firm's.
inline constexpr int max_pages = 50;
/// From the address that media() gave to the bytes; the provider itself uses one or two.
inline constexpr int max_redirects = 5;

/// While the gate is closed each call answers rate_limited at once, without network. Runs on: any,
/// one thread at a time; interrupt() on any.
class Client final : public Api {
 public:
  /// `gate` is shared by the clients of one token and must outlive them. `source` gives graph_url
  /// and graph_version. Errors: invalid_input (a graph_url that config would not take either).
  static Result<std::unique_ptr<Client>> make(const config::MetaSource& source,
                                              std::unique_ptr<Channel> channel,
                                              crypto::SecretBytes token, RateGate& gate);

  /// The url is checked: it is one that download() takes.
  Answer<MediaInfo> media(std::string_view media_id, std::string_view phone_number_id) override;
  /// A sink's own error comes back as `temporary`, with its words. A url that is not the provider's
  /// is refused before anything is sent.
  Answer<Downloaded> download(std::string_view url, std::uint64_t max_bytes,
                              const Sink& sink) override;
  /// Pages are as they came, but for our own token, which the provider repeats in `paging.next`: it
  /// is replaced by "[token]".
  Answer<std::vector<std::string>> phone_numbers(std::string_view account) override;
  Answer<std::string> request_sync(std::string_view phone_number_id, SyncType type) override;

  /// Ends the call under way and fails all later ones with `stopped`.
  void interrupt() { channel_->interrupt(); }

 private:
  Client(net::WebUrl graph, std::string base, std::unique_ptr<Channel> channel,
         crypto::SecretBytes token, RateGate& gate);

  /// One call of the API; answers the body of a success.
  Answer<std::string> call(std::string_view asked, Area area, net::WebRequest request);
  /// One exchange with the token; heeds the gate before and tells it afterwards.
  Answer<net::Response> send(std::string_view asked, Area area, net::WebRequest request,
                             std::uint64_t max_body, const Sink* sink);
  [[nodiscard]] Failure refusal_of(std::string_view asked, Area area, const net::Response& answer);
  [[nodiscard]] std::string without_token(std::string page) const;

  const net::WebUrl graph_;
  const std::string base_;  ///< "https://graph.facebook.com/v23.0/"
  std::unique_ptr<Channel> channel_;
  const crypto::SecretBytes token_;
  RateGate& gate_;
};

}  // namespace sigilo::graph
