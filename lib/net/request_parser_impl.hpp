// SPDX-License-Identifier: Apache-2.0
// Private to net: Beast's parser writing straight into a Request, within the server's limits.
#pragma once

#include "net/asio_impl.hpp"
#include "net/http_server.hpp"

namespace sigilo::net {

/// Bytes of all bodies being read by one server.
struct BodyBudget {
  std::size_t used = 0;
  std::size_t most = 0;
};

/// One request. Runs on: io.
class RequestParser final : public http::basic_parser<true> {
 public:
  RequestParser(const ServerLimits& limits, BodyBudget& budget);
  ~RequestParser() { release(); }
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  [[nodiscard]] const Request& request() const { return request_; }
  /// Gives the request away and its body's bytes back to the budget.
  Request take();
  /// What the parser can't see: 400 for rules that Beast leaves to the application, 417; 0 if all
  /// is well.
  [[nodiscard]] int objection() const;
  /// The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool waits_for_continue() const;
  /// The connection may carry another request.
  [[nodiscard]] bool may_continue() const { return http_1_1_ && keep_alive(); }
  /// The client knows chunks (RFC 9112 section 7.1).
  [[nodiscard]] bool knows_chunks() const { return http_1_1_; }
  /// Status for the error that put() gave.
  [[nodiscard]] int status_of(const error_code& ec) const;

 private:
  using Text = boost::beast::string_view;

  void release();
  std::size_t append(Text bytes, error_code& ec);
  void refuse(int status, error_code& ec);

  void on_request_impl(http::verb, Text method, Text target, int version, error_code& ec) override;
  void on_response_impl(int, Text, int, error_code&) override {}
  void on_field_impl(http::field, Text name, Text value, error_code& ec) override;
  void on_header_impl(error_code&) override { in_header_ = false; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override;
  std::size_t on_body_impl(Text bytes, error_code& ec) override { return append(bytes, ec); }
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, error_code& ec) override {
    return append(bytes, ec);
  }
  void on_finish_impl(error_code&) override {}

  const std::size_t most_headers_;
  BodyBudget& budget_;
  Request request_;
  std::size_t counted_ = 0;  // bytes this request has in the budget
  int refusal_ = 0;
  bool http_1_1_ = false;
  bool in_header_ = true;
};

}  // namespace sigilo::net
