// SPDX-License-Identifier: Apache-2.0
// The JSON value that rooms speak of. Boost.JSON's own header is large: include this only where
// values are touched.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace sigilo::json {
using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;
}  // namespace sigilo::json
