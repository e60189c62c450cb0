// SPDX-License-Identifier: Apache-2.0
#include "message/event.hpp"

#include <array>
#include <utility>

namespace sigilo::message {
namespace {

constexpr std::array<std::pair<Via, std::string_view>, 3> names{
    {{Via::api, "api"}, {Via::app, "app"}, {Via::history, "history"}}};

}  // namespace

std::string_view to_string(Via value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  return "";
}

std::optional<Via> parse_via(std::string_view text) {
  for (const auto& [value, name] : names)
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace sigilo::message
