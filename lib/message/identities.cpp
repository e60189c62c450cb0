// SPDX-License-Identifier: Apache-2.0
#include "message/identities.hpp"

#include "base/number.hpp"
#include "json/parse.hpp"

namespace sigilo::message {
namespace {

constexpr std::string_view user_id_field = "user_id_update";

std::string text_or_empty(const json::Object& object, std::string_view key) {
  return std::string(json::text_at(object, key).value_or(""));
}

/// The new number, as it stands in messages from then on.
std::string number_of(std::string_view digits) {
  const auto number = normalise_number(digits);
  return number ? number->value() : std::string();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> identities_of(const Event& event) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto add = [&](std::string name, std::string other) {
    if (!name.empty() && !other.empty() && name != other)
      pairs.emplace_back(std::move(name), std::move(other));
  };
  add(event.party.number, event.party.user_id);
  const bool system = event.kind == RecordKind::message && event.type == "system";
  const bool update = event.kind == RecordKind::line && event.type.starts_with(user_id_field);
  if (!system && !update) return pairs;
  const auto details = json::parse(event.details);
  const auto* object = details ? details->if_object() : nullptr;
  if (object == nullptr) return pairs;
  const auto* inner = json::object_at(*object, system ? "system" : "user_id");
  if (inner == nullptr) return pairs;
  if (system) {
    add(event.party.number, number_of(text_or_empty(*inner, "wa_id")));
    add(event.party.number, number_of(text_or_empty(*inner, "new_wa_id")));  // before 2022
  }
  std::string former = text_or_empty(*inner, system ? "previous_user_id" : "previous");
  if (former.empty()) former = event.party.user_id;
  add(std::move(former), text_or_empty(*inner, system ? "user_id" : "current"));
  return pairs;
}

}  // namespace sigilo::message
