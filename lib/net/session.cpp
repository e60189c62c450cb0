// SPDX-License-Identifier: Apache-2.0
// One coroutine a connection: handshake, then request after request, then a close that loses no
// answer.
#include <algorithm>
#include <array>
#include <exception>

#include "net/listen.hpp"
#include "net/response_head.hpp"
#include "net/session_impl.hpp"

namespace sigilo::net {

namespace {

// Reserved once: reading into a buffer that grows from nothing takes many small reads (76,000
// requests/s against 120,000/s).
constexpr std::size_t read_size = std::size_t{16} * 1024;
constexpr std::size_t least_read = std::size_t{4} * 1024;
// A body up to here is copied behind its head: one write instead of two buffers.
constexpr std::size_t small_body = std::size_t{16} * 1024;
// How long a closed connection still takes what the client is sending, so that no reset destroys
// our last answer (RFC 9112 section 9.6).
constexpr std::chrono::milliseconds linger_time{2000};

// Seconds, for clients that are told to come back.
constexpr const char* retry_after = "5";

// Behind each chunk; behind the last, the empty trailer's end.
constexpr std::string_view chunk_end = "\r\n";

using TlsStream = asio::ssl::stream<Socket>;

Socket& socket_of(Socket& socket) {
  return socket;
}
Socket& socket_of(TlsStream& stream) {
  return stream.next_layer();
}

/// Where reading ended: `fine`, the connection is `gone`, or a status that refuses the request.
enum Reading : int { fine = 0, gone = -1 };

template <class Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(std::shared_ptr<Shared> shared, Stream stream)
      : Connection(std::move(shared)),
        stream_(std::move(stream)),
        answer_wait_(stream_.get_executor()),
        peer_(peer_of(socket_of(stream_).native_handle())),
        buffer_(shared_->limits.header_bytes + read_size) {
    buffer_.reserve(read_size);
  }

  Task<void> run() {
    if (!co_await handshake()) co_return;
    bool open = true;
    while (open) open = co_await exchange();
    if (!lost_) co_await close_gently();
  }

  void drop() override {
    error_code ignored;
    socket_of(stream_).close(ignored);
    answer_wait_.cancel();
  }

 private:
  void cancel() override {
    error_code ignored;
    socket_of(stream_).cancel(ignored);
  }

  Task<bool> handshake() {
    set_deadline(shared_->limits.header_time);
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      const auto [ec] = co_await stream_.async_handshake(asio::ssl::stream_base::server, awaited);
      if (ec || timed_out_) {
        shared_->log.debug("TLS handshake with {} failed: {}", peer_.address,
                           timed_out_ ? "timeout" : ec.message());
        co_return false;
      }
      set_deadline(shared_->limits.header_time);
    }
    co_return true;
  }

  /// One request and its answer. False when the connection carries no more.
  Task<bool> exchange() {
    if (buffer_.size() == 0 && !co_await first_bytes()) co_return false;
    if (served_) set_deadline(shared_->limits.header_time);

    RequestParser parser(shared_->limits, shared_->bodies);
    int status = co_await feed(parser, false);
    if (status == fine) status = parser.objection();
    if (status != fine) co_return co_await refuse(status);

    if (shared_->gone) co_return lose();
    const bool with_body = parser.request().method != "HEAD";
    if (shared_->handlers.head) {
      auto refusal = shared_->handlers.head(parser.request(), peer_);
      if (refusal) co_return co_await write(std::move(*refusal), false, with_body);
    }

    if (!parser.is_done()) {
      set_deadline(shared_->limits.body_time);
      if (parser.waits_for_continue() && buffer_.size() == 0 && !co_await go_on()) co_return false;
      parser.eager(true);
      status = co_await feed(parser, true);
      if (status != fine) co_return co_await refuse(status);
    }
    deadline_ = 0;
    if (shared_->gone) co_return lose();
    const bool may_continue = parser.may_continue();
    const bool knows_chunks = parser.knows_chunks();
    Response response = co_await answer_to(parser.take());
    served_ = true;
    if (response.source && !knows_chunks) response = plain_response(505);
    const bool keep = may_continue && !response.close && !shared_->stopping;
    if (response.source && with_body && may_have_body(response.status)) {
      co_return co_await write_pieces(std::move(response), keep);
    }
    co_return co_await write(std::move(response), keep, with_body);
  }

