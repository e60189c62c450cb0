// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <limits>
#include <optional>

#include <fmt/format.h>

#include "net/answer_parser_impl.hpp"
#include "net/asio_impl.hpp"

namespace sigilo::net {

namespace {

using LocalSocket = asio::basic_stream_socket<asio::local::stream_protocol, Executor>;

// One read: large enough for a file to cost few turns, small enough not to count.
constexpr std::size_t read_size = std::size_t{64} * 1024;
// The words of a refusal where the body of a success goes to a sink.
constexpr std::uint64_t most_words = std::uint64_t{1024} * 1024;

std::string as_bytes_to_send(const Request& request) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
                                request.method, request.target);
  for (const auto& [name, value] : request.headers) out += fmt::format("{}: {}\r\n", name, value);
  if (!request.body.empty()) out += fmt::format("Content-Length: {}\r\n", request.body.size());
  return out + "\r\n" + request.body;
}

/// One request and its answer, over one connection.
class Exchange {
 public:
  /// `sink` null: the body is collected, up to `max_body`.
  Exchange(const std::string& path, const Request& request, std::uint64_t max_body,
           const BodySink* sink)
      : path_(path),
        bytes_(as_bytes_to_send(request)),
        max_body_(max_body),
        sink_(sink),
        collect_([this](BytesView bytes) -> Result<> {
          parser_.head().body.append(as_text(bytes));
          return {};
        }),
        socket_(context_),
        parser_(HeadLimits{}, request.method == "HEAD") {}

  /// `whole`: for everything; `stall`: from one sign of life to the next.
  Result<Response> run(std::optional<std::chrono::seconds> whole, std::chrono::seconds stall) {
    std::optional<error_code> ended;
    asio::co_spawn(context_, talk(), [&](const std::exception_ptr& thrown, error_code ec) {
      if (thrown) std::rethrow_exception(thrown);
      ended = ec;
    });
    if (whole) {
      context_.run_for(*whole);
    } else {
      while (context_.run_one_for(stall) > 0) {
      }
    }
    if (!ended) {
      return fail(
          ErrorCode::timeout,
          fmt::format("{} did not answer within {} s", path_, (whole ? *whole : stall).count()),
          "try again, or look at the daemon's log");
    }
    if (*ended) return failure(*ended);
    SIGILO_TRY_DO(fault());
    return std::move(parser_.head());
  }

 private:
  Task<error_code> talk() {
    const auto [refused] =
        co_await socket_.async_connect(asio::local::stream_protocol::endpoint(path_), awaited);
    if (refused) co_return refused;
    const auto [broken, sent] = co_await asio::async_write(socket_, asio::buffer(bytes_), awaited);
    // A server may refuse before it has read all: its answer says more than the broken pipe.
    if (broken && broken != asio::error::broken_pipe && broken != asio::error::connection_reset)
      co_return broken;
    co_return co_await read_answer();
  }

  Task<error_code> read_answer() {
    boost::beast::flat_buffer buffer;
    while (parser_.fault() == AnswerParser::Fault::none) {
      if (buffer.size() > 0) {
        const bool was_in_head = !parser_.is_header_done();
        const std::size_t used = parser_.put_some(buffer.data());
        buffer.consume(used);
        if (was_in_head && parser_.is_header_done()) place_body();
        if (parser_.is_done() || unmarked_end_) break;
        if (used > 0) continue;
      }
      const auto [ec, size] = co_await socket_.async_read_some(buffer.prepare(read_size), awaited);
      buffer.commit(size);
      if (ec == asio::error::eof) {
        parser_.put_end();
        break;
      }
      if (ec) co_return ec;
    }
    co_return error_code();
  }

  void place_body() {
    const bool success = parser_.head().status / 100 == 2;
    if (sink_ == nullptr) return parser_.body_to(collect_, max_body_);
    if (!success) return parser_.body_to(collect_, most_words);
    parser_.body_to(*sink_, std::numeric_limits<std::uint64_t>::max());
    unmarked_end_ = parser_.need_eof() && !parser_.is_done();
  }

  Result<> fault() const {
    switch (parser_.fault()) {
      case AnswerParser::Fault::none:
        if (!unmarked_end_) return {};
        return fail(ErrorCode::io,
                    fmt::format("cannot ask {}: the answer does not say where it ends", path_));
      case AnswerParser::Fault::sink:
        return tl::unexpected<Error>(parser_.sink_error());
      case AnswerParser::Fault::body_too_large:
        return fail(ErrorCode::io, fmt::format("cannot ask {}: the answer is too large", path_),
                    "ask for less at once");
      case AnswerParser::Fault::head_too_large:
      case AnswerParser::Fault::broken:
        break;
    }
    return fail(ErrorCode::io,
                fmt::format("cannot ask {}: the answer is not HTTP or broke off", path_),
                "try again, or look at the daemon's log");
  }

  [[nodiscard]] tl::unexpected<Error> failure(const error_code& ec) const {
    std::string what = fmt::format("cannot ask {}: {}", path_, ec.message());
    if (ec == boost::system::errc::no_such_file_or_directory ||
        ec == asio::error::connection_refused) {
      return fail(ErrorCode::unavailable, std::move(what),
                  "start sigilod, or name its configuration with --config");
    }
    if (ec == asio::error::access_denied || ec == boost::system::errc::operation_not_permitted) {
      return fail(ErrorCode::permission, std::move(what),
                  "join the group that may use it, or become root");
    }
    return fail(ErrorCode::io, std::move(what));
  }

  const std::string& path_;
  const std::string bytes_;
  const std::uint64_t max_body_;
  const BodySink* const sink_;
  const BodySink collect_;
  asio::io_context context_{1};
  LocalSocket socket_;
  AnswerParser parser_;
  bool unmarked_end_ = false;
};

Result<> check_path(const std::string& path) {
  if (path.size() < sizeof(sockaddr_un::sun_path)) return {};
  return fail(ErrorCode::invalid_input, fmt::format("the socket's path {} is too long", path),
              fmt::format("use at most {} bytes", sizeof(sockaddr_un::sun_path) - 1));
}

}  // namespace

Result<Response> request_over_unix(const std::string& socket_path, const Request& request,
                                   std::chrono::seconds timeout, std::size_t max_body) {
  SIGILO_TRY_DO(check_path(socket_path));
  return Exchange(socket_path, request, max_body, nullptr).run(timeout, timeout);
}

Result<Response> stream_over_unix(const std::string& socket_path, const Request& request,
                                  std::chrono::seconds stall, const BodySink& sink) {
  SIGILO_TRY_DO(check_path(socket_path));
  return Exchange(socket_path, request, 0, &sink).run(std::nullopt, stall);
}

}  // namespace sigilo::net
