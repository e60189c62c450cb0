// SPDX-License-Identifier: Apache-2.0
#include "base/number.hpp"
#include "message/event.hpp"

namespace sigilo::message {

LineBook::LineBook(const std::vector<Entry>& lines) {
  for (const Entry& line : lines) {
    if (!line.phone_number_id.value().empty()) {
      by_id_.emplace(line.phone_number_id.value(), line.number);
    }
    const auto number = normalise_number(line.number.value());
    by_number_.emplace(number.value_or(line.number).value(), line.number);
  }
}

std::optional<E164> LineBook::find(std::string_view phone_number_id,
                                   std::string_view display_number) const {
  if (const auto found = by_id_.find(std::string(phone_number_id)); found != by_id_.end()) {
    return found->second;
  }
  // A line that moves to another account gets a new id and keeps its number.
  const auto number = normalise_number(display_number);
  if (!number) return std::nullopt;
  const auto found = by_number_.find(number->value());
  if (found == by_number_.end()) return std::nullopt;
  return found->second;
}

}  // namespace sigilo::message