  Task<bool> first_bytes() {
    if (shared_->stopping) co_return false;
    if (served_) set_deadline(shared_->limits.idle_time);
    idle_ = true;
    const bool came = co_await read_some();
    idle_ = false;
    co_return came;
  }

  Task<bool> read_some() {
    const std::size_t room = buffer_.capacity() - buffer_.size();
    const std::size_t most = buffer_.max_size() - buffer_.size();
    const auto [ec, size] = co_await stream_.async_read_some(
        buffer_.prepare(std::min(std::max(room, least_read), most)), awaited);
    buffer_.commit(size);
    lost_ = ec && !timed_out_;
    co_return !ec && !timed_out_;
  }

  /// Gives the parser what it needs to the end of the headers or of the whole request.
  Task<int> feed(RequestParser& parser, bool whole) {
    std::size_t taken = 0;
    for (;;) {
      if (buffer_.size() > 0) {
        error_code ec;
        const std::size_t size = parser.put(buffer_.data(), ec);
        buffer_.consume(size);
        taken += size;
        // Beast limits the request line and the fields, each for itself.
        if (!whole && taken > shared_->limits.header_bytes) co_return 431;
        if (ec && ec != http::error::need_more) co_return parser.status_of(ec);
        if (whole ? parser.is_done() : parser.is_header_done()) co_return fine;
      }
      if (buffer_.size() == buffer_.max_size()) co_return whole ? 400 : 431;
      if (!co_await read_some()) co_return timed_out_ ? 408 : static_cast<int>(gone);
    }
  }

