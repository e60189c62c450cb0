// SPDX-License-Identifier: Apache-2.0
// Which part of the code reads which field of a change: one row a field, in fields.cpp. The fields
// about lines and accounts, which differ only in the members they have, are rows of their own table
// (account_fields.hpp).
#pragma once

#include <vector>

#include "json/slices.hpp"
#include "json/value.hpp"
#include "message/element.hpp"

namespace sigilo::message {

/// Adds the events of a change whose `value` stands at `at`. False where the change holds something
/// that they don't, so that it must be kept whole as well: a field that is in neither table, a
/// message of no line, a part of another shape.
bool read_change(const Change& change, const json::Object& value, json::Slice at,
                 std::vector<Event>& events);

}  // namespace sigilo::message
