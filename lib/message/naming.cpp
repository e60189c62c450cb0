// SPDX-License-Identifier: Apache-2.0
#include "message/naming.hpp"

#include "json/parse.hpp"

namespace sigilo::message {
namespace {

void add_named_by(const json::Object& object, const LineBook& lines, Naming& naming) {
  naming.add(json::text_at(object, "phone_number_id").value_or(""),
             json::text_at(object, "display_phone_number").value_or(""), lines);
}

void add_all_named(const json::Value& value, const LineBook& lines, Naming& naming) {
  if (const auto* array = value.if_array()) {
    for (const json::Value& element : *array) add_all_named(element, lines, naming);
  } else if (const auto* object = value.if_object()) {
    add_named_by(*object, lines, naming);
    for (const auto& member : *object) add_all_named(member.value(), lines, naming);
  }
}

}  // namespace

void Naming::add(std::string_view phone_number_id, std::string_view display_number,
                 const LineBook& lines) {
  if (phone_number_id.empty() && display_number.empty()) return;
  any = true;
  if (!ours) ours = lines.find(phone_number_id, display_number);
}

Naming named_anywhere(const json::Value& value, const LineBook& lines) {
  Naming naming;
  add_all_named(value, lines, naming);
  return naming;
}

Naming named_in_change(const json::Value& change, const json::Object* value,
                       const LineBook& lines) {
  Naming naming;
  if (value != nullptr) {
    if (const auto* metadata = json::object_at(*value, "metadata"))
      add_named_by(*metadata, lines, naming);
    if (naming.any) return naming;
    naming.add("", json::text_at(*value, "phone_number").value_or(""), lines);
  }
  add_all_named(change, lines, naming);
  return naming;
}

}  // namespace sigilo::message
