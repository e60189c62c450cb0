// SPDX-License-Identifier: Apache-2.0
// Whose line a part of a delivery concerns.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "json/slices.hpp"
#include "json/value.hpp"
#include "message/event.hpp"

namespace sigilo::message {

struct Naming {
  bool any = false;                  ///< it names a line at all
  std::string_view phone_number_id;  ///< of the first line named; views into the delivery's values
  std::string_view display_number;
  std::optional<E164> ours;  ///< the configured one among them
  [[nodiscard]] bool foreign() const { return any && !ours; }

  void add(std::string_view phone_number_id, std::string_view display_number,
           const LineBook& lines);
};

/// Counts a slice of a line that isn't ours, so that it is cut out and none of it becomes an event.
void refuse(Interpretation& to, const Naming& line, json::Slice at, std::size_t things);

/// Every line named anywhere in `value`, for shapes that this version doesn't know.
Naming named_anywhere(const json::Value& value, const LineBook& lines);

/// The line of a change: `metadata` decides; account fields have none, and name the line beside the
/// event or not at all. `value` may be null.
Naming named_in_change(const json::Value& change, const json::Object* value, const LineBook& lines);

}  // namespace sigilo::message
