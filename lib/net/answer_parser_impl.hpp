// SPDX-License-Identifier: Apache-2.0
// Private to net: Beast's parser writing an answer's head into a Response and its body, as it
// comes, into a sink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/asio_impl.hpp"
#include "net/http.hpp"

namespace sigilo::net {

/// What an answer's head may be.
struct HeadLimits {
  std::size_t bytes = std::size_t{32} * 1024;  ///< servers with long cookies send 8 to 16 KiB
  std::size_t fields = 100;
};

/// One answer. Interim ones (1xx) are answers of their own. Runs on: any, one at a time.
class AnswerParser final : public http::basic_parser<false> {
 public:
  enum class Fault {
    none,
    head_too_large,
    body_too_large,
    sink,    ///< see sink_error()
    broken,  ///< not HTTP, or broken off
  };

  /// `without_body`: the answer to HEAD or CONNECT.
  AnswerParser(const HeadLimits& limits, bool without_body);

  /// Takes bytes; gives back how many were used. Stops behind the head, and at the first fault.
  std::size_t put_some(boost::asio::const_buffer bytes);
  /// The connection has ended: a fault, unless the body is one that ends with it.
  void put_end();
  /// Where the body goes; needed before the first byte behind the head is given in. Both outlive
  /// the parser. `most`: one byte more is a fault, at once where the head promises more.
  void body_to(const BodySink& sink, std::uint64_t most);

  [[nodiscard]] Fault fault() const { return fault_; }
  [[nodiscard]] const Error& sink_error() const { return sink_error_; }
  /// Header fields stand in `headers`, Content-Type also in `content_type`; `body` is empty.
  [[nodiscard]] Response& head() { return head_; }
  [[nodiscard]] bool is_interim() const { return head_.status < 200; }
  [[nodiscard]] std::uint64_t body_bytes() const { return taken_; }

 private:
  using Text = boost::beast::string_view;

  std::size_t append(Text bytes, error_code& ec);
  void give_up(Fault fault, error_code& ec);

  void on_request_impl(http::verb, Text, Text, int, error_code&) override {}
  void on_response_impl(int status, Text reason, int version, error_code& ec) override;
  void on_field_impl(http::field name, Text text, Text value, error_code& ec) override;
  void on_header_impl(error_code&) override { in_head_ = false; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(Text bytes, error_code& ec) override { return append(bytes, ec); }
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, error_code& ec) override {
    return append(bytes, ec);
  }
  void on_finish_impl(error_code&) override {}

  const HeadLimits limits_;
  Response head_;
  const BodySink* sink_ = nullptr;
  std::uint64_t most_ = 0;
  std::uint64_t taken_ = 0;
  std::size_t head_bytes_ = 0;
  Fault fault_ = Fault::none;
  Error sink_error_;
  bool in_head_ = true;
};

}  // namespace sigilo::net
