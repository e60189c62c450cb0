// SPDX-License-Identifier: Apache-2.0
// The bodies of Asio and Beast, compiled here once so that every other file builds fast.
// asio_impl.hpp says how they are compiled, so it comes first.
// clang-format off
#include "net/asio_impl.hpp"

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
// clang-format on
