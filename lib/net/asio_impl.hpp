// SPDX-License-Identifier: Apache-2.0
// Private to net: Asio and Beast, with the short names this room uses. Other files include no Boost
// header of their own: the two definitions must come before the first, or each file compiles both
// libraries again.
#pragma once

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error include net/asio_impl.hpp before any header of Asio
#endif
#define BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_BEAST_SEPARATE_COMPILATION
#ifdef __SANITIZE_THREAD__
// ThreadSanitizer does not know fences; for one io thread the queue's mutex is enough.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#endif

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

namespace sigilo::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// The loop's own executor instead of any_io_executor: no virtual call for each operation.
using Executor = asio::io_context::executor_type;
template <class T>
using Task = asio::awaitable<T, Executor>;
/// Operations give (error_code, value) back to a coroutine instead of throwing.
inline constexpr auto awaited = asio::as_tuple(asio::use_awaitable_t<Executor>());

// TCP and Unix sockets differ only in how they are made (listen.hpp).
using StreamProtocol = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<StreamProtocol, Executor>;
using Acceptor = asio::basic_socket_acceptor<StreamProtocol, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace sigilo::net