  Task<bool> go_on() {
    const auto [ec, size] = co_await asio::async_write(
        stream_, asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), awaited);
    co_return ec || timed_out_ ? lose() : true;
  }

  Task<Response> answer_to(Request request) {
    answer_.reset();
    const auto number = ++exchange_;
    shared_->handlers.request(std::move(request), peer_,
                              [weak = this->weak_from_this(), number](Response response) {
                                if (const auto self = weak.lock()) {
                                  self->take_answer(number, std::move(response));
                                }
                              });
    if (!answer_) {
      answer_wait_.expires_after(shared_->limits.answer_time);
      co_await answer_wait_.async_wait(awaited);
    }
    ++exchange_;  // what comes later belongs to no request
    if (answer_) co_return std::move(*answer_);
    Response late = plain_response(503);
    late.headers.emplace_back("Retry-After", retry_after);
    late.close = true;
    co_return late;
  }

  void take_answer(std::uint64_t number, Response response) {
    if (number != exchange_ || answer_) return;
    answer_ = std::move(response);
    answer_wait_.cancel();
  }

  Task<bool> refuse(int status) {
    if (status == gone) co_return false;
    Response response = plain_response(status);
    if (status == 503) response.headers.emplace_back("Retry-After", retry_after);
    co_return co_await write(std::move(response), false, true);
  }

  /// Gives back `keep`, or false when the answer could not be sent.
  Task<bool> write(Response response, bool keep, bool with_body) {
    out_.clear();
    append_head(out_, response, keep);
    if (!with_body || !may_have_body(response.status)) response.body.clear();
    if (response.body.size() <= small_body) {
      out_ += response.body;
      response.body.clear();
    }
    const std::array<asio::const_buffer, 2> parts{asio::buffer(out_), asio::buffer(response.body)};
    set_deadline(shared_->limits.write_time);
    const auto [ec, size] = co_await asio::async_write(stream_, parts, awaited);
    co_return ec || timed_out_ ? lose() : keep;
  }

  /// As write(), with the body from the response's source. What went out without the last chunk is
  /// for the client a body that broke off.
  Task<bool> write_pieces(Response response, bool keep) {
    out_.clear();
    append_head(out_, response, keep);
    for (;;) {
      const auto piece = co_await piece_from(response.source);
      if (!piece) co_return lose();
      append_chunk_head(out_, piece->size());
      const std::array<asio::const_buffer, 3> parts{asio::buffer(out_), asio::buffer(*piece),
                                                    asio::buffer(chunk_end)};
      set_deadline(shared_->limits.write_time);
      const auto [ec, size] = co_await asio::async_write(stream_, parts, awaited);
      if (ec || timed_out_) co_return lose();
      if (piece->empty()) co_return keep;
      out_.clear();
    }
  }

  /// The next piece; nullopt when it failed, came too late, or the server is gone.
  Task<std::optional<std::string>> piece_from(const BodySource& source) {
    deadline_ = 0;
    piece_.reset();
    const auto number = ++exchange_;
    source([weak = this->weak_from_this(), number](Result<std::string> piece) {
      if (const auto self = weak.lock()) self->take_piece(number, std::move(piece));
    });
    if (!piece_) {
      answer_wait_.expires_after(shared_->limits.answer_time);
      co_await answer_wait_.async_wait(awaited);
    }
    ++exchange_;
    if (shared_->gone) co_return std::nullopt;
    if (!piece_) {
      shared_->log.warning("an answer was cut: its next part did not come in time");
      co_return std::nullopt;
    }
    if (!*piece_) {
      shared_->log.warning("an answer was cut: {}", piece_->error().message());
      co_return std::nullopt;
    }
    co_return std::move(**piece_);
  }

  void take_piece(std::uint64_t number, Result<std::string> piece) {
    if (number != exchange_ || piece_) return;
    piece_ = std::move(piece);
    answer_wait_.cancel();
  }

  bool lose() {
    lost_ = true;
    return false;
  }

  Task<void> close_gently() {
    set_deadline(linger_time);
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      co_await stream_.async_shutdown(awaited);
    }
    error_code ec;
    auto& socket = socket_of(stream_);
    socket.shutdown(Socket::shutdown_send, ec);
    buffer_.clear();
    while (!ec && !timed_out_ && !shared_->gone) {
      std::tie(ec, std::ignore) =
          co_await socket.async_read_some(buffer_.prepare(read_size), awaited);
    }
  }

  Stream stream_;
  Timer answer_wait_;
  const Peer peer_;
  boost::beast::flat_buffer buffer_;
  std::string out_;
  std::optional<Response> answer_;
  std::optional<Result<std::string>> piece_;
  std::uint64_t exchange_ = 0;
  bool served_ = false;  // a request was answered: the next may let itself be waited for
  bool lost_ = false;    // the other side is gone: nothing more can be said
};

template <class Stream>
void spawn(const std::shared_ptr<Shared>& shared, Stream stream) {
  const auto executor = stream.get_executor();
  auto session = std::make_shared<Session<Stream>>(shared, std::move(stream));
  auto& started = *session;
  asio::co_spawn(executor, started.run(),
                 [session = std::move(session), shared](const std::exception_ptr& thrown) {
                   if (!thrown) return;
                   try {
                     std::rethrow_exception(thrown);
                   } catch (const std::exception& e) {
                     shared->log.error("a connection ended by an exception: {}", e.what());
                   }
                 });
}

}  // namespace

void Connection::check_deadline() {
  if (deadline_ == 0 || shared_->now < deadline_) return;
  deadline_ = 0;
  timed_out_ = true;
  cancel();
}

void Connection::end_if_idle() {
  if (!idle_) return;
  timed_out_ = true;
  cancel();
}

void Connection::set_deadline(std::chrono::milliseconds limit) {
  timed_out_ = false;
  // Rounded up, and one more: a part of the present tick is over.
  const auto ticks = (limit + shared_->tick - std::chrono::milliseconds(1)) / shared_->tick + 1;
  deadline_ = shared_->now + static_cast<std::uint64_t>(ticks);
}

void serve(const std::shared_ptr<Shared>& shared, Socket socket, asio::ssl::context* tls) {
  if (tls) {
    spawn(shared, TlsStream(std::move(socket), *tls));
  } else {
    spawn(shared, std::move(socket));
  }
}

}  // namespace sigilo::net
