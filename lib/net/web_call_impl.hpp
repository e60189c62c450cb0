// SPDX-License-Identifier: Apache-2.0
// Private to net: one call of a WebClient, from the request's text to the answer's last byte.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/answer_parser_impl.hpp"
#include "net/wire_impl.hpp"

namespace sigilo::net {

/// The connection that waits for the next call.
struct Kept {
  std::unique_ptr<Wire> wire;
  std::string origin;
  std::chrono::steady_clock::time_point since;
};

/// A request that has been looked at.
struct Prepared {
  WebUrl url;
  std::optional<Proxy> proxy;
  std::string user_agent;
  std::string bytes;  ///< as it goes out; may hold a secret
  bool repeatable = false;
  bool head_only = false;

  Prepared() = default;
  Prepared(Prepared&&) = default;
  Prepared& operator=(Prepared&&) = default;
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared();  ///< wipes the bytes
};

/// Errors: invalid_input (URL, method, or a header that would be more than one line), config (the
/// proxy).
Result<Prepared> prepare(const WebRequest& request, const WebSettings& settings);

/// Lives on the caller's stack while the loop runs. Runs on: the client's own loop.
class WebCall {
 public:
  WebCall(asio::io_context& context, asio::ssl::context& trust, const WebLimits& limits,
          const Clock& clock, Watch& watch, Kept& kept, const Prepared& request);

  Task<Trouble> run(std::uint64_t max_body, const BodySink* sink);
  Response take_answer() { return std::move(parser_->head()); }
  /// Connections that were made.
  [[nodiscard]] std::uint64_t opened() const { return opened_; }

 private:
  Task<Trouble> open();
  Task<Trouble> resolve(const std::string& host, std::uint16_t port,
                        std::vector<StreamProtocol::endpoint>& addresses);
  Task<Trouble> tunnel();
  Task<Trouble> ask(std::uint64_t max_body, const BodySink* sink);
  Task<Trouble> read_head();
  Task<Trouble> read_body();
  bool take_kept();
  void keep();
  [[nodiscard]] Trouble fault_of_answer() const;
  [[nodiscard]] WebFailure failure(WebFault fault, ErrorCode code, std::string what,
                                   std::string remedy = {}) const;

  asio::io_context& context_;
  asio::ssl::context& trust_;
  const WebLimits& limits_;
  const Clock& clock_;
  Watch& watch_;
  Kept& kept_;
  const Prepared& request_;
  const HeadLimits head_limits_;
  std::unique_ptr<Wire> wire_;
  std::optional<AnswerParser> parser_;
  BodySink collect_;
  bool silent_ = true;  // no byte of the answer came
  std::uint64_t opened_ = 0;
};

}  // namespace sigilo::net
