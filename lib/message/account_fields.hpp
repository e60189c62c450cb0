// SPDX-License-Identifier: Apache-2.0
// Fields about a line, an account, its templates and its groups: one row each, in
// account_fields.cpp. Each gives an event of kind line.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "json/slices.hpp"
#include "json/value.hpp"
#include "message/element.hpp"

namespace sigilo::message {

/// A member of the event, or "outer.inner" for a member of an object in it.
using Path = std::string_view;

struct AccountField {
  /// A member that is copied into details, under the last part of its path: a scalar or an array of
  /// scalars, or where `inner` names members, those of an object or of each object in an array.
  struct Copied {
    Path path;  ///< "" in unused places
    std::array<std::string_view, 7> inner{};
  };
  std::string_view name;
  std::string_view list;  ///< each element of this array is an event; "": the whole value is one
  Path event;             ///< what happened: the second half of Event::type; "" or absent: none
  Path number;            ///< the person it concerns, or ""
  Path user_id;
  std::array<Copied, 8> copied;
};

/// nullptr: not of this table.
const AccountField* find_account_field(std::string_view name);

/// Adds the events of a change of this field; false where it holds something that they don't.
bool read_account_field(const AccountField& field, const Change& change, const json::Object& value,
                        json::Slice at, std::vector<Event>& events);

}  // namespace sigilo::message
