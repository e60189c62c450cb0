// SPDX-License-Identifier: Apache-2.0
// Private to net: what a Loop is made of.
#pragma once

#include <list>

#include "net/asio_impl.hpp"
#include "net/loop.hpp"

namespace sigilo::net {

struct Loop::Impl {
  asio::io_context context{1};  // one thread runs it; any may post
  asio::executor_work_guard<Executor> work{context.get_executor()};
  std::list<asio::signal_set> signals;
};

}  // namespace sigilo::net
