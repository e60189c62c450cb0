// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "net/resolve_impl.hpp"
#include "net/web_call_impl.hpp"

namespace sigilo::net {

namespace {

// An error's words, where the body of a success goes to a sink.
constexpr std::uint64_t most_words = std::uint64_t{1024} * 1024;
// Interim answers (100, 103) before the real one; more are no server's work.
constexpr int most_interim = 10;

constexpr const char* look_at_network = "check the network, the firewall and the proxy settings";

std::string described(const error_code& ec) {
  return ec == asio::error::eof ? std::string("the connection was closed") : ec.message();
}

}  // namespace

WebCall::WebCall(asio::io_context& context, asio::ssl::context& trust, const WebLimits& limits,
                 const Clock& clock, Watch& watch, Kept& kept, const Prepared& request)
    : context_(context),
      trust_(trust),
      limits_(limits),
      clock_(clock),
      watch_(watch),
      kept_(kept),
      request_(request),
      head_limits_{limits.header_bytes, limits.headers} {
  collect_ = [this](BytesView bytes) -> Result<> {
    parser_->head().body.append(as_text(bytes));
    return {};
  };
}

Task<Trouble> WebCall::run(std::uint64_t max_body, const BodySink* sink) {
  const bool reused = take_kept();
  if (!reused) {
    if (auto trouble = co_await open()) co_return trouble;
  }
  auto trouble = co_await ask(max_body, sink);
  const bool was_closed = reused && silent_ && trouble && trouble->fault == WebFault::broken;
  if (was_closed && !watch_.over()) {
    if (auto unopened = co_await open()) co_return unopened;
    trouble = co_await ask(max_body, sink);
  }
  if (!trouble) keep();
  co_return trouble;
}

bool WebCall::take_kept() {
  Kept kept = std::exchange(kept_, {});
  const bool usable = kept.wire && request_.repeatable && kept.origin == request_.url.origin() &&
                      clock_.steady() - kept.since < limits_.keep_time;
  if (!usable) return false;
  wire_ = std::move(kept.wire);
  watch_.on_end([this] { wire_->close(); });
  return true;
}

void WebCall::keep() {
  // Bytes behind the answer belong to nothing that was asked.
  if (!parser_->keep_alive() || wire_->buffer().size() > 0) return;
  kept_ = {std::move(wire_), request_.url.origin(), clock_.steady()};
}

Task<Trouble> WebCall::open() {
  watch_.limit(WebFault::connect_time, limits_.connect_time);
  const auto& host = request_.proxy ? request_.proxy->host : request_.url.host;
  const auto port = request_.proxy ? request_.proxy->port : request_.url.port;
  std::vector<StreamProtocol::endpoint> addresses;
  if (auto trouble = co_await resolve(host, port, addresses)) co_return trouble;

  wire_ = std::make_unique<Wire>(context_);
  watch_.on_end([this] { wire_->close(); });
  const auto ec = co_await wire_->connect(addresses, limits_.address_time, watch_);
  if (ec || watch_.over()) {
    co_return watch_.why(
        failure(WebFault::no_connection, ErrorCode::unavailable,
                fmt::format("no connection to {}{}:{}: {}", request_.proxy ? "the proxy " : "",
                            host, port, ec.message()),
                look_at_network));
  }
  ++opened_;
  if (!request_.url.tls) co_return std::nullopt;
  if (request_.proxy) {
    if (auto trouble = co_await tunnel()) co_return trouble;
  }
  auto trouble = co_await wire_->secure(trust_, request_.url.host);
  if (trouble || watch_.over()) co_return watch_.why(trouble.value_or(WebFailure{}));
  co_return std::nullopt;
}

Task<Trouble> WebCall::resolve(const std::string& host, std::uint16_t port,
                               std::vector<StreamProtocol::endpoint>& addresses) {
  Timer arrival(context_);
  arrival.expires_at(Timer::time_point::max());
  const auto came = std::make_shared<bool>(false);
  const auto lookup = Lookup::start(host, port, [this, &arrival, came] {
    asio::post(context_, [&arrival, came] {
      if (std::exchange(*came, true)) return;
      arrival.cancel();
    });
  });
  watch_.on_end([&arrival] { arrival.cancel(); });
  if (!*came && !watch_.over()) co_await arrival.async_wait(awaited);
  lookup->forget();
  watch_.on_end(nullptr);
  const bool over = watch_.over();
  *came = true;  // what was posted and not run yet finds nobody to wake
  if (over) co_return watch_.why({});
  auto outcome = lookup->take();
  addresses = std::move(outcome.addresses);
  if (!addresses.empty()) co_return std::nullopt;
  co_return failure(WebFault::no_name, ErrorCode::unavailable,
                    fmt::format("the name {} has no address: {}", host, outcome.failure),
                    "check this machine's name servers, or the proxy settings");
}

Task<Trouble> WebCall::tunnel() {
  std::string bytes = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: {1}\r\n",
                                  request_.url.authority(), request_.user_agent);
  if (!request_.proxy->authorization.empty())
    bytes += fmt::format("Proxy-Authorization: {}\r\n", request_.proxy->authorization);
  bytes += "\r\n";
  const auto ec = co_await wire_->write(bytes);
  if (ec || watch_.over()) {
    co_return watch_.why(failure(WebFault::no_connection, ErrorCode::unavailable,
                                 fmt::format("the proxy broke off: {}", described(ec)),
                                 look_at_network));
  }
  parser_.emplace(head_limits_, true);
  if (auto trouble = co_await read_head()) {
    trouble->error.what += " (from the proxy)";
    co_return trouble;
  }
  const int status = parser_->head().status;
  if (status / 100 == 2 && wire_->buffer().size() == 0) co_return std::nullopt;
  co_return failure(
      WebFault::no_connection, status == 407 ? ErrorCode::permission : ErrorCode::unavailable,
      fmt::format("the proxy answered {} instead of connecting to {}", status,
                  request_.url.authority()),
      status == 407 ? "give the right user and password in https_proxy" : look_at_network);
}

