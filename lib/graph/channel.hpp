// SPDX-License-Identifier: Apache-2.0
// How the Graph client reaches the provider: the network, or in a test a list of answers.
#pragma once

#include <cstdint>
#include <memory>

#include "net/web_client.hpp"

namespace sigilo::graph {

/// One thread at a time; interrupt() on any.
class Channel {
 public:
  virtual ~Channel() = default;
  /// As net::WebClient::exchange; `sink` null: the body is collected.
  virtual net::WebResult<net::Response> exchange(const net::WebRequest& request,
                                                 std::uint64_t max_body,
                                                 const net::BodySink* sink) = 0;
  virtual void interrupt() = 0;
};

/// Over the network.
class WebChannel final : public Channel {
 public:
  explicit WebChannel(std::unique_ptr<net::WebClient> web) : web_(std::move(web)) {}
  net::WebResult<net::Response> exchange(const net::WebRequest& request, std::uint64_t max_body,
                                         const net::BodySink* sink) override {
    return sink == nullptr ? web_->exchange(request, max_body)
                           : web_->exchange(request, max_body, *sink);
  }
  void interrupt() override { web_->interrupt(); }

 private:
  std::unique_ptr<net::WebClient> web_;
};

}  // namespace sigilo::graph
