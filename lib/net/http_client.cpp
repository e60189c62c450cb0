// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <optional>

#include <fmt/format.h>

#include "net/asio_impl.hpp"

namespace sigilo::net {

namespace {

using LocalSocket = asio::basic_stream_socket<asio::local::stream_protocol, Executor>;
using Parser = http::response_parser<http::string_body>;

std::string as_bytes_to_send(const Request& request) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
                                request.method, request.target);
  for (const auto& [name, value] : request.headers) out += fmt::format("{}: {}\r\n", name, value);
  if (!request.body.empty()) out += fmt::format("Content-Length: {}\r\n", request.body.size());
  return out + "\r\n" + request.body;
}

Task<error_code> exchange(LocalSocket& socket, const std::string& path, const std::string& bytes,
                          Parser& parser) {
  const auto [refused] =
      co_await socket.async_connect(asio::local::stream_protocol::endpoint(path), awaited);
  if (refused) co_return refused;
  const auto [broken, sent] = co_await asio::async_write(socket, asio::buffer(bytes), awaited);
  // A server may refuse before it has read all: its answer says more than the broken pipe.
  if (broken && broken != asio::error::broken_pipe && broken != asio::error::connection_reset)
    co_return broken;
  boost::beast::flat_buffer buffer;
  const auto [ec, received] = co_await http::async_read(socket, buffer, parser, awaited);
  co_return ec;
}

tl::unexpected<Error> failure(const std::string& path, const error_code& ec) {
  std::string what = fmt::format("cannot ask {}: {}", path, ec.message());
  if (ec == boost::system::errc::no_such_file_or_directory ||
      ec == asio::error::connection_refused) {
    return fail(ErrorCode::unavailable, std::move(what),
                "start sigilod, or name its configuration with --config");
  }
  if (ec == asio::error::access_denied || ec == boost::system::errc::operation_not_permitted) {
    return fail(ErrorCode::permission, std::move(what),
                "join the group that may use it, or become root");
  }
  if (ec == http::error::body_limit)
    return fail(ErrorCode::io, std::move(what), "ask for less at once");
  return fail(ErrorCode::io, std::move(what));
}

Response as_response(Parser::value_type message) {
  Response response;
  response.status = message.result_int();
  response.content_type.clear();
  for (const auto& field : message) {
    if (field.name() == http::field::content_type) response.content_type = field.value();
    response.headers.emplace_back(field.name_string(), field.value());
  }
  response.body = std::move(message.body());
  return response;
}

}  // namespace

Result<Response> request_over_unix(const std::string& socket_path, const Request& request,
                                   std::chrono::seconds timeout, std::size_t max_body) {
  if (socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("the socket's path {} is too long", socket_path),
                fmt::format("use at most {} bytes", sizeof(sockaddr_un::sun_path) - 1));
  }
  const std::string bytes = as_bytes_to_send(request);
  Parser parser;
  parser.body_limit(max_body);
  if (request.method == "HEAD") parser.skip(true);

  asio::io_context context{1};
  LocalSocket socket(context);
  std::optional<error_code> ended;
  asio::co_spawn(context, exchange(socket, socket_path, bytes, parser),
                 [&](const std::exception_ptr& thrown, error_code ec) {
                   if (thrown) std::rethrow_exception(thrown);
                   ended = ec;
                 });
  context.run_for(timeout);
  if (!ended) {
    return fail(ErrorCode::timeout,
                fmt::format("{} did not answer within {} s", socket_path, timeout.count()),
                "try again, or look at the daemon's log");
  }
  if (*ended) return failure(socket_path, *ended);
  return as_response(parser.release());
}

}  // namespace sigilo::net
