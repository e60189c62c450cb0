// SPDX-License-Identifier: Apache-2.0
#include "message/naming.hpp"

#include <algorithm>

#include "base/number.hpp"
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

void Naming::add(std::string_view id, std::string_view number, const LineBook& lines) {
  if (id.empty() && number.empty()) return;
  if (!any) {
    phone_number_id = id;
    display_number = number;
  }
  any = true;
  if (!ours) ours = lines.find(id, number);
}

void refuse(Interpretation& to, const Naming& line, json::Slice at, std::size_t things) {
  to.not_monitored += things;
  to.foreign.emplace_back(at.offset, at.length);
  ForeignLine foreign;
  if (line.phone_number_id.size() <= max_id_length) foreign.phone_number_id = line.phone_number_id;
  const auto number = normalise_number(line.display_number);
  foreign.number = number ? number->value() : foreign.phone_number_id;
  auto& known = to.foreign_lines;
  const auto find = [&] {
    return std::ranges::find_if(known, [&](const ForeignLine& other) {
      return other.number == foreign.number && other.phone_number_id == foreign.phone_number_id;
    });
  };
  auto found = find();
  if (found == known.end() && known.size() >= max_foreign_lines) {
    foreign = {};
    found = find();
  }
  if (found == known.end()) found = known.insert(known.end(), std::move(foreign));
  found->things += things;
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
