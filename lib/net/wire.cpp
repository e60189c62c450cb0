// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>

#include "net/trust_impl.hpp"
#include "net/wire_impl.hpp"

namespace sigilo::net {

namespace {

// One read: large enough for a file to cost few turns, and no more than TLS gives in one go times
// four.
constexpr std::size_t read_size = std::size_t{64} * 1024;

std::string_view words_of(WebFault fault) {
  switch (fault) {
    case WebFault::connect_time:
      return "no connection";
    case WebFault::head_time:
      return "no answer";
    case WebFault::stall_time:
      return "nothing more of the answer's body";
    default:
      return "nothing";
  }
}

}  // namespace

void Watch::limit(WebFault fault, std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([this, fault, time, number = ++number_](error_code ec) {
    if (ec || number != number_) return;
    const double seconds = static_cast<double>(time.count()) / 1000;
    strike({fault,
            {ErrorCode::timeout,
             fmt::format("{} came from {} within {} s", words_of(fault), who_, seconds),
             "try again; if it goes on, look at the network"}});
  });
}

void Watch::rest() {
  ++number_;
  timer_.cancel();
}

void Watch::interrupt() {
  strike({WebFault::interrupted,
          {ErrorCode::unavailable, fmt::format("the call to {} was interrupted", who_), ""}});
}

void Watch::strike(WebFailure failure) {
  if (why_) return;
  why_ = std::move(failure);
  rest();
  if (end_) end_();
}

WebFailure Watch::why(WebFailure otherwise) const {
  return why_ ? *why_ : std::move(otherwise);
}

Task<error_code> Wire::connect(const std::vector<StreamProtocol::endpoint>& addresses,
                               std::chrono::milliseconds each, const Watch& watch) {
  error_code last = asio::error::host_unreachable;
  for (std::size_t i = 0; i < addresses.size() && !watch.over(); ++i) {
    close();
    socket_.open(addresses[i].protocol(), last);
    if (last) continue;
    Timer turn(socket_.get_executor());
    const auto waiting = std::make_shared<bool>(true);  // what strikes late closes nothing
    if (i + 1 < addresses.size()) {
      turn.expires_after(each);
      turn.async_wait([this, waiting](error_code ec) {
        if (!ec && *waiting) close();
      });
    }
    const auto [ec] = co_await socket_.async_connect(addresses[i], awaited);
    *waiting = false;
    last = ec == asio::error::operation_aborted ? asio::error::timed_out : ec;
    if (!ec && socket_.is_open()) co_return error_code();
  }
  co_return last;
}

Task<Trouble> Wire::secure(asio::ssl::context& trust, const std::string& host) {
  tls_.emplace(socket_, trust);
  if (!expect_host(tls_->native_handle(), host)) {
    co_return WebFailure{
        WebFault::invalid,
        {ErrorCode::invalid_input, "OpenSSL refuses the host's name", "look at the URL"}};
  }
  const auto [ec] = co_await tls_->async_handshake(asio::ssl::stream_base::client, awaited);
  if (!ec) co_return std::nullopt;
  if (const auto reason = distrust(tls_->native_handle()); !reason.empty()) {
    co_return WebFailure{
        WebFault::not_trusted,
        {ErrorCode::crypto, fmt::format("the certificate of {} is not trusted: {}", host, reason),
         "update the package ca-certificates and check the machine's date; where a proxy inspects "
         "TLS, add its certificate authority to the system's"}};
  }
  co_return WebFailure{
      WebFault::no_connection,
      {ErrorCode::unavailable, fmt::format("TLS with {} failed: {}", host, ec.message()),
       "check that a firewall or proxy lets TLS 1.2 or later through"}};
}

Task<error_code> Wire::write(std::string_view bytes) {
  if (tls_) {
    const auto [ec, size] = co_await asio::async_write(*tls_, asio::buffer(bytes), awaited);
    co_return ec;
  }
  const auto [ec, size] = co_await asio::async_write(socket_, asio::buffer(bytes), awaited);
  co_return ec;
}

Task<error_code> Wire::read_some() {
  const auto room = buffer_.prepare(read_size);
  if (tls_) {
    const auto [ec, size] = co_await tls_->async_read_some(room, awaited);
    buffer_.commit(size);
    co_return ec;
  }
  const auto [ec, size] = co_await socket_.async_read_some(room, awaited);
  buffer_.commit(size);
  co_return ec;
}

void Wire::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace sigilo::net