Task<Trouble> WebCall::ask(std::uint64_t max_body, const BodySink* sink) {
  silent_ = true;
  watch_.limit(WebFault::head_time, limits_.head_time);
  const auto ec = co_await wire_->write(request_.bytes);
  // A server may refuse before it has read all: its answer says more than the broken pipe.
  const bool may_have_answered =
      ec == asio::error::broken_pipe || ec == asio::error::connection_reset;
  if ((ec && !may_have_answered) || watch_.over()) {
    co_return watch_.why(failure(
        WebFault::broken, ErrorCode::unavailable,
        fmt::format("{} took no request: {}", request_.url.origin(), described(ec)), "try again"));
  }
  for (int interim = 0;; ++interim) {
    parser_.emplace(head_limits_, request_.head_only);
    if (auto trouble = co_await read_head()) co_return trouble;
    const int status = parser_->head().status;
    if (!parser_->is_interim()) break;
    if (status < 100 || status == 101 || interim == most_interim) {
      co_return failure(
          WebFault::broken, ErrorCode::unavailable,
          fmt::format("{} answered {}, which was not asked for", request_.url.origin(), status));
    }
  }
  const bool to_sink = sink != nullptr && parser_->head().status / 100 == 2;
  parser_->body_to(to_sink ? *sink : collect_, sink == nullptr || to_sink ? max_body : most_words);
  co_return co_await read_body();
}

Task<Trouble> WebCall::read_head() {
  auto& buffer = wire_->buffer();
  for (;;) {
    if (buffer.size() > 0) {
      silent_ = false;
      buffer.consume(parser_->put_some(buffer.data()));
      if (auto trouble = fault_of_answer()) co_return trouble;
      if (parser_->is_header_done()) co_return std::nullopt;
    }
    const auto ec = co_await wire_->read_some();
    if (watch_.over()) co_return watch_.why({});
    if (ec) {
      co_return failure(
          WebFault::broken, ErrorCode::unavailable,
          fmt::format("{} gave no whole answer: {}", request_.url.origin(), described(ec)),
          "try again");
    }
  }
}

Task<Trouble> WebCall::read_body() {
  auto& buffer = wire_->buffer();
  Duration waited{};
  for (;;) {
    while (buffer.size() > 0 && !parser_->is_done()) {
      const std::size_t used = parser_->put_some(buffer.data());
      buffer.consume(used);
      if (auto trouble = fault_of_answer()) co_return trouble;
      if (used == 0) break;
    }
    if (auto trouble = fault_of_answer()) co_return trouble;
    if (watch_.over()) co_return watch_.why({});  // while the sink was at work
    if (parser_->is_done()) co_return std::nullopt;

    watch_.limit(WebFault::stall_time, limits_.stall_time);
    const auto began = clock_.steady();
    const auto ec = co_await wire_->read_some();
    waited += std::chrono::duration_cast<Duration>(clock_.steady() - began);
    watch_.rest();
    if (watch_.over()) co_return watch_.why({});
    if (ec == asio::error::eof) {
      parser_->put_end();
      if (auto trouble = fault_of_answer()) co_return trouble;
      co_return std::nullopt;
    }
    if (ec) {
      co_return failure(
          WebFault::broken, ErrorCode::unavailable,
          fmt::format("the answer of {} broke off: {}", request_.url.origin(), described(ec)),
          "try again");
    }
    const double seconds = std::chrono::duration<double>(waited).count();
    if (waited > limits_.rate_grace &&
        static_cast<double>(parser_->body_bytes()) <
            seconds * static_cast<double>(limits_.least_bytes_a_second)) {
      co_return failure(WebFault::rate, ErrorCode::timeout,
                        fmt::format("{} sent {} bytes in {:.0f} s, too slow to be waited for",
                                    request_.url.origin(), parser_->body_bytes(), seconds),
                        "try again; if it goes on, look at the network");
    }
  }
}

Trouble WebCall::fault_of_answer() const {
  const auto origin = request_.url.origin();
  switch (parser_->fault()) {
    case AnswerParser::Fault::none:
      return std::nullopt;
    case AnswerParser::Fault::sink:
      return WebFailure{WebFault::sink, parser_->sink_error()};
    case AnswerParser::Fault::head_too_large:
      return failure(WebFault::head_too_large, ErrorCode::refused,
                     fmt::format("the headers of {}'s answer are larger than allowed", origin));
    case AnswerParser::Fault::body_too_large:
      return failure(WebFault::body_too_large, ErrorCode::refused,
                     fmt::format("the body of {}'s answer is larger than allowed", origin));
    case AnswerParser::Fault::broken:
      break;
  }
  return failure(WebFault::broken, ErrorCode::unavailable,
                 fmt::format("the answer of {} is not HTTP, or broke off", origin), "try again");
}

WebFailure WebCall::failure(WebFault fault, ErrorCode code, std::string what,
                            std::string remedy) const {
  return {fault, {code, std::move(what), std::move(remedy)}};
}

}  // namespace sigilo::net
