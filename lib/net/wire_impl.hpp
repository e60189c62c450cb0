// SPDX-License-Identifier: Apache-2.0
// Private to net: one outgoing connection, plain or TLS, and what may end waiting for it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/asio_impl.hpp"
#include "net/web_client.hpp"

namespace sigilo::net {

/// A step's failure; nullopt where it went well.
using Trouble = std::optional<WebFailure>;

/// The limit of what is being waited for. When it strikes, or somebody interrupts, `end` is called
/// once, which makes the operation under way fail; why() then says what really happened. Runs on:
/// the client's own loop.
class Watch {
 public:
  Watch(asio::io_context& context, std::string who) : timer_(context), who_(std::move(who)) {}
  /// Sets the limit anew. `fault` is one of the time-outs.
  void limit(WebFault fault, std::chrono::milliseconds time);
  /// No limit any more.
  void rest();
  void interrupt();
  void on_end(std::function<void()> end) { end_ = std::move(end); }
  /// True when waiting is over: no further operation may begin.
  [[nodiscard]] bool over() const { return why_.has_value(); }
  /// Why it is over; `otherwise` where it is not.
  [[nodiscard]] WebFailure why(WebFailure otherwise) const;

 private:
  void strike(WebFailure failure);

  Timer timer_;
  std::string who_;
  std::function<void()> end_;
  std::uint64_t number_ = 0;  // of the limit that counts: an older one may already be on its way
  Trouble why_;
};

/// Closes itself. Runs on: the client's own loop.
class Wire {
 public:
  explicit Wire(asio::io_context& context) : socket_(context) {}

  /// To the first of the addresses that answers.
  Task<error_code> connect(const std::vector<StreamProtocol::endpoint>& addresses,
                           std::chrono::milliseconds each, const Watch& watch);
  /// TLS over what is connected.
  Task<Trouble> secure(asio::ssl::context& trust, const std::string& host);
  Task<error_code> write(std::string_view bytes);
  /// Reads what there is behind what buffer() holds.
  Task<error_code> read_some();
  [[nodiscard]] boost::beast::flat_buffer& buffer() { return buffer_; }
  void close();

 private:
  Socket socket_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace sigilo::net
