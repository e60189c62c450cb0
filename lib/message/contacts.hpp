// SPDX-License-Identifier: Apache-2.0
// Who is on the other side: the identifiers of an element completed from the `contacts` beside it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/value.hpp"
#include "message/event.hpp"

namespace sigilo::message {

/// Longer profile names are cut: one contact stands in the event of each of its messages.
inline constexpr std::size_t max_name_length = 512;

/// At most max_name_length bytes, never a part of a character.
std::string_view cut_name(std::string_view name);

/// The `contacts` of one change. Keeps no reference to the JSON.
class Contacts {
 public:
  /// `contacts` may be null; elements of another shape are passed over.
  explicit Contacts(const json::Array* contacts);
  Contacts(const Contacts&) = delete;
  Contacts& operator=(const Contacts&) = delete;

  /// The party with these identifiers, each "" where the element has none, completed from the
  /// contact that has one of them; never by position, since contacts and messages need not
  /// correspond. An element without any identifier belongs to the only contact, if there is only
  /// one. What is no telephone number counts as user id.
  [[nodiscard]] Party party(std::string_view number, std::string_view user_id) const;

 private:
  [[nodiscard]] const Party* contact_of(const Party& party) const;

  std::vector<Party> parties_;
  std::unordered_map<std::string_view, std::size_t> by_number_;  // views into parties_
  std::unordered_map<std::string_view, std::size_t> by_user_id_;
};

}  // namespace sigilo::message
