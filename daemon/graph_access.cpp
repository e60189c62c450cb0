// SPDX-License-Identifier: Apache-2.0
#include "graph_access.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "graph/channel.hpp"
#include "graph/client.hpp"
#include "net/web_client.hpp"
#include "process.hpp"

namespace sigilo {
namespace {

/// Ends the client's calls when the token says so.
class Stoppable final : public graph::Api {
 public:
  Stoppable(std::unique_ptr<graph::Client> client, std::stop_token stop)
      : client_(std::move(client)), on_stop_(std::move(stop), Interrupt{client_.get()}) {}

  graph::Answer<graph::MediaInfo> media(std::string_view media_id,
                                        std::string_view phone_number_id) override {
    return client_->media(media_id, phone_number_id);
  }
  graph::Answer<graph::Downloaded> download(std::string_view url, std::uint64_t max_bytes,
                                            const graph::Sink& sink) override {
    return client_->download(url, max_bytes, sink);
  }
  graph::Answer<std::vector<std::string>> phone_numbers(std::string_view account) override {
    return client_->phone_numbers(account);
  }
  graph::Answer<std::string> request_sync(std::string_view phone_number_id,
                                          graph::SyncType type) override {
    return client_->request_sync(phone_number_id, type);
  }

 private:
  struct Interrupt {
    graph::Client* client;
    void operator()() const { client->interrupt(); }
  };
  std::unique_ptr<graph::Client> client_;
  std::stop_callback<Interrupt> on_stop_;  // ends before the client
};

/// What can't be made says why, each time that it is asked.
class Unusable final : public graph::Api {
 public:
  explicit Unusable(const Error& error) {
    failure_.kind = graph::FailureKind::temporary;
    failure_.what = error.what;
    failure_.remedy = error.remedy;
  }
  graph::Answer<graph::MediaInfo> media(std::string_view, std::string_view) override {
    return tl::unexpected(failure_);
  }
  graph::Answer<graph::Downloaded> download(std::string_view, std::uint64_t,
                                            const graph::Sink&) override {
    return tl::unexpected(failure_);
  }
  graph::Answer<std::vector<std::string>> phone_numbers(std::string_view) override {
    return tl::unexpected(failure_);
  }
  graph::Answer<std::string> request_sync(std::string_view, graph::SyncType) override {
    return tl::unexpected(failure_);
  }

 private:
  graph::Failure failure_;
};

}  // namespace

GraphAccess::GraphAccess(const config::MetaSource& source, crypto::SecretBytes token,
                         const Clock& clock)
    : source_(source),
      clock_(clock),
      proxy_(net::proxy_settings_from(environment())),
      gate_(clock),
      token_(std::move(token)) {}

std::unique_ptr<graph::Api> GraphAccess::make(std::stop_token stop) {
  net::WebSettings settings;
  settings.user_agent = std::string("sigilo/") + SIGILO_VERSION;
  settings.proxy = proxy_;
  auto web = net::WebClient::make(std::move(settings), clock_);
  if (!web) return std::make_unique<Unusable>(web.error());
  auto client = graph::Client::make(source_, std::make_unique<graph::WebChannel>(std::move(*web)),
                                    token(), gate_);
  if (!client) return std::make_unique<Unusable>(client.error());
  return std::make_unique<Stoppable>(std::move(*client), std::move(stop));
}

void GraphAccess::renew(crypto::SecretBytes token) {
  const std::scoped_lock lock(mutex_);
  token_ = std::move(token);
}

crypto::SecretBytes GraphAccess::token() const {
  const std::scoped_lock lock(mutex_);
  return token_.clone();
}

}  // namespace sigilo
